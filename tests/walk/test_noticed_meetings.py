"""What of screen-sharing sessions is told in the log."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.said import listening
from tests.simulation.scene import Scene
from tests.walk.test_meetings import LINK, VERSION, WEDNESDAY, by, by_rulebook, meeting, offered, text
from triaged.meetings.meeting import MeetingState


def test_a_program_that_the_config_does_not_name_is_never_run(scene: Scene, tmp_path: Path) -> None:
    """Leads edit rulebooks in a browser; a path that is not the admin's runs nothing, shells included."""
    trace = tmp_path / "ran"
    by_rulebook(scene, command=("/bin/sh", "-c", f"touch {trace}; echo {LINK}"), timeout=timedelta(seconds=5))
    mail = offered(scene)
    with listening() as said:
        by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    assert [one["ticket"] for one in said.of("meeting.without_link")] == [scene.ticket(mail).reference]
    scene.month.turn()
    assert not trace.exists()
    assert "add it to meeting_programs in the config" in text(scene.letters("meeting_news")[-1])
    assert meeting(scene, mail).state is MeetingState.ACCEPTED
