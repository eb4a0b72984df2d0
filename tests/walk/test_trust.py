"""What mail can do that nobody verified: join, tell, ask for a human; never learn, stop a clock or take an S1."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.simulation.scene import Scene, kinds
from triaged.simulation import mails
from triaged.simulation.postman import Delivered
from triaged.simulation.town import AUTHSERV, GLOBAL, STAFF
from triaged.store.rows import LedgerMail
from triaged.tickets.ticket import Happening, State, Ticket
from triaged.vocabulary import Kind, Severity
from triaged.walk.caps import IN_A_NAME_AN_HOUR, STRANGERS_AN_HOUR

H = Happening


def large(scene: Scene):
    """Ann writes about a customer whose account is large."""
    one = next(
        c for c in scene.month.town.of(scene.ann) if c.subscriptions.endswith(("=300", "=500", "=400"))
    )
    return scene.writes(
        f"How do I add a field in Zoho CRM?\n\nSuperAdmin: {one.superadmin}\nZOID: {one.zoid}\n", "A question",
        cc=["carl@client.example"],
    )  # fmt: skip


def comes(
    scene: Scene, sender: str, first: LedgerMail, body: str, *, dmarc: str = "none", cc: tuple[str, ...] = ()
) -> LedgerMail:
    """An answer on a thread whose sender our mail server does not vouch for."""
    raw = mails.write(
        ("Somebody", sender), [GLOBAL], f"Re: {first.subject}", body, scene.month.now, scene.id(sender),
        answers=[first.message_id], cc=cc,
    )  # fmt: skip
    return scene.arrives(
        raw.replace(f"{AUTHSERV}; dmarc=pass".encode(), f"{AUTHSERV}; dmarc={dmarc}".encode())
    )


def people(ticket: Ticket, role: str) -> set[str]:
    return {p.address for p in ticket.people if p.role == role}


@pytest.mark.parametrize("sender", ["carl@client.example", "ann"])
def test_an_unverified_answer_does_not_take_a_large_account_its_s1(scene: Scene, sender: str) -> None:
    first = large(scene)
    assert scene.ticket(first).severity is Severity.S1
    comes(scene, scene.ann.address if sender == "ann" else sender, first, "Any news on this?")
    after = scene.ticket(first)
    assert (after.severity, after.service_level, after.large_user) == (Severity.S1, "large-account", True)


def test_identifiers_of_an_unverified_answer_give_no_s1_and_bring_no_letter(scene: Scene) -> None:
    one = next(
        c for c in scene.month.town.of(scene.ann) if c.subscriptions.endswith(("=300", "=500", "=400"))
    )
    first = scene.writes("How do I add a field in Zoho CRM?", "A question", cc=["carl@client.example"])
    assert scene.ticket(first).no_identifier
    before = len(scene.letters())
    comes(
        scene, "carl@client.example", first, f"SuperAdmin: {one.superadmin}\nZOID: {one.zoid}", dmarc="pass"
    )
    after = scene.ticket(first)
    assert (after.severity is Severity.S1, after.account_key, after.no_identifier) == (False, None, True)
    assert len([x for x in scene.letters()[before:] if "client.example" in " ".join(x.to)]) == 0
    # Ann's own word counts, and the thanks for it go to Ann alone.
    scene.writes(f"SuperAdmin: {one.superadmin}", answers=[first.message_id])
    assert scene.ticket(first).severity is Severity.S1
    (thanks,) = scene.letters("details_received")
    assert thanks.to == (scene.ann.address,)


def test_a_stranger_in_cc_who_answers_gets_no_letters_for_it(scene: Scene) -> None:
    first = scene.asks(cc=["carl@client.example"])
    comes(scene, "carl@client.example", first, "I see it too.", dmarc="pass", cc=("eve@far.example",))
    ticket = scene.ticket(first)
    assert people(ticket, "cc") == set() and "carl@client.example" in people(ticket, "other")
    scene.desk().happen(ticket, "resolved", "a setting was wrong")
    scene.month.turn()
    (letter,) = scene.letters("resolved")
    assert letter.to == (scene.ann.address,)


def test_a_verified_partner_does_not_verify_a_strangers_ticket(scene: Scene) -> None:
    raw = mails.write(
        ("Eve", "eve@far.example"), [GLOBAL], "Please help", "It is slow.", scene.month.now,
        "<eve-1@far.example>", cc=[scene.ann.address],
    )  # fmt: skip
    first = scene.arrives(raw)
    scene.writes(f"This is ours.\nZOID: {scene.customer.zoid}", "Re: Please help", [first.message_id])
    ticket = scene.ticket(first)
    assert not ticket.trusted
    scene.desk().progress(ticket, "we look at it")
    scene.month.turn()
    told = [one for one in scene.letters("progress_update") if "eve@far.example" in one.to]
    assert told and all(scene.customer.key.encode() not in one.raw.lower() for one in told)


@pytest.mark.parametrize("dmarc", ["none", "temperror"])
def test_forged_staff_mail_stops_no_clock_and_asks_for_a_human(scene: Scene, dmarc: str) -> None:
    first = scene.asks()
    raw = mails.write(
        ("Cy Moor", STAFF[0]), [scene.ann.address], "Re: One report is slow", "All done, bye.", scene.month.now,
        "<forged@evil.example>", cc=[GLOBAL], answers=[first.message_id],
    )  # fmt: skip
    scene.arrives(raw.replace(f"{AUTHSERV}; dmarc=pass".encode(), f"{AUTHSERV}; dmarc={dmarc}".encode()))
    ticket = scene.ticket(first)
    assert (ticket.state, H.STAFF_ANSWERED in kinds(ticket)) == (State.NEW, False)
    assert any("unverified staff mail" in review for review in ticket.reviews)
    assert ticket.last_message_id != "<forged@evil.example>"


def test_staff_answers_count_when_verified_or_from_the_sent_folder(scene: Scene) -> None:
    for sent in (True, False):
        first = scene.asks()
        scene.staff_writes(first, sent=sent)
        assert H.STAFF_ANSWERED in kinds(scene.ticket(first))


LOGINS = {
    f"auth=pass (LOGIN) smtp.auth={STAFF[0]} smtp.mailfrom={STAFF[0]}": True,
    f"auth=pass smtp.auth={STAFF[0].upper()}": True,
    f"auth=pass smtp.auth={STAFF[0].partition('@')[0]}": False,
    f"auth=pass smtp.auth={STAFF[1]}": False,
    f"auth=fail smtp.auth={STAFF[0]}": False,
}


@pytest.mark.parametrize(("login", "counts"), LOGINS.items())
def test_a_staff_answer_by_cc_counts_when_our_server_checked_the_password_of_its_sender(
    scene: Scene, login: str, counts: bool
) -> None:
    first = scene.asks()
    raw = mails.write(
        ("Cy Moor", STAFF[0]), [scene.ann.address], "Re: One report is slow", "Please try again now.",
        scene.month.now, "<login@zohocorp.com>", cc=[GLOBAL], answers=[first.message_id],
    )  # fmt: skip
    ours = f"{AUTHSERV}; dmarc=pass header.from={STAFF[0].partition('@')[2]}".encode()
    assert ours in raw
    scene.arrives(raw.replace(ours, f"{AUTHSERV};\n {login}; spf=none".encode()))
    assert (H.STAFF_ANSWERED in kinds(scene.ticket(first))) is counts


def test_who_was_not_asked_cannot_rate(scene: Scene) -> None:
    first = scene.asks(cc=["carl@client.example"])
    scene.desk().happen(scene.ticket(first), "resolved", "a setting was wrong")
    comes(scene, "carl@client.example", first, "1", dmarc="pass")
    assert H.RATED not in kinds(scene.ticket(first))


def test_a_forgery_that_comes_first_does_not_make_the_true_mail_vanish(scene: Scene) -> None:
    address = scene.ann.address
    raw = mails.write(
        (scene.ann.name, address), [GLOBAL], "Slow", "It is slow.", scene.month.now, "<one@x.example>"
    )
    forged = scene.arrives(raw.replace(b"dmarc=pass", b"dmarc=fail"))
    assert forged.kind == Kind.SPOOF
    true = scene.arrives(raw)
    assert (true.kind, true.duplicate_of) == (Kind.REQUEST, None) and true.ticket_id != forged.ticket_id
    assert scene.ticket(true).trusted


def test_a_copy_of_a_mail_under_another_name_is_not_the_same_mail(scene: Scene) -> None:
    body = ["Slow", "It is slow.", scene.month.now, "<one@x.example>"]
    scene.arrives(mails.write(("Eve", "eve@far.example"), [GLOBAL], *body))
    true = scene.arrives(mails.write((scene.ann.name, scene.ann.address), [GLOBAL], *body))
    assert true.duplicate_of is None and scene.ticket(true).trusted


def test_a_forgery_walked_again_stays_on_its_one_ticket(scene: Scene) -> None:
    raw = mails.write(
        (scene.ann.name, scene.ann.address), [GLOBAL], "Slow", "Slow.", scene.month.now, "<f@x.example>"
    )
    forged = scene.arrives(raw.replace(b"dmarc=pass", b"dmarc=fail"))
    scene.store.replay([forged.id], scene.month.now)
    scene.month.turn()
    again = scene.store.mail(forged.id)
    assert again is not None and again.ticket_id == forged.ticket_id
    assert scene.store.ticket(forged.ticket_id + 1) is None


def test_a_staff_answer_walked_again_answers_once(scene: Scene) -> None:
    first = scene.asks()
    answer = scene.staff_writes(first)
    scene.store.replay([answer.id], scene.month.now)
    scene.month.turn()
    assert kinds(scene.ticket(first)).count(H.STAFF_ANSWERED) == 1


def test_merging_a_strangers_ticket_brings_him_no_letters(scene: Scene) -> None:
    first = scene.asks()
    other = scene.arrives(
        mails.write(
            ("Eve", "eve@far.example"), [GLOBAL], "Slow too", "Slow.", scene.month.now, "<e@far.example>"
        )
    )
    kept = scene.desk().merge(scene.ticket(other), scene.ticket(first), "the same")
    assert "eve@far.example" in people(kept, "other")


def bounced(scene: Scene, address: str, letter: Delivered, *, whole: bool = True) -> None:
    """A bounce of a letter, with its header or with no more than its Message-ID."""
    returned = letter.raw if whole else b""
    scene.arrives(
        mails.bounce(address, GLOBAL, scene.month.now, scene.id("mx.example"), letter.message_id, returned)
    )


def test_a_bounce_counts_only_for_who_got_the_letter_and_a_verified_mail_ends_it(scene: Scene) -> None:
    ben = f"ben@{scene.ann.address.rpartition('@')[2]}"
    first = scene.asks()
    (letter,) = scene.letters("acknowledgment")
    scene.writes("Ben looks after it with me.", answers=[first.message_id], cc=[ben])
    assert ben in people(scene.ticket(first), "cc")
    bounced(scene, ben, letter)
    assert not scene.store.failed_of([ben])
    bounced(scene, scene.ann.address, letter)
    assert scene.store.failed_of([scene.ann.address])
    second = scene.asks(subject="Another report is slow")
    assert not scene.store.failed_of([scene.ann.address])
    assert any(one.subject.startswith(f"[{scene.ticket(second).reference}]") for one in scene.letters())


def test_a_bounce_by_who_only_read_our_message_id_silences_nobody_elsewhere(scene: Scene) -> None:
    other = scene.asks(subject="The export is slow")
    first = scene.asks(cc=["carl@client.example"])
    letter = scene.letters("acknowledgment")[-1]
    bounced(scene, scene.ann.address, letter, whole=False)
    bounced(scene, scene.ann.address, letter, whole=False)
    assert not scene.store.failed_of([scene.ann.address])
    assert [p.failed for p in scene.ticket(first).people if p.address == scene.ann.address] == [True]
    assert [p.failed for p in scene.ticket(other).people if p.address == scene.ann.address] == [False]
    assert len(scene.letters("undeliverable")) == 1
    scene.desk().happen(scene.ticket(other), "resolved", "a setting was wrong")
    scene.month.turn()
    assert [one.to for one in scene.letters("resolved")] == [(scene.ann.address,)]
    scene.writes("It reaches me.", answers=[first.message_id])
    assert not any(p.failed for p in scene.ticket(first).people)


def test_a_mark_proves_nothing_for_another_letter_nor_for_another_recipient(scene: Scene) -> None:
    ben = f"ben@{scene.ann.address.rpartition('@')[2]}"
    scene.asks()
    (mine,) = scene.letters("acknowledgment")
    scene.asks(subject="The export is slow", cc=[ben])
    both = scene.letters("acknowledgment")[-1]
    assert set(both.to) == {scene.ann.address, ben} and b"X-Triaged-Mark" not in both.raw
    mark = re.search(rb"X-Triaged-Mark: [^\r]+\r\n", mine.raw)
    assert mark is not None
    for address in (scene.ann.address, ben):
        bounced(scene, address, replace(both, raw=mark[0] + both.raw))
    assert not scene.store.failed_of([scene.ann.address, ben])


def test_what_nobody_verified_is_capped_whatever_kind_of_letter_it_would_bring(scene: Scene) -> None:
    """Mail in a partner's name without identifiers brings the question for them: another kind, the same cap."""
    domain = scene.ann.address.rpartition("@")[2]
    known = scene.month.house.knowledge
    limits = known.config.limits.model_copy(update={"letters_to_unverified_hour": 5})
    scene.month.house.knowledge = replace(known, config=known.config.model_copy(update={"limits": limits}))
    others = [f"u{n}@{domain}" for n in range(300)]
    for n in range(9):
        body = ["Question", "How is it done?", scene.month.now, f"<r{n}@evil.example>"]
        raw = mails.write(("Pat", f"pat{n}@{domain}"), [GLOBAL], *body, cc=others)
        scene.arrives(raw.replace(b"dmarc=pass", b"dmarc=none"))
    written = scene.store.letters(audience="partner", limit=500)
    assert len(written) == 5 and all(one.cc == () and len(one.to) == 1 for one in written)
    assert not any(set(one.to) & set(others) for one in scene.letters())


@pytest.mark.parametrize("dmarc", ["none", "pass"])
@pytest.mark.parametrize(
    "address",
    [
        "victim+{n}@far.example",
        "VICTIM+{n}.x@Far.example",
        "vic.tim+{n}@gmail.com",
        "v.i.ctim@googlemail.com",
    ],
)
def test_one_person_gets_three_letters_an_hour_however_his_address_is_written(
    scene: Scene, address: str, dmarc: str
) -> None:
    for n in range(6):
        body = ["Please help", "Nothing works.", scene.month.now, f"<p{n}@evil.example>"]
        raw = mails.write(("Victim", address.format(n=n)), [GLOBAL], *body)
        scene.arrives(raw.replace(b"dmarc=pass", f"dmarc={dmarc}".encode()))
    assert len(scene.store.letters(audience="partner", limit=500)) == 3
    scene.passes(hours=2)
    body = ["Please help", "Nothing works.", scene.month.now, "<later@evil.example>"]
    scene.arrives(mails.write(("Victim", address.format(n=9)), [GLOBAL], *body))
    assert len(scene.store.letters(audience="partner", limit=500)) == 4


def test_forged_mail_in_one_partners_name_floods_no_staff_and_hides_no_other(scene: Scene) -> None:
    domain = scene.ann.address.rpartition("@")[2]
    for n in range(IN_A_NAME_AN_HOUR + 8):
        body = ["Question", f"How is it done, {n}?", scene.month.now, f"<s{n}@evil.example>"]
        raw = mails.write(("Pat", f"pat{n}@{domain}"), [GLOBAL], *body)
        scene.arrives(raw.replace(b"dmarc=pass", b"dmarc=none"))
    written = [one.kind for one in scene.store.letters(audience="staff", limit=500)]
    assert (written.count("review"), written.count("reviews_capped")) == (IN_A_NAME_AN_HOUR, 1)
    other = next(p for p in scene.month.town.people if p.address.rpartition("@")[2] != domain)
    raw = mails.write(
        (other.name, other.address), [GLOBAL], "Slow", "Slow.", scene.month.now, "<o@x.example>"
    )
    scene.arrives(raw.replace(b"dmarc=pass", b"dmarc=none"))
    assert len(scene.store.letters(audience="staff", limit=500)) == len(written) + 1
    large(scene)
    assert "new_s1" in [one.kind for one in scene.store.letters(audience="staff", limit=500)]


def test_who_forges_senders_by_the_thousand_makes_us_write_to_few(scene: Scene) -> None:
    limits = scene.month.house.knowledge.config.limits.model_copy(update={"letters_to_unverified_hour": 5})
    known = scene.month.house.knowledge
    scene.month.house.knowledge = replace(known, config=known.config.model_copy(update={"limits": limits}))
    for n in range(8):
        body = ["Please help", "Nothing works.", scene.month.now, f"<relay-{n}@far.example>"]
        scene.arrives(mails.write((f"Victim {n}", f"victim{n}@far{n}.example"), [GLOBAL], *body))
    written = [
        one for one in scene.store.letters(audience="partner") if one.kind == "acknowledgment_unverified"
    ]
    assert len(written) == 5
    tickets = [scene.ticket(mail) for mail in scene.store.mails()]
    withheld = [e.reason for t in tickets for e in t.events if e.kind is Happening.LETTER_WITHDRAWN]
    assert withheld == ["more than 5 letters to unverified senders in an hour"] * 3
    scene.passes(hours=2)
    body = ["Please help", "Nothing works.", scene.month.now, "<later@far.example>"]
    scene.arrives(mails.write(("Later", "later@far.example"), [GLOBAL], *body))
    assert len(scene.store.letters(address="later@far.example")) == 1


def test_a_flood_of_strangers_does_not_flood_staff_and_hides_no_partner(scene: Scene) -> None:
    for n in range(STRANGERS_AN_HOUR + 5):
        body = ["Please help", f"Nothing works, number {n}.", scene.month.now, f"<flood-{n}@far.example>"]
        scene.arrives(mails.write((f"Eve {n}", f"eve{n}@far{n}.example"), [GLOBAL], *body))
    written = [one for one in scene.store.letters(audience="staff", limit=500) if one.kind == "review"]
    assert 0 < len(written) <= STRANGERS_AN_HOUR
    before = len(scene.store.letters(audience="staff", limit=500))
    raw = mails.write(
        (scene.ann.name, scene.ann.address), [GLOBAL], "Slow", "Slow.", scene.month.now, "<f2@x.example>"
    )
    scene.arrives(raw.replace(b"dmarc=pass", b"dmarc=none"))
    assert len(scene.store.letters(audience="staff", limit=500)) > before
