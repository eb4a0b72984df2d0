"""The final word on a mail's severity and treatment, with the reason of each. PURE.

The severity begins as what a rule set outright, else as the classifier's word, weighed by how often each
severity occurs and by the rulebook's costs (weighing.py), else as the default; then rules bound it.
`content_severity` is worked out the same way from the rules on content alone. Where bounds contradict each
other the more severe wins. A human's severity is not
known here: it stands above all this and the ticket keeps it (domain page, promise 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triaged.frozen import frozen
from triaged.judging.decisions import AccountMatch, Decision, Sender
from triaged.judging.weighing import Weighed, weigh
from triaged.reading.values import Guess
from triaged.rulebook.rulebook import Rulebook
from triaged.rulebook.verdict import Verdict
from triaged.vocabulary import Severity


@frozen
class Opinion:
    """A severity and who holds it."""

    severity: Severity
    because: str


def decide(
    verdict: Verdict,
    guess: Guess | None,
    match: AccountMatch,
    sender: Sender,
    rulebook: Rulebook,
    facts: Mapping[str, Any] | None = None,
) -> Decision:
    """The decision on a request or thanks. `facts`: what the rules saw; a service may have questions of its own."""
    weighed = weigh(guess, rulebook.classifier) if guess is not None else None
    start = opinion(weighed, rulebook.defaults.severity)
    whole = settle(
        start,
        rule_opinion(verdict, verdict.severity, verdict.severity_by),
        rule_opinion(verdict, verdict.at_least, verdict.at_least_by),
        rule_opinion(verdict, verdict.at_most, verdict.at_most_by),
    )
    content = settle(
        start,
        rule_opinion(verdict, verdict.content_severity, verdict.content_severity_by),
        rule_opinion(verdict, verdict.content_at_least, verdict.content_at_least_by),
        rule_opinion(verdict, verdict.content_at_most, verdict.content_at_most_by),
    )
    doubtful = doubt(weighed, start, content, verdict)
    by = verdict.service_level_by
    return Decision(
        severity=whole.severity,
        because=whole.because,
        content_severity=content.severity,
        provisional=match.unidentified,
        abstained=weighed is None or weighed.unknown,
        unsure=content == start and bool(doubtful),
        service_level=verdict.service_level or rulebook.defaults.service_level,
        service_level_because=f"rule {by}" if by else "default of the rulebook",
        tags=verdict.tags,
        review=tuple(reviews(verdict, doubtful, match, sender)),
        queue=verdict.queue or rulebook.defaults.queue,
        verdict=verdict,
        rulebook_version=rulebook.version,
        ask=tuple(dict.fromkeys((*verdict.ask, *rulebook.asks_of((facts or {}).get("service"))))),
    )


def opinion(weighed: Weighed | None, default: Severity) -> Opinion:
    """What holds before any rule: the classifier's word, or the default where it has none or abstains."""
    if weighed is None:
        return Opinion(default, "default, no word of the classifier")
    if weighed.unknown:
        return Opinion(default, f"default, classifier abstained ({weighed.blind})")
    return Opinion(weighed.severity, _with(weighed.told, weighed.doubt(weighed.severity)))


def doubt(weighed: Weighed | None, start: Opinion, content: Opinion, verdict: Verdict) -> str:
    """Why a person should look at what was made of the text, else empty: what rules decide needs no sure guess."""
    if weighed is None or weighed.unknown:
        return start.because
    why = weighed.doubt(content.severity, left_open(verdict))
    return _with(weighed.told, why) if why else ""


def left_open(verdict: Verdict) -> tuple[Severity, ...]:
    """The severities that no rule on content has ruled out: none where one set it outright.

    Of bounds that contradict each other the more severe holds.
    """
    if verdict.content_severity is not None:
        return ()
    least, most = verdict.content_at_least or Severity.S4, verdict.content_at_most or Severity.S1
    return tuple(s for s in Severity if min(least, most) <= s <= least)


def _with(told: str, why: str) -> str:
    return f"{told} ({why})" if why else told


def settle(
    start: Opinion, outright: Opinion | None, at_least: Opinion | None, at_most: Opinion | None
) -> Opinion:
    """The opinion that stands: set outright or the start, made milder by at_most, then more severe by at_least."""
    stands = outright or start
    if at_most and stands.severity < at_most.severity:
        stands = Opinion(
            at_most.severity, f"{at_most.because}; at most {at_most.severity}, else {_told(stands)}"
        )
    if at_least and stands.severity > at_least.severity:
        told = f"{at_least.because}; at least {at_least.severity}, else {_told(stands)}"
        stands = Opinion(at_least.severity, told)
    return stands


def upon(content: Opinion, verdict: Verdict) -> Opinion:
    """A content that stands, with what rules on account, sender and clock make of it.

    For what is judged again without its text (an answer, a changed directory): rules on content alone have
    had their say in `content`.
    """
    own = (
        (verdict.severity, verdict.severity_by, verdict.content_severity_by),
        (verdict.at_least, verdict.at_least_by, verdict.content_at_least_by),
        (verdict.at_most, verdict.at_most_by, verdict.content_at_most_by),
    )
    return settle(
        content, *(rule_opinion(verdict, at, by) if by != of_content else None for at, by, of_content in own)
    )


def _told(opinion: Opinion) -> str:
    return f"{opinion.severity} by {opinion.because}"


def rule_opinion(verdict: Verdict, severity: Severity | None, by: str) -> Opinion | None:
    """A rule's opinion with the sentence of its hit."""
    if severity is None:
        return None
    why = next((outcome.why for outcome in verdict.outcomes if outcome.name == by and outcome.hit), "")
    return Opinion(severity, f"rule {by}: {why}" if why else f"rule {by}")


def reviews(verdict: Verdict, doubtful: str, match: AccountMatch, sender: Sender) -> Iterator[str]:
    """Why staff should look at the ticket; nothing where all is clear. `doubtful`: a classifier's word that is not sure."""
    if verdict.severity is None and doubtful:
        yield f"uncertain severity: {doubtful}"
    if match.conflict:
        yield f"conflicting identifiers: {match.conflict_why}"
    if match.foreign and match.account:
        yield (
            f"another partner's account: {match.account.name} is looked after by "
            f"{match.account.partner_domain or 'nobody'}"
        )
    if sender.role == "staff":
        yield f"mail of our own people that belongs to no ticket: {sender.why}"
    elif not sender.trusted:
        yield f"untrusted sender: {sender.why}"
    yield from verdict.review
