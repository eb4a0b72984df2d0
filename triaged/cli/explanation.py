"""`triaged explain` for people: what would happen to a mail and why, aligned, with colour on a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

import click

from triaged.cli import output
from triaged.vocabulary import counted

F = TypeVar("F", bound=Callable[..., Any])

LABEL = 14


def rules_option(command: F) -> F:
    """`--rules`: the rules that did not hit too."""
    return click.option(
        "--rules", "every_rule", is_flag=True, help="Also the rules that did not hit, each with the reason."
    )(command)


def tell(found: Mapping[str, Any], *, every_rule: bool = False) -> None:
    """Print one mail's explanation (the object of `explain --json`)."""
    output.say(f"{found['file']}: {output.clean(found['subject']) or '(no subject)'}", bold=True)
    line("kind", f"{found['kind']}: {found['why']}")
    sender = found["sender"]
    trusted = "trusted" if sender["trusted"] else "not trusted"
    line("sender", f"{sender['address'] or 'nobody'}, {trusted}: {sender['why']}")
    for oddity in sender["oddities"]:
        line("", f"! {oddity}")
    line("language", found["language"] or "-")
    _what_it_gives(found)
    _account(found)
    if found["severity"]:
        _severity(found, every_rule)
    _service_level(found["service_level"])
    for letter in found["letters"]:
        line(
            "letter", f"{letter['kind']} to {', '.join((*letter['to'], *letter['cc']))}: {letter['subject']}"
        )
    for defect in found["defects"]:
        line("defect", defect)
    output.say()


def line(label: str, text: str, colour: str | None = None) -> None:
    """A labelled line, wrapped under itself."""
    width = max(40, shutil.get_terminal_size((100, 24)).columns - LABEL - 2)
    pieces = textwrap.wrap(output.clean(text), width) or [""]
    for number, piece in enumerate(pieces):
        output.say(f"  {label if number == 0 else '':<{LABEL}}", nl=False, dim=True)
        output.say(piece, fg=colour, bold=bool(colour) or None)


def rules(outcomes: Sequence[Mapping[str, Any]], every_rule: bool) -> None:
    """Each rule that hit and by what; of the others their number, or with `every_rule` what failed in each."""
    shown = [one for one in outcomes if every_rule or one["hit"] or _passed_over(one)]
    for why, group in groupby(shown, key=_passed_over):
        if why:
            line("", f"· {len(list(group))} more {why}")
            continue
        for outcome in group:
            mark, colour = ("✓", "green") if outcome["hit"] else ("·", None)
            line("", f"{mark} {outcome['name']}: {outcome['why']}", colour)
    if missed := len(outcomes) - len(shown):
        line("", f"{counted(missed, 'rule')} did not hit: --rules shows them")


def _passed_over(outcome: Mapping[str, Any]) -> str:
    """Why a rule was not even looked at, the same for all behind a `stop`; empty for the others."""
    return str(outcome["why"]) if str(outcome["why"]).startswith("not looked at") else ""


def classifier(word: Mapping[str, Any] | None) -> None:
    """What the classifier says, which words speak for and against, and what is made of it step by step."""
    if word is None:
        return
    doubt = word.get("blind") or ""
    if word.get("abstained"):
        unsure = f" (abstains{f': {doubt}' if doubt else ''})"
    else:
        unsure = f" (a person should look: {doubt})" if doubt else ""
    line("classifier", f"{word['severity']} {word['confidence']:.2f}{unsure}")
    terms = [f"{'+' if weight > 0 else '−'}{term}" for term, weight in word["terms"]]
    if terms:
        line("", "  ".join(terms))
    for step in word.get("steps") or ():
        numbers = "  ".join(f"{name} {value:.2f}" for name, value in step["numbers"].items())
        line("", f"{step['step']:<6} {numbers}  → {step['severity']}, {step['why']}")


def _what_it_gives(found: Mapping[str, Any]) -> None:
    for one in found["identifiers"]["found"]:
        line(
            one["kind"].replace("_", " ").removesuffix(" email"),
            f"{one['value']}  (by {one['by']}, {one['part']}: {one['context']})",
        )
    line("service", f"{found['service'] or '-'}  ({found['service_because']})")
    if found["missing"]:
        line("missing", ", ".join(found["missing"]))


def _account(found: Mapping[str, Any]) -> None:
    account = found["account"]
    if account is None:
        line("account", "none found")
    else:
        large = "large user account" if account["large_user"] else "not large"
        if account["large_user"] and not account["eligible"]:
            large += ", but the service asked about does not count"
        arithmetic = f"{account['licences']} of {account['threshold']} licences"
        line("account", f"{account['name']} ({account['key']}), {account['why']}; {large}: {arithmetic}")
    if found["conflict"]:
        line("conflict", found["conflict_because"])


def _severity(found: Mapping[str, Any], every_rule: bool) -> None:
    classifier(found["classifier"])
    line("rules", f"{sum(r['hit'] for r in found['rules'])} of {len(found['rules'])} hit")
    rules(found["rules"], every_rule)
    line("content", found["content_severity"])
    provisional = ", provisional" if found["provisional"] else ""
    line(
        "severity",
        f"{found['severity']}{provisional}: {found['severity_because']}",
        output.COLOURS[found["severity"]],
    )
    if found["tags"]:
        line("tags", ", ".join(found["tags"]))
    for reason in found["review"]:
        line("review", reason)


def _service_level(level: Mapping[str, Any] | None) -> None:
    if level is None:
        return
    line("service level", f"{level['policy']} ({level['because']})")
    for promise in level["commitments"]:
        line("", f"{promise['kind'].replace('_', ' ')}: {output.plain(promise['due'])} ({promise['target']})")
