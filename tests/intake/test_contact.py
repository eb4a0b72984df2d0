"""What is history: told by when a folder was first met, never by what a mail says of itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from triaged.intake.contact import after_contact, from_note, history, meet

DAY = timedelta(days=1)
MET = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("uid", "age", "as_configured"),
    [
        (5, timedelta(hours=1), "none"),
        (5, timedelta(hours=23), "none"),
        (5, timedelta(hours=25), "skip"),
        (5, timedelta(days=4000), "skip"),
        (10, timedelta(days=4000), "none"),  # came after us, whatever its date
    ],
)
def test_history_is_what_lay_there_and_was_old(uid: int, age: timedelta, as_configured: str) -> None:
    met = meet(None, 77, 10, MET)
    assert history(met, uid, MET - age, DAY, "skip") == as_configured
    assert history(met, uid, MET - age, DAY, "quiet") == as_configured.replace("skip", "quiet")


def test_a_known_folder_is_not_met_twice() -> None:
    met = meet(None, 77, 10, MET)
    assert meet(met, 77, 500, MET + DAY) is met


def test_after_a_rebuild_nothing_is_skipped_that_we_may_never_have_seen() -> None:
    later = meet(meet(None, 77, 10, MET), 78, 20, MET + 30 * DAY)
    assert history(later, 5, MET - 2 * DAY, DAY, "skip") == "skip"
    assert history(later, 5, MET + 10 * DAY, DAY, "skip") == "quiet"
    assert history(later, 5, MET + 29.5 * DAY, DAY, "skip") == "none"
    assert (later.first_at, later.at) == (MET, MET + 30 * DAY)


def test_sent_mail_from_before_us_is_no_business_of_ours() -> None:
    met = meet(None, 77, 10, MET)
    assert not after_contact(met, MET - 2 * DAY)
    assert after_contact(met, MET)


def test_a_contact_survives_being_stored() -> None:
    met = meet(meet(None, 1, 2, MET), 3, 4, MET + DAY)
    assert from_note(json.loads(json.dumps(met.as_note()))) == met
