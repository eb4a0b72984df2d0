"""What ships for Prometheus and Grafana: rules that fire in time, a board of figures that exist, names by convention."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.log_events import events, page
from triaged.metrics import FORMER, Metrics
from triaged.store import Store
from triaged.walk.observing import observe

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
NAME = re.compile(r"\btriaged_[a-z0-9_]+")
_OF_HISTOGRAM = ("_bucket", "_sum", "_count")


@pytest.fixture
def promtool() -> str:
    """Prometheus' own tool."""
    found = shutil.which("promtool")
    if not found:
        pytest.skip("promtool is not installed (apt-get install prometheus): the alert rules are not tested")
    return found


def ran(promtool: str, *arguments: str, given: bytes | None = None) -> None:
    done = subprocess.run([promtool, *arguments], cwd=MONITORING, capture_output=True, input=given)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def test_the_alert_rules_are_sound_and_fire_before_the_promises_they_guard(promtool: str) -> None:
    ran(promtool, "check", "rules", "alerts.yaml")
    ran(promtool, "test", "rules", "alerts.test.yaml")


def test_the_scrape_example_is_a_config_of_prometheus(promtool: str) -> None:
    ran(promtool, "check", "config", "prometheus.yaml")


def test_figures_follow_prometheus_conventions(promtool: str, store: Store) -> None:
    new = [line for line in exposed(store).splitlines() if not re.search(former(), line)]
    ran(promtool, "check", "metrics", given=("\n".join(new) + "\n").encode())


def former() -> str:
    return rf"\b({'|'.join(FORMER.values())})(_total|_created)?\b"


def exposed(store: Store) -> str:
    """Everything a daemon tells at a scrape, with something of each kind in the store."""
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    store.note_poll("europe", True, None, now)
    store.note("smtp:europe", {"ok": True, "error": None}, now)
    metrics = Metrics()
    metrics.acknowledged.observe(3)
    metrics.watch(lambda: observe(store, now + timedelta(minutes=1)))
    return metrics.text().decode()


def in_the_code() -> set[str]:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "triaged").rglob("*.py"))
    return set(re.findall(r'"(triaged_[a-z_]+)"', code)) - set(FORMER.values())


def asked_for(text: str) -> set[str]:
    """Names of figures in PromQL, as the code calls them."""
    found = set()
    for name in NAME.findall(text):
        for end in (*_OF_HISTOGRAM, "_total"):
            name = name.removesuffix(end) if name not in in_the_code() else name
        found.add(name)
    return found


@pytest.mark.parametrize("file", ["alerts.yaml", "alerts.test.yaml", "grafana.json"])
def test_every_figure_that_rules_and_board_ask_for_exists_by_its_new_name(file: str) -> None:
    assert asked_for((MONITORING / file).read_text("utf-8")) <= in_the_code()


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
        for rule in group["rules"]
    ]


def test_every_rule_says_how_urgent_it_is_and_what_is_wrong() -> None:
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in rules())
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_what_pages_is_tested_by_promtool() -> None:
    tested = (MONITORING / "alerts.test.yaml").read_text()
    untested = {rule["alert"] for rule in rules() if rule["labels"]["severity"] == "page"} - set(
        re.findall(r'alertname="(\w+)"', tested)
    )
    assert untested <= {"TriagedLoopStuck", "TriagedStaffNotReached"}


def test_the_board_is_one_that_grafana_can_load() -> None:
    board = json.loads((MONITORING / "grafana.json").read_text())
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) >= 12
    places = [tuple(panel["gridPos"].values()) for panel in panels]
    assert len(set(places)) == len(places) and all(x + w <= 24 for x, _, w, _ in places)
    assert all(target["expr"] for panel in panels for target in panel["targets"])
    assert all(panel["datasource"]["uid"] == "${source}" for panel in panels)


def test_former_names_are_told_with_the_same_values(store: Store) -> None:
    text = exposed(store)
    for new, old in FORMER.items():
        of_new = re.findall(rf"^{new}(?:_total)?(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        of_old = re.findall(rf"^{old}(?:_total)?(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        assert of_new == of_old, new
    assert "Former name of triaged_mails_kept" in text


def test_the_page_of_log_events_is_made_from_the_code() -> None:
    made = page()
    assert (ROOT / "docs" / "log-events.md").read_text("utf-8") == made, (
        "python -m tests.log_events > docs/log-events.md"
    )
    assert all(
        event.means and set(event.level.split(" or ")) <= {"info", "warning", "error"} for event in events()
    )


def test_nothing_is_told_past_the_mail_log() -> None:
    """An event that docs cannot know of: a line of a module's own. Readers' processes have no mail log."""
    for path in (ROOT / "triaged").rglob("*.py"):
        readers = ("readers", "process.py"), ("readers", "encoders.py")
        if (path.parent.name, path.name) not in (("triaged", "maillog.py"), *readers):
            told = re.findall(
                r"\b(?:log|logger|logging)\.(?:debug|info|warning|error|exception|critical)\(",
                path.read_text(),
            )
            assert told == [], path
