"""Small rulebooks, mails' facts and judged values for the tests of this room."""

from __future__ import annotations

from typing import Any

from triaged.judging.decisions import AccountMatch, Sender
from triaged.reading.values import Guess
from triaged.rulebook import loading
from triaged.rulebook.rulebook import Rulebook
from triaged.vocabulary import Severity


def rulebook(yaml: str) -> Rulebook:
    """A rulebook of one text, without the other rooms; fails the test with its complaints."""
    made, complaints = loading.load({"rules/a.yaml": yaml}, loading.Rooms())
    assert made is not None, "\n".join(map(str, complaints))
    return made


def complaints(yaml: str) -> list[str]:
    """Every complaint about a text."""
    return [str(c) for c in loading.load({"rules/a.yaml": yaml}, loading.Rooms())[1]]


def rule(when: str, then: str = "{tags: [x]}") -> Rulebook:
    """A rulebook of one rule."""
    return rulebook(f"rules:\n  - name: it\n    when: {when}\n    then: {then}\n")


def guess(severity: str, confidence: float, **chances: float) -> Guess:
    """A word of the classifier; what is left of the chances is spread evenly over the others."""
    others = [s.value for s in Severity if s.value != severity and s.value not in chances]
    rest = (1 - confidence - sum(chances.values())) / max(1, len(others))
    all_ = {**dict.fromkeys(others, rest), **chances, severity: confidence}
    return Guess(Severity(severity), confidence, tuple(sorted(all_.items())), (), "test")


def match(**changes: Any) -> AccountMatch:
    """No account found, nothing else odd."""
    base: dict[str, Any] = {
        "account": None,
        "matched_by": None,
        "licences": 0,
        "threshold": 200,
        "large_user": False,
        "eligible": True,
        "conflict": False,
        "conflict_why": "",
        "foreign": False,
        "missing": (),
        "no_identifier": False,
        "why": "nothing given is in the directory",
    }
    return AccountMatch(**{**base, **changes})


def sender(**changes: Any) -> Sender:
    """A trusted partner."""
    base: dict[str, Any] = {
        "address": "anna@partner.example",
        "name": "Anna",
        "role": "partner",
        "partner": None,
        "authentication": "pass",
        "trusted": True,
        "why": "partner, dmarc=pass",
    }
    return Sender(**{**base, **changes})
