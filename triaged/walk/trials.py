"""The rulebook's own tests, run with the code that judges real mail. PURE.

A trial reads the test's mail as any mail is read, works out sender, account and facts, puts the facts
given by hand over them, and compares what comes out with what the test expects. Without `given` the
sender is a stranger and the directory empty; the classifier speaks only where `classifier` is given,
so that a new model changes no test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from triaged.frozen import frozen
from triaged.judging import accounts, directory, facts, mail_kinds, senders, severity
from triaged.judging.decisions import AccountMatch, Decision, Sender
from triaged.judging.facts import ArrivalContext
from triaged.meetings import eligibility
from triaged.reading.read import read
from triaged.reading.values import Door, Guess, Surroundings
from triaged.reading.words.words import Words
from triaged.rulebook import rules
from triaged.rulebook.checks import flattened
from triaged.rulebook.fields import FIELDS, Type
from triaged.rulebook.rulebook import Rulebook, Test
from triaged.rulebook.specs import MailSpec
from triaged.rulebook.telling import shown
from triaged.vocabulary import Severity

SUPPORT = frozenset({"partner-support@zohocorp.com", "partner-support@eu.zohocorp.com"})
_NOBODY = MailSpec.model_validate({"from": "nobody@nowhere.example"})
_EMPTY = directory.build([], [])


@frozen
class Surprise:
    """One thing that came out otherwise than expected; `why` tells what led to it."""

    what: str
    wanted: str
    got: str
    why: str = ""

    def __str__(self) -> str:
        because = f" ({self.why})" if self.why else ""
        return f"{self.what}: wanted {self.wanted}, got {self.got}{because}"


@frozen
class Trial:
    """One test of the rulebook, run. `hits` are the rules that spoke."""

    test: Test
    surprises: tuple[Surprise, ...]
    hits: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all came out as expected."""
        return not self.surprises


def run(
    rulebook: Rulebook, tests: Iterable[Test] | None = None, words: Words | None = None
) -> Iterator[Trial]:
    """Each test of the rulebook (or those given), run in order; mail is read by `words`, else by those that ship."""
    around = Surroundings(
        support_addresses=SUPPORT,
        services=rulebook.services,
        staff_domains=frozenset({"zohocorp.com"}),
        words=words,
    )
    for test in rulebook.tests if tests is None else tests:
        yield _trial(rulebook, test, around)


def coverage(rulebook: Rulebook, trials: Iterable[Trial]) -> tuple[str, ...]:
    """Names of the rules that no trial made hit, in file order."""
    hit = {name for trial in trials for name in trial.hits}
    return tuple(rule.name for rule in rulebook.rules if rule.name not in hit)


def _trial(rulebook: Rulebook, test: Test, around: Surroundings) -> Trial:
    reading = read(_raw(test.spec.mail or _NOBODY), Door(), around)
    sender = senders.who(reading, _EMPTY, around)
    match = accounts.resolve(
        reading.identifiers, reading.service, _EMPTY, rulebook.services, rulebook.threshold, sender.partner
    )
    kind = mail_kinds.sort(reading, sender).kind
    seen = _with_given(facts.gather(reading, sender, match, ArrivalContext(kind=kind)), test, rulebook)
    verdict = rules.judge(rulebook, seen)
    decision = severity.decide(
        verdict, _guess(seen), _match(match, seen), _sender(sender, seen), rulebook, seen
    )
    hits = tuple(outcome.name for outcome in verdict.outcomes if outcome.hit)
    surprises = (*_surprises(test, decision, hits, seen), *_offered(test, rulebook, seen))
    return Trial(test, surprises, hits)


def _raw(spec: MailSpec) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = spec.from_
    mail["To"] = ", ".join(spec.to)
    if spec.cc:
        mail["Cc"] = ", ".join(spec.cc)
    mail["Subject"] = " ".join(spec.subject.split())
    mail["Message-ID"] = "<test@rulebook.invalid>"
    mail.set_content(spec.body)
    return mail.as_bytes()


def _with_given(gathered: Mapping[str, Any], test: Test, rulebook: Rulebook) -> dict[str, Any]:
    """The facts with those given over them, and what follows from those given."""
    given = {name: _plain(name, value) for _, name, value in flattened(test.spec.given)}
    seen = {**gathered, **given}
    if "service" in given and "service.eligible" not in given:
        seen["service.eligible"] = rulebook.eligible(given["service"])
    if "account.region" in given and "account.threshold" not in given:
        seen["account.threshold"] = rulebook.threshold(given["account.region"])
    if "account.licences" in given and "account.large_user" not in given:
        seen["account.large_user"] = given["account.licences"] >= seen["account.threshold"]
    if any(name.startswith("account.") for name in given):
        seen["account.why"] = seen["account.why"] if seen["account.key"] else "given by the test"
    if "sender.trusted" in given:
        seen["sender.why"] = "given by the test"
    return seen


def _plain(name: str, value: Any) -> Any:
    words = name in FIELDS and FIELDS[name].type is Type.WORDS
    return tuple(value) if words and isinstance(value, list) else value


def _guess(seen: Mapping[str, Any]) -> Guess | None:
    said, confidence = seen["classifier.severity"], seen["classifier.confidence"]
    if said is None:
        return None
    sure = 1.0 if confidence is None else float(confidence)
    others = (1 - sure) / 3
    chances = tuple((s.value, sure if s.value == said else others) for s in Severity)
    return Guess(Severity(said), sure, chances, (), "given by the test")


def _match(match: AccountMatch, seen: Mapping[str, Any]) -> AccountMatch:
    return replace(
        match,
        matched_by=seen["account.matched_by"],
        licences=seen["account.licences"],
        threshold=seen["account.threshold"],
        large_user=seen["account.large_user"],
        eligible=seen["service.eligible"],
        conflict=seen["conflict"],
        conflict_why=seen["conflict.why"] or "given by the test",
        foreign=seen["account.foreign"],
        missing=tuple(seen["missing"]),
        no_identifier=seen["no_identifier"],
    )


def _sender(sender: Sender, seen: Mapping[str, Any]) -> Sender:
    return replace(
        sender,
        role=seen["sender.role"],
        trusted=seen["sender.trusted"],
        authentication=seen["sender.authentication"],
        why=seen["sender.why"],
    )


def _surprises(
    test: Test, decision: Decision, hits: tuple[str, ...], seen: Mapping[str, Any]
) -> Iterator[Surprise]:
    wanted, verdict = test.spec.expect, decision.verdict
    why = {outcome.name: outcome.why for outcome in verdict.outcomes}
    for name in wanted.hits:
        if name not in hits:
            yield Surprise(f"rule {name}", "a hit", "a miss", why.get(name, "it is switched off"))
    for name in wanted.misses:
        if name in hits:
            yield Surprise(f"rule {name}", "a miss", "a hit", why[name])
    got: dict[str, tuple[Any, str]] = {
        "severity": (decision.severity, decision.because),
        "content_severity": (decision.content_severity, ""),
        "service_level": (decision.service_level, decision.service_level_because),
        "queue": (decision.queue, ""),
        "letter": (verdict.letter, ""),
        "provisional": (decision.provisional, ""),
        "review": (bool(decision.review), "; ".join(decision.review)),
    }
    for what, (value, because) in got.items():
        asked = getattr(wanted, what)
        if asked is not None and asked != value:
            yield Surprise(what, shown(_word(asked)), shown(_word(value)), because)
    for what, have in (
        ("tags", decision.tags),
        ("hold_letters", verdict.hold_letters),
        ("ask", decision.ask),
    ):
        asked = getattr(wanted, what)
        if asked is not None and set(asked) != set(have):
            yield Surprise(what, _all_of(asked), _all_of(have))
    for _, name, value in flattened(wanted.facts):
        if _plain(name, value) != seen.get(name):
            yield Surprise(name, shown(value), shown(seen.get(name)))


def _offered(test: Test, rulebook: Rulebook, seen: Mapping[str, Any]) -> Iterator[Surprise]:
    """Whether a screen-sharing session may be offered on the ticket of such a mail."""
    wanted = test.spec.expect.screen_sharing
    if wanted is None:
        return
    offered = rulebook.promises.screen_sharing if rulebook.promises else None
    why = eligibility.by_plan_and_tier(offered, seen["account.plan"], seen["partner.tier"])
    if not why and not seen["sender.trusted"]:
        why = eligibility.UNVERIFIED
    if wanted is bool(why):
        yield Surprise("screen_sharing", shown(wanted), shown(not why), why)


def _word(value: Any) -> Any:
    return value.value if isinstance(value, Severity) else value


def _all_of(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"
