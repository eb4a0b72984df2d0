"""`triaged tickets show`: a ticket's whole story (walk/story.py), told on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from triaged.cli import explanation, output
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.tickets.ticket import Ticket
    from triaged.walk.conversation import Said


def tell(story: Mapping[str, Any], *, every_rule: bool = False) -> None:
    """Print the story; with `every_rule` also the rules that did not hit."""
    output.say(f"{story['reference']}: {output.clean(story['subject'])}", bold=True)
    line = explanation.line
    line("state", f"{story['state']}, tier {story['tier']}, {story['assigned_to'] or 'assigned to nobody'}")
    provisional = " (provisional)" if story["provisional"] else ""
    colour = output.COLOURS[story["severity"]]
    line("severity", f"{story['severity']}{provisional}: {story['severity_because']}", colour)
    line("content", f"{story['content_severity']} without regard to account or sender")
    line("service level", f"{story['service_level']}, week of {story['region'] or 'no region'}")
    line("service", story["service"] or "-")
    _account(story)
    line("people", ", ".join(_person(p) for p in story["people"]) or "nobody gets letters")
    for reason in story["reviews"]:
        line("review", reason)
    explanation.classifier(story["classifier"])
    _rules_told(story, every_rule)
    _promises(story)
    for due in story["due"]:
        line("due", f"{output.plain(due['due_at'])}  {due['kind']}: {due['step']}")
    for case in story["cases"]:
        expected = f", expected {case['expected']} (no promise)" if case["expected"] else ""
        line("case", f"{case['id']} {case['step']}{expected}")
    output.say()
    for event in story["events"]:
        line(
            output.when(event["at"])[5:],
            f"{event['kind'].replace('_', ' ')} by {event['actor']}: {event['reason']}",
        )


def tell_conversation(ticket: Ticket, said: Sequence[Said]) -> None:
    """Print what was said on a ticket, oldest first, in clear."""
    output.say(f"{ticket.reference}: {output.clean(ticket.subject)}", bold=True)
    for one in said:
        output.say()
        what = one.kind.replace("_", " ") or one.what
        state = f", {one.state}" if one.state and one.state != "sent" else ""
        head = f"{output.when(one.at)}  {one.by} to {', '.join(one.to) or 'nobody'}"
        output.say(output.clean(f"{head}  ({one.what} {one.number}, {what}{state})"), bold=True)
        for text in one.text.strip().splitlines():
            output.say(f"  {output.clean(text)}".rstrip())
        for name in one.attachments:
            output.say(f"  [attached: {output.clean(name)}]")


def _account(story: Mapping[str, Any]) -> None:
    if story["account_name"]:
        large = "large user account" if story["large_user"] else "not treated as large"
        explanation.line(
            "account",
            f"{story['account_name']} ({story['account_key']}): {counted(story['licences'], 'licence')}, {large}",
        )
    if story["missing"]:
        explanation.line("missing", ", ".join(story["missing"]))


def _person(person: Mapping[str, Any]) -> str:
    failed = " (letters do not reach)" if person["failed"] else ""
    return f"{person['address']} ({person['role']}){failed}"


def _rules_told(story: Mapping[str, Any], every_rule: bool) -> None:
    if not story["rules"]:
        return
    judged, force = story["rulebook_version"], story["rulebook_in_force"]
    by = f"rulebook {judged}" if judged == force else f"judged by {judged}; shown by {force}, now in force"
    explanation.line("rules", f"{sum(r['hit'] for r in story['rules'])} of {len(story['rules'])} hit ({by})")
    explanation.rules(story["rules"], every_rule)


def _promises(story: Mapping[str, Any]) -> None:
    for promise in story["commitments"]:
        due = output.plain(promise["due"])
        explanation.line("promise", f"{promise['kind'].replace('_', ' ')}: {promise['state']}, due {due}")
        for step in promise["arithmetic"]:
            explanation.line("", step)
