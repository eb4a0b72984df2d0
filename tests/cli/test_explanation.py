"""`triaged explain` in words: every line that there is to say, and none that there is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from triaged.cli import explanation

RULES = [
    {"name": "outage", "hit": True, "why": "subject has down"},
    {"name": "late", "hit": False, "why": "subject has none of late"},
    {"name": "early", "hit": False, "why": "subject has none of early"},
    {"name": "after", "hit": False, "why": "not looked at: outage stops"},
    {"name": "beyond", "hit": False, "why": "not looked at: outage stops"},
]
STEP = {
    "step": "costs",
    "numbers": {"S1": 0.5, "S2": 0.25},
    "severity": "S1",
    "why": "a missed one costs more",
}
RICH: dict[str, Any] = {
    "file": "one.eml",
    "subject": "Tills are down",
    "kind": "request",
    "why": "no answer to anything",
    "sender": {
        "address": "anna@oak.example", "trusted": True, "why": "dmarc=pass", "oddities": ["display name is an address"],
    },
    "language": "de",
    "identifiers": {
        "found": [
            {"kind": "superadmin_email", "value": "it@oak.example", "by": "label", "part": "new", "context": "SuperAdmin:"}
        ]
    },
    "service": "Zoho CRM",
    "service_because": "named in the subject",
    "missing": ["zoid", "zuid"],
    "account": {
        "large_user": True, "eligible": False, "licences": 90, "threshold": 50, "name": "Oak", "key": "A1", "why": "by its ZOID",
    },
    "conflict": True,
    "conflict_because": "two accounts are named",
    "severity": "S1",
    "classifier": {
        "severity": "S1", "confidence": 0.514, "blind": "", "abstained": False,
        "terms": [["down", 1.5], ["slow", -0.5]], "steps": [STEP],
    },
    "rules": RULES,
    "content_severity": "S2",
    "provisional": True,
    "severity_because": "two reasons",
    "tags": ["tills", "vip"],
    "review": ["a conflict", "a doubt"],
    "service_level": {
        "policy": "large", "because": "a large user",
        "commitments": [{"kind": "first_response", "due": datetime(2026, 11, 23, 10, tzinfo=UTC), "target": "1 h"}],
    },
    "letters": [{"kind": "acknowledgment", "to": ["anna@oak.example"], "cc": ["bob@oak.example"], "subject": "[PS-1] Tills"}],
    "defects": ["a header cut off"],
}  # fmt: skip
TOLD = """\
one.eml: Tills are down
  kind          request: no answer to anything
  sender        anna@oak.example, trusted: dmarc=pass
                ! display name is an address
  language      de
  superadmin    it@oak.example  (by label, new: SuperAdmin:)
  service       Zoho CRM  (named in the subject)
  missing       zoid, zuid
  account       Oak (A1), by its ZOID; large user account, but the service asked about does not count: 90 of 50 licences
  conflict      two accounts are named
  classifier    S1 0.51
                +down  −slow
                costs  S1 0.50  S2 0.25  → S1, a missed one costs more
  rules         1 of 5 hit
                ✓ outage: subject has down
                · 2 more not looked at: outage stops
                2 rules did not hit: --rules shows them
  content       S2
  severity      S1, provisional: two reasons
  tags          tills, vip
  review        a conflict
  review        a doubt
  service level large (a large user)
                first response: 2026-11-23T10:00:00Z (1 h)
  letter        acknowledgment to anna@oak.example, bob@oak.example: [PS-1] Tills
  defect        a header cut off

"""
SPARSE: dict[str, Any] = {
    **RICH,
    "subject": "",
    "sender": {"address": "", "trusted": False, "why": "no From", "oddities": []},
    "language": None,
    "identifiers": {"found": []},
    "service": None,
    "missing": [],
    "account": None,
    "conflict": False,
    "severity": None,
    "service_level": None,
    "letters": [],
    "defects": [],
}
TOLD_SPARSE = """\
one.eml: (no subject)
  kind          request: no answer to anything
  sender        nobody, not trusted: no From
  language      -
  service       -  (named in the subject)
  account       none found

"""


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize(("found", "told"), [(RICH, TOLD), (SPARSE, TOLD_SPARSE)], ids=["rich", "sparse"])
def test_a_mail_is_told_line_by_line(
    found: dict[str, Any], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    explanation.tell(found)
    assert capsys.readouterr().out == told


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"account": RICH["account"] | {"eligible": True}}, "by its ZOID; large user account: 90 of 50"),
        ({"account": RICH["account"] | {"large_user": False}}, "by its ZOID; not large: 90 of 50"),
        ({"provisional": False}, "severity      S1: two reasons"),
        ({"classifier": RICH["classifier"] | {"blind": "few words"}}, "S1 0.51 (a person should look: few words)"),
        (
            {"classifier": RICH["classifier"] | {"blind": "few words", "abstained": True}},
            "S1 0.51 (abstains: few words)",
        ),
        ({"classifier": RICH["classifier"] | {"abstained": True}}, "S1 0.51 (abstains)"),
    ],
)  # fmt: skip
def test_what_is_otherwise_is_told_otherwise(
    changed: dict[str, Any], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    explanation.tell(RICH | changed)
    assert line in capsys.readouterr().out


@pytest.mark.parametrize(
    ("missing", "line"), [("classifier", "  classifier"), ("tags", "  tags"), ("review", "  review")]
)
def test_what_is_not_there_has_no_line(missing: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    explanation.tell(RICH | {missing: None if missing == "classifier" else []})
    assert line not in capsys.readouterr().out


def test_every_rule_is_told_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    explanation.tell(RICH, every_rule=True)
    told = capsys.readouterr().out
    assert "· late: subject has none of late" in told and "did not hit" not in told


def test_a_long_line_is_wrapped_under_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "56")
    explanation.line("why", "word " * 10)
    assert capsys.readouterr().out == f"  {'why':<14}{'word ' * 7}word\n  {'':<14}word word\n"
