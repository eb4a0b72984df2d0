"""What partners read at the end of the real walk: only what happened."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.simulation.scene import Scene
from triaged.walk.by_hand import ByHand

THANKS = "Thank you very much, it works now!"


def text(scene: Scene, kind: str) -> str:
    """The plain text of the newest letter of a kind that left."""
    letter = message_from_bytes(scene.letters(kind)[-1].raw, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    part = letter.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def test_after_thanks_no_reminder_says_that_the_account_is_unknown(scene: Scene) -> None:
    first = scene.writes("The import of leads fails for one of our users.", "Import")
    assert "cannot tell yet which customer account" in text(scene, "missing_information")
    scene.writes(THANKS, answers=[first.message_id])
    scene.passes(days=8)
    assert scene.letters("missing_information_reminder") == []
    assert "last word was thanks" in " ".join(scene.ticket(first).reviews)


def test_who_only_thanks_is_never_asked_which_account_it_is_about(scene: Scene) -> None:
    scene.writes(THANKS, "Thank you")
    scene.passes(days=8)
    assert scene.letters("missing_information_reminder") == []


def test_a_request_nobody_touched_is_not_said_to_be_worked_on_and_missed_times_are_owned_up_to(
    scene: Scene,
) -> None:
    large = next(
        c for c in scene.month.town.of(scene.ann) if c.subscriptions.endswith(("=300", "=500", "=400"))
    )
    scene.writes(f"How do I add a field in Zoho CRM?\n\nSuperAdmin: {large.superadmin}\nZOID: {large.zoid}\n")
    assert "priority customer" in text(scene, "acknowledgment")
    scene.passes(hours=9)
    told = text(scene, "progress_update")
    assert "still working" not in told and "is open, and there is nothing new" in told
    assert "First personal reply: we have not kept the time promised" in told
    assert "Solution: by" in told


def test_resolved_without_a_word_says_no_word(scene: Scene) -> None:
    first = scene.asks()
    desk: ByHand = scene.desk()
    desk.happen(scene.ticket(first), "resolved", "resolved")
    scene.passes(minutes=5)
    told = text(scene, "resolved")
    assert "it is open again. How did we do?" in told
