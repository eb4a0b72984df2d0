"""Mail that belongs to no ticket, or cannot be read: nothing of ours ends unseen, and no question is asked in vain."""

from __future__ import annotations

import pytest

from tests.simulation.scene import Scene
from triaged.errors import Faulty
from triaged.readers.pool import InlineReaders
from triaged.reading.values import Door
from triaged.simulation import mails
from triaged.simulation.town import GLOBAL, STAFF
from triaged.store.rows import LedgerMail
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.ticket import State
from triaged.walk import trying

ARMOUR = (
    "-----BEGIN PGP MESSAGE-----\n\nhQEMA0123456789AAQf9abcdefghijklmnop\n=wxyz\n-----END PGP MESSAGE-----\n"
)


def colleague(
    scene: Scene, subject: str, body: str, to: str = GLOBAL, answers: tuple[str, ...] = ()
) -> LedgerMail:
    raw = mails.write(
        ("Cy Moor", STAFF[0]), [to], subject, body, scene.month.now, scene.id(STAFF[0]), answers=answers
    )
    return scene.arrives(raw)


def forwarded(scene: Scene) -> str:
    c, ann = scene.customer, scene.ann
    return (
        "Please open a case.\n\nCy\n\n---------- Forwarded message ---------\n"
        f"From: {ann.name} <{ann.address}>\nDate: Thu, 12 Nov 2026 at 10:00\nSubject: Report\nTo: Cy <{STAFF[0]}>\n\n"
        f"A report in Zoho CRM is slow.\nSuperAdmin: {c.superadmin}\nZOID: {c.zoid}\n"
    )


def test_a_colleague_s_forward_opens_the_partner_s_ticket_untrusted(scene: Scene) -> None:
    ticket = scene.ticket(colleague(scene, "Fwd: Report", forwarded(scene)))
    assert ticket.partner_domain == scene.ann.address.rpartition("@")[2] and not ticket.trusted
    assert [p.address for p in ticket.people if p.role == "requester"] == [scene.ann.address]
    assert any(reason.startswith("untrusted sender") for reason in ticket.reviews)
    scene.writes("Yes, this is ours.", answers=[ticket.last_message_id])
    assert scene.ticket(scene.store.mails(limit=1)[0]).trusted  # he wrote himself


def test_a_colleague_s_own_request_opens_a_ticket_that_staff_review(scene: Scene) -> None:
    ticket = scene.ticket(colleague(scene, "Report", "A partner called: his report in Zoho CRM is slow."))
    assert any("our own people" in reason for reason in ticket.reviews)
    assert {letter.kind for letter in scene.letters()} == {"review"}


def test_a_colleague_s_answer_that_finds_no_ticket_is_shown_to_staff_once(scene: Scene) -> None:
    mail = colleague(
        scene, "Re: Report", "We have looked at it.", scene.ann.address, ("<unknown@far.example>",)
    )
    (letter,) = scene.letters("unplaced")
    assert mail.ticket_id is None and "Re: Report" in letter.subject


def test_thanks_of_no_ticket_open_none(scene: Scene) -> None:
    mail = scene.writes("Thank you so much!", "Re: Report", answers=["<unknown@far.example>"])
    assert (mail.ticket_id, mail.kind, scene.letters()) == (None, "thanks", [])


@pytest.mark.parametrize("body", ["👍", "Ann Berg reacted to your message:"])
def test_a_reaction_opens_and_reopens_nothing_and_brings_no_letter(scene: Scene, body: str) -> None:
    first = scene.asks()
    scene.staff_writes(first)
    before, letters = scene.ticket(first), len(scene.letters())
    again = scene.writes(body, f"Re: {first.subject}", answers=[first.message_id])
    assert (again.kind, scene.ticket(first).state) == ("reaction", before.state)
    assert len(scene.letters()) == letters
    alone = scene.writes(body, "Re: other", answers=["<unknown@far.example>"])
    assert (alone.kind, alone.ticket_id) == ("reaction", None)


def test_a_recall_moves_nothing_and_staff_are_told(scene: Scene) -> None:
    first = scene.asks()
    recall = scene.writes(
        f'Ann would like to recall the message, "{first.subject}".',
        f"Recall: {first.subject}",
        answers=[first.message_id],
    )
    ticket = scene.ticket(first)
    assert recall.kind == "recall" and ticket.state in (State.NEW, State.OPEN)
    assert any("takes a mail back" in reason for reason in ticket.reviews) and scene.letters("review")
    alone = scene.writes('Ann would like to recall the message, "Other".', "Recall: Other")
    assert alone.ticket_id is None and len(scene.letters("unplaced")) == 1
    assert not [x for x in scene.letters("unplaced") if scene.ann.address in x.to]


def test_an_encrypted_mail_is_told_as_such_and_nobody_is_asked_for_what_it_may_hold(scene: Scene) -> None:
    first = scene.writes(ARMOUR, "Help")
    ticket = scene.ticket(first)
    assert ENCRYPTED in ticket.tags and any(r.startswith("encrypted") for r in ticket.reviews)
    (letter,) = scene.letters("encrypted")
    assert letter.to == (scene.ann.address,)
    scene.passes(days=6)
    assert not [x for x in scene.letters() if x.kind.startswith("missing_information")]


def test_who_writes_again_in_the_clear_is_understood_or_asked(scene: Scene) -> None:
    first = scene.writes(ARMOUR, "Help")
    scene.writes("One report in Zoho CRM is slow.", answers=[first.message_id])
    assert ENCRYPTED not in scene.ticket(first).tags and len(scene.letters("missing_information")) == 1
    scene.writes(ARMOUR, answers=[first.message_id])
    assert len(scene.letters("encrypted")) == 2
    scene.writes(f"SuperAdmin: {scene.customer.superadmin}", answers=[first.message_id])
    assert scene.ticket(first).account_key == scene.customer.key


def test_a_mail_taken_back_twice_is_asked_about_once(scene: Scene) -> None:
    first = scene.asks()
    for _ in range(2):
        mail = scene.writes(
            f'Ann would like to recall the message, "{first.subject}".',
            f"Recall: {first.subject}",
            answers=[first.message_id],
        )
        assert (mail.fate, mail.kind, mail.ticket_id) == ("automatic", "recall", first.ticket_id)
    asked = [reason for reason in scene.ticket(first).reviews if "takes a mail back" in reason]
    assert len(asked) == 1 and len(scene.letters("review")) == 1


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("reference", "a stranger writes into PS-4242"),
        ("letter", "a stranger answers our letter "),
        ("nothing", ""),
        ("his own", ""),
    ],
)
def test_a_strangers_mail_that_is_only_tried_is_abuse_where_it_names_what_is_ours(
    scene: Scene, how: str, why: str
) -> None:
    scene.asks()
    ours = next(one.message_id for one in scene.store.letters() if one.kind == "acknowledgment")
    subject = "Re: [PS-4242] Reports" if how == "reference" else "Reports"
    answers = {"letter": [ours], "his own": ["<1@stranger.example>"]}.get(how, [])
    raw = mails.write(
        ("Eve", "eve@stranger.example"), [GLOBAL], subject, "They are slow.", scene.month.now,
        "<2@stranger.example>", answers=answers,
    )  # fmt: skip
    known = scene.month.knowledge
    readings = InlineReaders(known.surroundings).read([(raw, Door())])
    (told,) = trying.tried(["one.eml"], readings, known, scene.month.now, None)
    assert (told["kind"] == "abuse") is bool(why), told
    assert why in str(told)


def test_a_mail_is_tried_as_come_to_the_mailbox_that_is_named_or_addressed(scene: Scene) -> None:
    known, at = scene.month.knowledge, scene.month.now
    first, second = known.config.mailboxes[:2]
    for to, named, wanted in (
        (second.address, None, second), (second.address, first.name, first), ("nobody@else.example", None, first),
    ):  # fmt: skip
        raw = mails.write(
            (scene.ann.name, scene.ann.address), [to], "Reports", "They are slow.", at, "<3@x.example>"
        )
        readings = InlineReaders(known.surroundings).read([(raw, Door())])
        assert trying._mailbox(known.config, named, readings[0]) == wanted
        (told,) = trying.tried(["one.eml"], readings, known, at, named)
        assert told["file"] == "one.eml"
    there = ", ".join(box.name for box in known.config.mailboxes)
    with pytest.raises(Faulty, match=f"nowhere: no such mailbox; the config has {there}"):
        trying.tried(["one.eml"], readings, known, at, "nowhere")
