"""One mail judged by two rulebooks, side by side: what each makes of it, and where they differ. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triaged.frozen import frozen
from triaged.reading.values import Reading
from triaged.rulebook.telling import shown
from triaged.rulebook.text_differences import FileDifference, differences
from triaged.store.rows import PastMail
from triaged.walk.backtest import envelope_of
from triaged.walk.explain import as_object, explain
from triaged.walk.knowledge import Knowledge


@frozen
class Beside:
    """`changes`: what, before, after; `letters`: those whose text differs, by kind. Nothing: both make the same of it."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    changes: tuple[tuple[str, str, str], ...]
    letters: tuple[FileDifference, ...]

    @property
    def same(self) -> bool:
        """Whether both rulebooks make the same of it."""
        return not (self.changes or self.letters)


def beside(old: Mapping[str, Any], new: Mapping[str, Any]) -> Beside:
    """Two objects of `explain` compared."""
    before, after = _facets(old), _facets(new)
    changes = tuple(
        (what, _told(value), _told(after[what])) for what, value in before.items() if value != after[what]
    )
    return Beside(old, new, changes, differences(_bodies(old), _bodies(new)))


def as_it_came(mail: PastMail, reading: Reading, known: Knowledge) -> Mapping[str, Any]:
    """A stored mail judged as it arrived then, as `explain` tells it."""
    envelope = envelope_of(mail, known.config)
    explained = explain(reading, envelope, known.ground(mail.mailbox, mail.received_at))
    return as_object(f"mail {mail.id}", explained, known.bearings)


def _facets(found: Mapping[str, Any]) -> dict[str, Any]:
    level, account = found["service_level"] or {}, found["account"] or {}
    return {
        "kind": found["kind"],
        "opens a ticket": found["opens_ticket"],
        "severity": found["severity"],
        "severity by content": found["content_severity"],
        "provisional": found.get("provisional"),
        "service": found["service"],
        "account": account.get("key"),
        "large user account": account.get("large_user"),
        "service level": level.get("policy"),
        "promised": [f"{one['kind']} {one['due']}" for one in level.get("commitments", ())],
        "tags": sorted(found.get("tags") or ()),
        "queue": found.get("queue"),
        "review": list(found.get("review") or ()),
        "rules that hit": [one["name"] for one in found["rules"] if one["hit"]],
        "letters": [f"{one['kind']} to {', '.join(one['to'])}" for one in found["letters"]],
    }


def _told(value: Any) -> str:
    return (", ".join(value) or "none") if isinstance(value, list) else shown(value)


def _bodies(found: Mapping[str, Any]) -> dict[str, str]:
    return {one["kind"]: f"{one['subject']}\n\n{one['body']}" for one in found["letters"]}
