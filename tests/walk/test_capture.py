"""Whose ticket it is: nobody captures a partner's request, and nobody in copy moves a ticket."""

from __future__ import annotations

import pytest

from tests.simulation.scene import Scene, kinds
from triaged.simulation import mails
from triaged.simulation.town import AUTHSERV, GLOBAL, STAFF
from triaged.store.rows import Fate, LedgerMail
from triaged.tickets import cases, notes
from triaged.tickets.cases import CaseStep
from triaged.tickets.states import Moved
from triaged.tickets.ticket import Happening, State, Ticket
from triaged.vocabulary import Severity

H = Happening
EVE, CARL = "eve@far.example", "carl@client.example"


def large(scene: Scene) -> str:
    """A request of Ann's about an account that is large."""
    one = next(
        c for c in scene.month.town.of(scene.ann) if c.subscriptions.endswith(("=300", "=500", "=400"))
    )
    return f"Please reset the second factor in Zoho CRM.\n\nSuperAdmin: {one.superadmin}\nZOID: {one.zoid}\n"


def comes(
    scene: Scene, sender: str, body: str = "How do we rename a module?", subject: str = "Question", *,
    dmarc: str = "pass", answers: tuple[str, ...] = (), cc: tuple[str, ...] = (), message_id: str = "",
) -> LedgerMail:  # fmt: skip
    """A mail by hand, with our mail server's word on its sender."""
    raw = mails.write(
        ("Somebody", sender), [GLOBAL], subject, body, scene.month.now, message_id or scene.id(sender),
        answers=list(answers), cc=list(cc),
    )  # fmt: skip
    return scene.arrives(
        raw.replace(f"{AUTHSERV}; dmarc=pass".encode(), f"{AUTHSERV}; dmarc={dmarc}".encode())
    )


def letters_to(scene: Scene, address: str) -> int:
    return sum(address in one.to for one in scene.letters())


def captured(scene: Scene, first: LedgerMail, mail: LedgerMail) -> Ticket:
    """Ann's ticket after all: hers, S1, and nothing of it goes to whoever tried."""
    ticket = scene.ticket(mail)
    assert mail.ticket_id != first.ticket_id
    assert (ticket.trusted, ticket.severity, ticket.large_user) == (True, Severity.S1, True)
    assert letters_to(scene, scene.ann.address) >= 1
    before = letters_to(scene, EVE)
    scene.desk().progress(ticket, "we look at it")
    scene.passes(hours=6)
    assert letters_to(scene, EVE) == before
    return ticket


@pytest.mark.parametrize("dmarc", ["pass", "none"])
def test_a_stranger_with_the_partner_in_cc_does_not_get_the_partners_forward(
    scene: Scene, dmarc: str
) -> None:
    first = comes(scene, EVE, cc=(scene.ann.address,), dmarc=dmarc)
    mail = scene.writes(large(scene), "FW: Question", [first.message_id])
    assert captured(scene, first, mail).linked_to == first.ticket_id


def test_a_strangers_number_in_the_partners_subject_captures_nothing(scene: Scene) -> None:
    first = comes(scene, EVE, cc=(scene.ann.address,))
    reference = scene.ticket(first).reference
    captured(scene, first, scene.writes(large(scene), f"Re: [{reference}] Question"))


def test_a_known_id_in_a_strangers_references_captures_nothing_and_splits_no_thread(scene: Scene) -> None:
    known = "<plan-7@partner-internal.example>"  # a mail of the partner's house that the stranger has seen
    first = comes(scene, EVE, cc=(scene.ann.address,), answers=(known,))
    mail = scene.writes(large(scene), "Our case", [known])
    ticket = captured(scene, first, mail)
    assert scene.writes("It began on Monday.", "Re: Our case", [known]).ticket_id == ticket.id


def test_a_partners_own_id_used_by_a_stranger_first_captures_nothing(scene: Scene) -> None:
    own = "<own-9@partner.example>"
    first = comes(scene, EVE, cc=(scene.ann.address,), message_id=own)
    raw = mails.write(
        (scene.ann.name, scene.ann.address), [GLOBAL], "Ours", large(scene), scene.month.now, own
    )
    mail = scene.arrives(raw)
    ticket = captured(scene, first, mail)
    assert scene.writes("Any news?", "Re: Ours", [own]).ticket_id == ticket.id
    assert scene.staff_writes(mail).ticket_id == ticket.id


@pytest.mark.parametrize("answers", [True, False])
def test_a_ticket_forged_in_the_partners_own_name_captures_no_request(scene: Scene, answers: bool) -> None:
    known = "<plan-8@partner-internal.example>"
    first = comes(scene, scene.ann.address, dmarc="none", answers=(known,), cc=(EVE,))
    scene.passes(days=1)
    subject = "Ours" if answers else f"Re: [{scene.ticket(first).reference}] Ours"
    mail = scene.writes(large(scene), subject, [known] if answers else [])
    ticket = captured(scene, first, mail)
    assert ticket.created_at == scene.month.now or ticket.created_at > scene.ticket(first).created_at


def test_another_partner_in_copy_opens_a_ticket_of_his_own(scene: Scene) -> None:
    other = next(
        p
        for p in scene.month.town.people
        if p.address.rpartition("@")[2] != scene.ann.address.rpartition("@")[2]
    )
    first = scene.asks(cc=[other.address])
    mail = scene.writes("We see it too.", answers=[first.message_id], who=other)
    assert mail.ticket_id != first.ticket_id and scene.ticket(mail).linked_to == first.ticket_id


def test_who_answers_our_letter_takes_over_what_came_in_his_name_and_strangers_lose_their_place(
    scene: Scene,
) -> None:
    first = comes(scene, scene.ann.address, "It is slow.", dmarc="none", cc=(EVE,))
    assert EVE in {p.address for p in scene.ticket(first).people}
    letter = scene.letters()[-1]
    assert letter.to[0] == scene.ann.address
    answer = scene.writes(large(scene), f"Re: {letter.subject}", [letter.message_id])
    ticket = scene.ticket(first)
    assert (answer.ticket_id, ticket.trusted, ticket.severity) == (first.ticket_id, True, Severity.S1)
    assert EVE not in {p.address for p in ticket.people}


@pytest.mark.parametrize("dmarc", ["none", "fail"])
def test_a_forged_early_copy_does_not_swallow_the_true_mail(scene: Scene, dmarc: str) -> None:
    raw = mails.write(
        (scene.ann.name, scene.ann.address), [GLOBAL], "Ours", large(scene), scene.month.now, "<c@x.example>"
    )
    forged = scene.arrives(raw.replace(b"dmarc=pass", f"dmarc={dmarc}".encode()))
    true = scene.arrives(raw)
    assert (true.duplicate_of, scene.ticket(true).severity) == (None, Severity.S1)
    assert true.ticket_id != forged.ticket_id and scene.ticket(true).trusted
    again = scene.arrives(raw.replace(b"Subject:", b"X-By: another way\r\nSubject:"))
    assert (again.duplicate_of, again.ticket_id) == (true.id, true.ticket_id)


def confirming(scene: Scene, first: LedgerMail) -> None:
    """A case of the ticket waits for the partner's word."""
    for step in (CaseStep.SUBMITTED, CaseStep.CONFIRMING):
        before = scene.ticket(first)
        moved = cases.move_case(before, "CP-7", step, scene.month.now, "cli:cy", "by hand")
        assert isinstance(moved, Moved)
        with scene.store.transaction() as tx:
            tx.save(before, moved.ticket)
            tx.add_events(before.id, moved.events)


BYSTANDERS = [(CARL, "pass"), (CARL, "none"), ("ann", "none"), ("ann", "temperror")]


@pytest.mark.parametrize(("sender", "dmarc"), BYSTANDERS)
@pytest.mark.parametrize(
    "body", ["Thanks!", "Thank you, it works now.", "Zoho CRM is down for all our users!"]
)
def test_who_does_not_speak_for_the_partner_confirms_nothing_and_makes_nothing_more_severe(
    scene: Scene, sender: str, dmarc: str, body: str
) -> None:
    first = scene.asks(cc=[CARL])
    confirming(scene, first)
    before = scene.ticket(first)
    paged = len(scene.letters("new_s1"))
    sender = scene.ann.address if sender == "ann" else sender
    answer = comes(scene, sender, body, "Re: One report is slow", dmarc=dmarc, answers=(first.message_id,))
    after = scene.ticket(first)
    assert answer.ticket_id == first.ticket_id
    assert cases.cases(after)[0].step is CaseStep.CONFIRMING and after.reviews
    assert (after.severity, after.service_level) == (before.severity, before.service_level)
    assert len(scene.letters("new_s1")) == paged


@pytest.mark.parametrize(("sender", "dmarc"), BYSTANDERS)
@pytest.mark.parametrize("body", ["It is as slow as before.", "1", "5 - thanks", "1 - still broken"])
def test_who_does_not_speak_for_the_partner_reopens_and_rates_nothing(
    scene: Scene, sender: str, dmarc: str, body: str
) -> None:
    first = scene.asks(cc=[CARL])
    scene.desk().happen(scene.ticket(first), "resolved", "a setting was wrong")
    scene.month.turn()
    (letter,) = scene.letters("resolved")
    sender = scene.ann.address if sender == "ann" else sender
    comes(scene, sender, body, f"Re: {letter.subject}", dmarc=dmarc, answers=(letter.message_id,))
    ticket = scene.ticket(first)
    assert ticket.state is State.RESOLVED
    assert not {H.REOPENED, H.RATED} & set(kinds(ticket))
    scene.writes("It is as slow as before.", f"Re: {letter.subject}", [letter.message_id])
    assert scene.ticket(first).state is State.OPEN


def test_a_rating_of_a_closed_ticket_counts_only_from_its_partner(scene: Scene) -> None:
    first = scene.asks(cc=[CARL])
    scene.desk().happen(scene.ticket(first), "resolved", "a setting was wrong")
    scene.month.turn()
    (letter,) = scene.letters("resolved")
    scene.desk().happen(scene.ticket(first), "closed", "done")
    for sender, dmarc in ((CARL, "pass"), (scene.ann.address, "none")):
        comes(scene, sender, "1", f"Re: {letter.subject}", dmarc=dmarc, answers=(letter.message_id,))
    assert H.RATED not in kinds(scene.ticket(first))
    comes(scene, scene.ann.address, "4", f"Re: {letter.subject}", answers=(letter.message_id,))
    assert H.RATED in kinds(scene.ticket(first))


def test_a_number_alone_from_nobody_verified_joins_nothing(scene: Scene) -> None:
    first = scene.asks(cc=[CARL])
    scene.desk().happen(scene.ticket(first), "resolved", "a setting was wrong")
    scene.month.turn()
    subject = f"Re: [{scene.ticket(first).reference}] One report is slow"
    before = len(scene.ticket(first).events)
    for sender in (scene.ann.address, CARL):
        forged = comes(scene, sender, "It is as slow as before.", subject, dmarc="none")
        assert forged.ticket_id != first.ticket_id and forged.fate is Fate.TICKET
    assert len(scene.ticket(first).events) == before
    scene.writes("It is as slow as before.", subject)
    assert scene.ticket(first).state is State.OPEN


def test_a_verified_stranger_reopens_his_own_ticket(scene: Scene) -> None:
    first = comes(scene, EVE, "One report is slow.")
    scene.desk().happen(scene.ticket(first), "resolved", "a setting was wrong")
    comes(scene, EVE, "Still slow, sorry.", "Re: Question", dmarc="none", answers=(first.message_id,))
    assert scene.ticket(first).state is State.RESOLVED
    comes(scene, EVE, "Still slow, sorry.", "Re: Question", answers=(first.message_id,))
    assert scene.ticket(first).state is State.OPEN


def test_a_bystander_sets_nothing_going(scene: Scene) -> None:
    """Whoever is in copy may write; whose case it is and how severe stays with those who have it."""
    first = scene.asks(cc=[CARL])
    before = scene.ticket(first)
    told = "Zoho Books is down for all of us, nobody can work."
    comes(scene, CARL, told, answers=(first.message_id,))
    after = scene.ticket(first)
    kept = ("service", "severity", "last_message_id", "partner_domain", "state")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    scene.writes(told, answers=[first.message_id])
    assert scene.ticket(first).service == "Zoho Books"


def test_a_bystander_brings_in_nobody(scene: Scene) -> None:
    first = scene.asks(cc=[CARL])
    before = scene.ticket(first).people
    comes(
        scene,
        CARL,
        "I see it too.",
        answers=(first.message_id,),
        cc=(EVE, f"eve@{scene.ann.address.rpartition('@')[2]}"),
    )
    assert scene.ticket(first).people == before


def _note(scene: Scene, first: LedgerMail, how: str, n: int) -> None:
    if how == "abuse":
        comes(scene, f"eve{n}@far{n}.example", f"Note {n}", answers=(first.message_id,))
    elif how == "copy":
        comes(scene, CARL, f"Note {n}", answers=(first.message_id,))
    elif how == "forged":
        comes(scene, scene.ann.address, f"Note {n}", dmarc="none", answers=(first.message_id,))
    elif how == "staff":
        comes(scene, STAFF[0], f"Note {n}", dmarc="none", answers=(first.message_id,))
    else:
        letter = scene.letters("acknowledgment")[0]
        scene.arrives(
            mails.bounce(scene.ann.address, GLOBAL, scene.month.now, f"<b{n}@mx.example>", letter.message_id)
        )


@pytest.mark.parametrize("how", ["abuse", "copy", "forged", "staff", "bounce"])
def test_forged_notes_do_not_grow_a_ticket_without_bound(
    scene: Scene, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MOST", 5)
    first = scene.asks(cc=[CARL])
    for n in range(12):
        _note(scene, first, how, n)
    ticket = scene.ticket(first)
    assert notes.count(ticket.events) == 6
    assert [e.data.get("enough") for e in ticket.events].count(True) == 1
    assert len(scene.letters("undeliverable")) <= 1
    scene.writes("Any news?", answers=[first.message_id])
    assert H.PARTNER_ANSWERED in [e.kind for e in scene.ticket(first).events if not e.data.get("bystander")]
