"""Answers to our question: understood however short, and never lost where nothing can be taken from them."""

from __future__ import annotations

import email
import email.policy

import pytest

from tests.simulation.scene import Scene
from triaged.simulation.postman import Delivered
from triaged.store.rows import LedgerMail
from triaged.tickets.ticket import Ticket
from triaged.vocabulary import Severity


def asked(scene: Scene) -> tuple[LedgerMail, list[str]]:
    """Ann is asked whom her mail is about; answers with her mail and the ids of the thread."""
    first = scene.writes("How do I add a field in Zoho CRM?", "A question")
    assert scene.ticket(first).no_identifier
    scene.month.turn()
    (question,) = scene.letters("missing_information")
    return first, [first.message_id, question.message_id]


def answers(scene: Scene, first: LedgerMail, thread: list[str], body: str) -> Ticket:
    scene.writes(body, f"Re: [{scene.ticket(first).reference}] Re: A question", answers=thread)
    return scene.ticket(first)


def text(one: Delivered) -> str:
    """What a letter that left says."""
    part = email.message_from_bytes(one.raw, policy=email.policy.default).get_body(("plain",))
    return str(part.get_content()) if part else ""


def large(scene: Scene):
    return next(
        c for c in scene.month.town.of(scene.ann) if c.subscriptions.endswith(("=300", "=500", "=400"))
    )


@pytest.mark.parametrize(
    "form",
    ["{zoid}", "Hello,\n\nthe number is {zoid}", "{superadmin}", "c'est le {zuid}", "It is {superadmin}."],
)
def test_a_bare_value_without_a_quote_answers_the_question(scene: Scene, form: str) -> None:
    customer = large(scene)
    first, thread = asked(scene)
    body = form.format(zoid=customer.zoid, superadmin=customer.superadmin, zuid=customer.zuid)
    after = answers(scene, first, thread, body)
    assert (after.no_identifier, after.large_user, after.severity) == (False, True, Severity.S1)
    assert after.superadmin_email == customer.superadmin
    assert scene.letters("details_received")


@pytest.mark.parametrize(
    "body",
    ["We will send it tomorrow.", "Leider weiß ich das nicht.", "すぐに確認します。少々お待ちください。"],
)
def test_an_answer_that_gives_nothing_is_a_review_and_no_reminder_follows(scene: Scene, body: str) -> None:
    first, thread = asked(scene)
    after = answers(scene, first, thread, body)
    assert after.no_identifier
    (review,) = [x for x in scene.letters("review") if "gives no SuperAdmin address" in text(x)]
    assert scene.ann.address not in review.to
    scene.passes(days=20)
    assert scene.letters("missing_information_reminder") == []


def test_an_id_that_is_in_no_directory_is_a_review_and_is_not_thanked_for(scene: Scene) -> None:
    first, thread = asked(scene)
    after = answers(scene, first, thread, "71000000001")
    assert (after.no_identifier, after.account_key) == (False, None)
    assert [x for x in scene.letters("review") if "leads to no account" in text(x)]
    assert scene.letters("details_received") == []


def test_silence_is_still_reminded(scene: Scene) -> None:
    asked(scene)
    scene.passes(days=5)
    assert scene.letters("missing_information_reminder")


def test_who_only_says_thanks_is_not_nagged_and_staff_are_told_that_the_account_is_unknown(
    scene: Scene,
) -> None:
    first, thread = asked(scene)
    answers(scene, first, thread, "Thank you!")
    scene.passes(days=8)
    assert scene.letters("missing_information_reminder") == []
    assert scene.letters("unidentified")


def test_a_bare_number_is_nothing_where_nobody_asked_for_one(scene: Scene) -> None:
    first = scene.asks()
    before = scene.ticket(first)
    scene.writes("71000000001", answers=[first.message_id])
    after = scene.ticket(first)
    assert after.account_key == before.account_key
    assert "71000000001" not in str(after.events[-1].data)


def test_a_superadmins_address_under_another_name_is_acknowledged_and_not_asked_for(scene: Scene) -> None:
    customer = large(scene)
    first = scene.writes(f"Our customer {customer.superadmin} cannot save a filter in Zoho CRM.", "Filter")
    ticket = scene.ticket(first)
    assert (ticket.no_identifier, ticket.provisional, ticket.missing) == (False, False, ())
    assert ticket.severity is Severity.S1
    (letter,) = scene.letters("acknowledgment")
    assert text(letter).count("SuperAdmin") == 1  # told, not asked for
    assert scene.letters("missing_information") == []


def test_an_answer_that_tells_worse_makes_the_ticket_worse(scene: Scene) -> None:
    first = scene.asks()
    before = scene.ticket(first)
    scene.writes(
        "Since this morning none of our users can sign in to Zoho CRM any more, the whole company stands still.",
        f"Re: {first.subject}",
        answers=[first.message_id],
    )
    after = scene.ticket(first)
    assert after.content_severity < before.content_severity
    assert after.severity is Severity.S1


def test_a_word_that_is_not_sure_of_itself_makes_nothing_worse(scene: Scene) -> None:
    first = scene.writes("Two customers would love a dark mode in Zoho CRM.", "Feature request: dark mode")
    before = scene.ticket(first)
    answer = scene.writes(
        "It would be for the people at the night desk.", "Re: dark mode", answers=[first.message_id]
    )
    after = scene.ticket(first)
    assert answer.ticket_id == first.ticket_id
    assert (after.severity, after.content_severity) == (before.severity, before.content_severity)
    assert before.content_severity is Severity.S4
