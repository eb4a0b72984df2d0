"""`triaged simulate` as an operator reads it: what he orders, every table, the letters as CSV, and promises that were broken."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from triaged.cli import group, simulate
from triaged.errors import Faulty
from triaged.promises.reports import Group, Kept
from triaged.simulation import invariants, month
from triaged.simulation.month import Course, Outage
from triaged.simulation.summary import COLUMNS, Summary

BEGIN = datetime(2028, 2, 27, tzinfo=UTC)


def ran(*options: str) -> Result:
    return CliRunner().invoke(group, ["simulate", *options])


# -- what is ordered ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "outage"),
    [
        ("daemon:1:3d", Outage("daemon", BEGIN.replace(hour=12), BEGIN.replace(hour=12) + timedelta(days=3))),
        ("smtp:2:90m", Outage("smtp", BEGIN + timedelta(hours=36), BEGIN + timedelta(hours=37, minutes=30))),
        ("smtp:30:4h", Outage("smtp", BEGIN + timedelta(days=29, hours=12), BEGIN + timedelta(days=29, hours=16))),
    ],
)  # fmt: skip
def test_an_outage_begins_at_the_noon_of_its_day(text: str, outage: Outage) -> None:
    assert simulate._outage(text, BEGIN) == outage


def test_what_is_no_outage_is_told_with_what_was_typed_and_why() -> None:
    told = ran("--outage", "imap:1:3d")
    assert told.exit_code == 2
    assert told.output.endswith(
        "'imap:1:3d': write WHAT:DAY:LENGTH like daemon:9:3d ('imap' is neither daemon nor smtp)\n"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--from", "1969-12-31"), "--from 1969-12-31: write a year from 1970 to 9000"),
        (("--from", "9001-01-01"), "--from 9001-01-01: write a year from 1970 to 9000"),
        (("--from", "9000-12-31", "--step", "often"), "often"),
        (("--from", "1970-01-01", "--step", "often"), "often"),
        (("--days", "0"), "0 is not in the range 1<=x<=400"),
        (("--days", "401"), "401 is not in the range 1<=x<=400"),
        (("--mail-per-day", "20001"), "20001.0 is not in the range 1<=x<=20000"),
    ],
)
def test_a_month_nobody_could_live_through_is_wrong_use(options: tuple[str, ...], told: str) -> None:
    refused = ran(*options)
    line = refused.output.splitlines()[-1]
    assert refused.exit_code == 2 and told in line and (told == "often") is ("a year from" not in line and "range" not in line)  # fmt: skip


class Begun(Exception):
    """A month would begin now."""


def test_what_is_ordered_is_what_is_lived_through(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Course, Any, Any]] = []

    def begin(folder: Path, course: Course, *, model: Path | None, database: str | None) -> None:
        assert folder.is_dir()
        asked.append((course, model, database))
        raise Begun

    monkeypatch.setattr(month, "Month", begin)
    assert isinstance(ran().exception, Begun)
    options = ("--days", "400", "--mail-per-day", "1", "--seed", "7", "--from", "9000-01-01", "--step", "30s")
    assert isinstance(
        ran(*options, "--outage", "smtp:1:1h", "--without-model", "--database", "x").exception, Begun
    )
    assert isinstance(ran("--from", "1970-01-01", "--step", "61s").exception, Begun)
    (first, model, nowhere), (second, without, database), (third, _, _) = asked
    assert first == Course(
        begin=BEGIN, days=30, mail_per_day=500.0, seed=0, outages=[], step=timedelta(minutes=5)
    )
    assert model is not None and model.exists() and (nowhere, without, database) == (None, None, "x")
    noon = datetime(9000, 1, 1, 12, tzinfo=UTC)
    assert second == Course(
        begin=datetime(9000, 1, 1, tzinfo=UTC), days=400, mail_per_day=1.0, seed=7,
        outages=[Outage("smtp", noon, noon + timedelta(hours=1))], step=timedelta(minutes=1),
    )  # fmt: skip
    assert (third.begin, third.step) == (datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=61))


# -- what is told -------------------------------------------------------------------------------------

COUNTED = Summary(
    mails=(("noise (auto_reply)", 2), ("ticket (request)", 3)),
    letters=(("partner", "acknowledgment", (0, 0, 0, 1, 2, 0, 0, 0)),),
    outbox=(("closed", "cancelled", 1),),
    tickets=(("closed", "S3", 2), ("open", "S1", 1)),
    promises=(
        Group(
            "policy", "standard", 3,
            (
                Kept("first_response", 2, 0, 0, timedelta(minutes=5), None),
                Kept("identification", 0, 1, 0, None, None),
                Kept("resolution", 0, 0, 1, None, None),
                Kept("next_update", 0, 0, 0, None, None),
            ),
            (), 0, None,
        ),
    ),
)  # fmt: skip


def test_a_summary_is_five_tables_with_a_line_for_each_promise_that_came_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    simulate._tell(COUNTED)
    assert capsys.readouterr().out.splitlines() == [
        "", "mails by fate", "noise (auto_reply)\t2", "ticket (request)\t3",
        "", "letters that left, by the hour where they went", "partner\tacknowledgment\t3\t0\t0\t0\t1\t2\t0\t0\t0",
        "", "letters that did not leave", "closed\tcancelled\t1",
        "", "tickets", "closed\tS3\t2", "open\tS1\t1",
        "", "promises",
        "policy\tstandard\tfirst_response\t2\t0\t0",
        "policy\tstandard\tidentification\t0\t1\t0",
        "policy\tstandard\tresolution\t0\t0\t1",
    ]  # fmt: skip
    assert len(COLUMNS) == len(COUNTED.letters[0][2])


def test_a_summary_as_json_has_names_for_everything() -> None:
    told = simulate._as_object(COUNTED, ["a letter was late"])
    promises = told.pop("promises")
    assert told == {
        "mails": {"noise (auto_reply)": 2, "ticket (request)": 3},
        "letters": [{"audience": "partner", "kind": "acknowledgment", "by_hours": [0, 0, 0, 1, 2, 0, 0, 0]}],
        "not_sent": [{"kind": "closed", "state": "cancelled", "letters": 1}],
        "tickets": [
            {"state": "closed", "severity": "S3", "tickets": 2}, {"state": "open", "severity": "S1", "tickets": 1},
        ],
        "breaches": ["a letter was late"],
    }  # fmt: skip
    (standard,) = promises
    assert (standard["by"], standard["name"], standard["first_response_in_time"]) == ("policy", "standard", 2)


def test_a_day_is_told_from_its_tables_to_its_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same day twice: in words, and as JSON with an invariant that does not hold."""
    monkeypatch.chdir(tmp_path)
    options = (
        "--days",
        "1",
        "--mail-per-day",
        "50",
        "--without-model",
        "--step",
        "30m",
        "--from",
        "2026-11-23",
    )
    words = ran(*options, "--letters", "letters.csv")
    lines = words.output.splitlines()
    assert (words.exit_code, lines[:2], lines[-1]) == (0, ["", "mails by fate"], "every invariant holds")
    monkeypatch.setattr(invariants, "broken", lambda month: ["PS-1: late", "PS-2: lost"])
    broken = ran(*options, "--json")
    assert isinstance(broken.exception, Faulty) and broken.exception.lines == ("PS-1: late", "PS-2: lost")
    told = json.loads(broken.output)
    assert told["breaches"] == ["PS-1: late", "PS-2: lost"]
    count = sum(told["mails"].values())
    assert count > 3 and re.fullmatch(rf"{count} mails in \d+ s: [1-9]\d* a second", lines[-2])
    with (tmp_path / "letters.csv").open(encoding="utf-8", newline="") as file:
        title, *left = list(csv.reader(file))
    assert title == ["left", "kind", "key", "ticket", "to", "subject"]
    assert len(left) == sum(sum(one["by_hours"]) for one in told["letters"]) > 3
    for at, kind, _key, ticket, to, subject in left:
        assert datetime(2026, 11, 23, tzinfo=UTC) <= datetime.fromisoformat(at) <= datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # fmt: skip
        assert kind and "@" in to and subject and (ticket == "" or re.fullmatch(r"PS-\d+", ticket))
        assert not ticket or kind == "digest" or ticket in subject
    assert oct((tmp_path / "letters.csv").stat().st_mode)[-3:] == "600"
