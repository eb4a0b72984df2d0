"""The service the trouble is about: not one merely mentioned, used beside, or denied.

Contract: `which` knows the services by the rulebook alone (name, aliases; the name without "Zoho" too)
and answers with a full name and why, or None. A filled-in "Service name" field decides; else the
mention with the best case: "in Zoho Desk …" before "we use CRM", subject and contrast ("but only in
Books") count, "CRM works fine" and "not a CRM issue" speak against; a link's host is the last resort.
Plain words (mail, people, books) count only written or placed like a name. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from triaged.frozen import frozen
from triaged.reading.identifiers.passages import Passage
from triaged.reading.identifiers.scope import passages
from triaged.reading.services import service_words as words
from triaged.reading.services.service_fields import filled_in, guidance
from triaged.reading.services.service_names import LINK, Mention, Names
from triaged.reading.values import NewText, Service

MOST = 300  # mentions weighed in one mail


@frozen
class ServiceFind:
    """The service a mail is about, full name as in the subscriptions, and why."""

    name: str | None
    why: str


@lru_cache(maxsize=8)
def _names(services: tuple[Service, ...]) -> Names:
    return Names(services)


def which(subject: str, parts: NewText, services: Sequence[Service]) -> ServiceFind:
    """The service the mail is about."""
    names = _names(tuple(services))
    looked = passages(subject, parts)
    mentions = _said(looked, names)
    field = filled_in(looked, names)
    if field:
        return _of_field(field, mentions)
    best = _best(mentions, mentions) if mentions else None
    if best and best.name:
        return best
    linked = _by_link(looked, names)
    if linked.name or best:
        return linked if linked.name or best is None else best
    likely = _said(looked, names, loosely=True)
    return _best(likely, likely)


def _said(looked: Sequence[Passage], names: Names, *, loosely: bool = False) -> list[Mention]:
    """The services the mail names, those apart that the template names to show how it is filled in."""
    found: list[Mention] = []
    for passage in looked:
        shown = guidance(passage)
        said = (
            m for m in names.mentions(passage, loosely=loosely) if not any(a <= m.start < b for a, b in shown)
        )
        found += islice(said, MOST - len(found))
    return found


def _of_field(field: list[Mention], mentions: list[Mention]) -> ServiceFind:
    """The field's service; of several in it the one the rest of the mail makes the best case for."""
    named = {m.name for m in field}
    if len(named) == 1:
        return ServiceFind(field[0].name, f"field “{_line(field[0])}”")
    return _best([*field, *(m for m in mentions if m.name in named)], mentions)


def _best(candidates: list[Mention], mentions: list[Mention]) -> ServiceFind:
    """The service with the best case; ties go to the one named first."""
    denied = _denied(mentions)
    scores: dict[str, float] = {}
    because: dict[str, str] = {}
    for at, mention in enumerate(candidates):
        if id(mention) in denied:
            continue
        score, why = _weigh(mention)
        if any(d.name == mention.name for d in mentions if id(d) in denied):
            score *= 0.2
        known = scores.get(mention.name)
        if known is None:
            scores[mention.name], because[mention.name] = score - at * 0.01, why
        else:
            scores[mention.name] = max(known, score) + 0.3
            because[mention.name] = why if score > known else because[mention.name]
    if not scores:
        return ServiceFind(
            None, "services named only to say they are not the trouble" if mentions else "no service named"
        )
    best = max(scores, key=lambda name: scores[name])
    best = next((name for name in scores if name.startswith(best + " ") and name.endswith("add-ons")), best)
    return ServiceFind(best, because[best])


def _weigh(mention: Mention) -> tuple[float, str]:
    """How strongly a mention speaks for its service, and the line it stands in."""
    before, after = mention.before, mention.after
    score, why = (3.0, "named") if mention.full else (2.6, "named")
    if _is_aside(before, after):
        score, why = score * 0.35, "mentioned"
    elif words.TROUBLE_BEFORE.search(before):
        score, why = score + 2.0, "the trouble is there"
    if words.TROUBLE_AFTER.match(after):
        score, why = score + 1.0, "the trouble is there"
    if words.CONTRAST.search(before):
        score, why = score + 1.5, "set against others"
    if mention.passage.part == "subject":
        score += 1.5
    if mention.name.endswith((" Plus", " One", " Workplace")):
        score *= 0.45
    return score, f"{why}: “{_line(mention)}”"


def _is_aside(before: str, after: str) -> bool:
    """Used beside, ours, or of another time."""
    told = words.MENTIONED_BEFORE.search(before) or words.OURS_BEFORE.search(before)
    return bool(told or words.MENTIONED_AFTER.match(after) or words.PAST_AFTER.match(after))


def _denied(mentions: list[Mention]) -> set[int]:
    """Mentions that say "not this one", alone or in a row ("not CRM or Books")."""
    found: set[int] = set()
    for earlier, mention, next_one in zip([None, *mentions], mentions, [*mentions[1:], None], strict=False):
        if _is_denied(mention, next_one) or (earlier and id(earlier) in found and _goes_on(earlier, mention)):
            found.add(id(mention))
    for mention, later in zip(reversed(mentions[:-1]), reversed(mentions[1:]), strict=True):
        if id(later) in found and _goes_on(mention, later) and _works_fine(later):
            found.add(id(mention))
    return found


def _goes_on(earlier: Mention, later: Mention) -> bool:
    if earlier.passage is not later.passage or later.start - earlier.end > 60 or later.start < earlier.end:
        return False
    return bool(words.AND_NEITHER.match(later.passage.folded[earlier.end : later.start].replace("\n", " ")))


def _is_denied(mention: Mention, later: Mention | None) -> bool:
    struck = "~~" in mention.after and mention.before.count("~~") % 2 == 1
    if words.ALL_BUT.search(mention.before):
        return struck
    return struck or bool(words.DENIED_BEFORE.search(mention.before)) or _works_fine(mention, later)


def _works_fine(mention: Mention, later: Mention | None = None) -> bool:
    """ "CRM is fine", "CRM läuft"; what is said of the service named next ("Flow fails, CRM is fine") apart."""
    after = re.split(
        r"\b(?:but|only|except|aber|nur|mais|sauf|pero|sino|however|when|if|while|wahrend)\b|が、",
        _up_to(mention, later),
    )[0]
    fine = words.WORKS_FINE.search(after)
    if (
        fine is None
        or words.REST_OF_IT.search(after[: fine.start()])
        or words.ANOTHER.search(after[: fine.start()])
    ):
        return False
    return not words.NOT_FINE.search(after[: fine.start()])


def _up_to(mention: Mention, later: Mention | None) -> str:
    """The words behind a mention, as far as a clause about the next service; a row of services is one clause."""
    if later is None or later.passage is not mention.passage or _goes_on(mention, later):
        return mention.after
    between = mention.after[: max(0, later.start - mention.end)]
    return between if any(comma in between for comma in ",;、") else mention.after


def _by_link(looked: Sequence[Passage], names: Names) -> ServiceFind:
    for passage in looked:
        for found in LINK.finditer(passage.folded):
            name = names.of_host(found.group(1) or "")
            if name:
                return ServiceFind(name, f"link “{found.group()[:80]}”")
    return ServiceFind(None, "no service named")


def _line(mention: Mention) -> str:
    return mention.passage.context(mention.start)
