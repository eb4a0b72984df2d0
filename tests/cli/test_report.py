"""`triaged report` and `triaged simulate`: how promises were kept, as table, JSON, CSV and chart."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from triaged.cli import group
from triaged.simulation.month import Course, Month


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of mail, lived a week ago."""
    made = tmp_path_factory.mktemp("report")
    begin = (datetime.now(UTC) - timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
    month = Month(made, Course(begin=begin, days=3, mail_per_day=25, seed=3))
    month.run()
    month.close()
    return made


def report(folder: Path, *options: str) -> str:
    ran = CliRunner().invoke(
        group, ["--config", str(folder / "config.yaml"), "report", *options], catch_exceptions=False
    )
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_every_group_is_a_json_object_whose_counts_add_up(folder: Path) -> None:
    rows = [json.loads(line) for line in report(folder, "--json").splitlines()]
    assert {row["by"] for row in rows} == {"policy", "severity", "partner", "mailbox"}
    totals = {
        by: sum(row["tickets"] for row in rows if row["by"] == by)
        for by in ("policy", "severity", "partner", "mailbox")
    }
    assert len(set(totals.values())) == 1 and totals["policy"] > 10
    missed = [b for row in rows for b in row["breaches"]]
    assert missed and all(b["why"] and b["reference"].startswith("PS-") for b in missed)


def test_csv_says_the_same_and_begins_with_a_header(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(report(folder, "--csv"))))
    objects = [json.loads(line) for line in report(folder, "--json").splitlines()]
    assert [r["name"] for r in rows] == [o["name"] for o in objects]
    assert [int(r["first_response_missed"]) for r in rows] == [o["first_response_missed"] for o in objects]


def test_the_table_lists_each_breach_once(folder: Path) -> None:
    told = report(folder)
    lines = [line for line in told.partition("missed\n")[2].splitlines() if line.startswith("PS-")]
    assert lines and len(lines) == len({tuple(line.split("\t")[:3]) for line in lines})
    assert not report(folder, "--no-breaches").count("PS-")


def test_a_chart_is_well_formed_svg(folder: Path, tmp_path: Path) -> None:
    report(folder, "--chart", str(tmp_path / "chart.svg"), "--promise", "resolution", "--by", "policy")
    root = ElementTree.parse(tmp_path / "chart.svg").getroot()
    assert root.tag.endswith("svg") and "resolution" in "".join(root.itertext())


def test_nothing_since_then_is_an_empty_report(folder: Path) -> None:
    assert report(folder, "--since", "1m", "--json") == ""
    assert report(folder, "--since", "1m", "--csv").splitlines() == ["by,name,tickets"]


@pytest.mark.parametrize("options", [["--json", "--csv"], ["--chart", "chart.png"], ["--since", "soon"]])
def test_wrong_use_ends_with_2(folder: Path, options: list[str]) -> None:
    ran = CliRunner().invoke(group, ["--config", str(folder / "config.yaml"), "report", *options])
    assert ran.exit_code == 2


def test_a_month_is_simulated_without_any_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    options = ["--days", "2", "--mail-per-day", "15", "--without-model", "--letters", "letters.csv", "--json"]
    ran = CliRunner().invoke(group, ["simulate", *options], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["breaches"] == [] and sum(told["mails"].values()) > 5
    left = list(csv.DictReader((tmp_path / "letters.csv").open(encoding="utf-8")))
    assert len(left) == sum(sum(one["by_hours"]) for one in told["letters"])
    assert list(tmp_path.iterdir()) == [tmp_path / "letters.csv"]


@pytest.mark.parametrize("outage", ["imap:1:3d", "daemon:x:3d", "daemon:2:long"])
def test_an_outage_nobody_understands_is_wrong_use(outage: str) -> None:
    ran = CliRunner().invoke(group, ["simulate", "--without-model", "--outage", outage])
    assert ran.exit_code == 2 and "WHAT:DAY:LENGTH" in ran.output


def test_the_table_has_a_line_for_each_promise_that_came_up(folder: Path) -> None:
    told = [tuple(line.split("\t")) for line in report(folder, "--no-breaches").splitlines()]
    wanted = []
    for row in map(json.loads, report(folder, "--json").splitlines()):
        for kind in (name.removesuffix("_missed") for name in row if name.endswith("_missed")):
            kept, missed, still_open = (row[f"{kind}_{how}"] for how in ("in_time", "missed", "open"))
            spans = (_span(row[f"{kind}_{part}_seconds"]) for part in ("p50", "p90"))
            share = f"{kept / (kept + missed):.0%}" if kept + missed else "-"
            rated = f"{row['satisfaction']} ({row['ratings']})" if row["ratings"] else "-"
            line = (
                row["by"],
                row["name"],
                row["tickets"],
                kind,
                kept,
                missed,
                still_open,
                share,
                *spans,
                rated,
            )
            if kept or missed or still_open:
                wanted.append(tuple(str(cell) for cell in line))
    assert told == wanted and len(told) > 10


def _span(seconds: int | None) -> str:
    if seconds is None:
        return "-"
    minutes = round(seconds / 60)
    parts = (minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m")
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def test_a_report_without_a_breach_has_no_list_of_them(folder: Path) -> None:
    assert "missed" in report(folder).splitlines()
    assert "missed" not in report(folder, "--since", "1m")
