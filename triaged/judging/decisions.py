"""What judging works with and gives: accounts, partners, senders, verdicts, decisions. PURE, frozen."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Literal

from triaged.frozen import frozen
from triaged.reading.identifiers.kinds import IDENTIFIERS, ON_DEMAND
from triaged.rulebook.fields import Way
from triaged.rulebook.verdict import Verdict
from triaged.vocabulary import Severity

_OF_ACCOUNT = frozenset(kind.name for kind in IDENTIFIERS if kind.of_every_account)


@frozen
class Account:
    """A customer's account in the directory. `subscriptions`: full service name -> user licences."""

    key: str
    name: str
    zoid: str
    superadmin_email: str
    domains: tuple[str, ...]
    region: str
    partner_domain: str
    zuids: tuple[str, ...]
    subscriptions: tuple[tuple[str, int], ...]
    plan: str | None = None
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()  # identifiers that have no field here, by column

    def identifiers(self, column: str) -> tuple[str, ...]:
        """What stands in a column that identifiers are looked up in."""
        found: Any = dict(self.others).get(column) or getattr(self, column, ())
        return tuple(filter(None, (found,) if isinstance(found, str) else found))


@frozen
class Partner:
    """A reseller, known by its mail domain and, rarely, by single contact addresses.

    `admins`: who of its people may see the tickets of all of them.
    """

    domain: str
    name: str
    tier: Literal["authorised", "advanced", "premium"]
    region: str
    contacts: tuple[str, ...] = ()
    time_zone: str | None = None
    language: str | None = None
    admins: tuple[str, ...] = ()


@frozen
class Sender:
    """Who writes, and whether to believe it (design page, `sender`)."""

    address: str
    name: str
    role: Literal["partner", "staff", "stranger"]
    partner: Partner | None
    authentication: Literal["pass", "fail", "none", "unknown"]
    trusted: bool
    why: str


@frozen
class AccountMatch:
    """The account a mail is about, how it was found, and what its licences make of it (domain page).

    `account` None: `why` says so. `eligible` is of the service asked about (None service = eligible).
    """

    account: Account | None
    matched_by: Way | None
    licences: int
    threshold: int
    large_user: bool
    eligible: bool
    conflict: bool
    conflict_why: str
    foreign: bool  # another partner looks after it: needs review
    missing: tuple[str, ...]
    no_identifier: bool
    why: str

    @property
    def unidentified(self) -> bool:
        """Whether the partner must still say which account it is: a domain alone makes it likely, not sure."""
        return self.no_identifier and self.matched_by != "customer_email"

    def wanted(self, asked: Container[str]) -> tuple[str, ...]:
        """What letters ask for: what would help and neither mail nor directory gives.

        What not every matter needs, such as a user's id, only where a rule says so (`asked`).
        """
        known = _OF_ACCOUNT if self.account else frozenset()
        left = (name for name in self.missing if name not in known)
        return tuple(name for name in left if name in asked or name not in ON_DEMAND)


@frozen
class Decision:
    """The final word on a mail's severity and treatment, with the reason of each."""

    severity: Severity
    because: str
    content_severity: Severity
    provisional: bool
    abstained: bool
    service_level: str
    service_level_because: str
    tags: tuple[str, ...]
    review: tuple[str, ...]
    queue: str | None
    verdict: Verdict
    rulebook_version: str = ""
    unsure: bool = False  # the content rests on a guess that is not sure of itself, or on the default
    ask: tuple[str, ...] = ()  # identifiers that letters ask for beside the usual ones
