"""Which account a mail is about, and whether it is a large user account (domain page). PURE.

The ways are tried in order: SuperAdmin address, ZOID, ZUID, a customer address that is one account's
SuperAdmin address though the mail does not call it so, domain of a customer address. A way that finds
nothing, or two accounts, is passed over; the first that finds exactly one decides, also in a conflict. Names and ZGIDs never find an account; licences come from the directory, never from the mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from triaged.judging.decisions import Account, AccountMatch, Partner
from triaged.judging.directory import Directory
from triaged.reading.identifiers import telling
from triaged.reading.identifiers.kinds import COLUMNS, LOOKED_UP
from triaged.reading.values import Identifiers, Service
from triaged.rulebook.fields import Way


def resolve(
    given: Identifiers,
    service: str | None,
    directory: Directory,
    services: Sequence[Service],
    threshold: Callable[[str], int],
    partner: Partner | None,
) -> AccountMatch:
    """The account that `given` leads to, with the arithmetic of its licences.

    `threshold` gives the licences that make an account of a region large; `partner` is the sender's.
    """
    found = _ways(given, directory)
    way, account = _first(found)
    conflict_why = _conflict(given, found)
    counts = eligible(services)
    licences = licences_of(account, counts) if account else 0
    limit = threshold(account.region if account else "")
    return AccountMatch(
        account=account,
        matched_by=way,
        licences=licences,
        threshold=limit,
        large_user=account is not None and licences >= limit,
        eligible=service is None or counts(service),
        conflict=bool(conflict_why),
        conflict_why=conflict_why,
        foreign=bool(account and partner and not looks_after(partner, account)),
        missing=(*telling.missing(given), *(() if service else ("service",))),
        no_identifier=telling.none_identifies(given),
        why=_why(way, account, found, given),
    )


def sought(word: str, directory: Directory) -> tuple[Account, ...]:
    """The accounts that have a word as key, SuperAdmin address, ZOID or ZUID, as staff name one; letter case aside."""
    word = word.strip().casefold()
    by_key = [a for key, a in directory.by_key.items() if key.casefold() == word]
    others = (directory.having(column, word) for column in COLUMNS)
    return tuple({a.key: a for a in (*by_key, *(a for found in others for a in found))}.values())


def identifiers_of(account: Account) -> Identifiers:
    """What a mail would have to give to lead to the account beyond doubt."""
    has = [(kind, account.identifiers(kind.column)) for kind in LOOKED_UP if kind.identifies]
    sure = {kind.name: values for kind, values in has if kind.of_every_account and values}
    others = ({kind.name: values[:1]} for kind, values in has if values)
    return telling.made(sure or next(others, {}))


def looks_after(partner: Partner, account: Account) -> bool:
    """Whether an account is this partner's; one without a partner is nobody's, not that of any single contact."""
    named = account.partner_domain
    return bool(named) and (named == partner.domain or named in partner.contacts)


def licences_of(account: Account, eligible: Callable[[str], bool]) -> int:
    """User licences of an account over eligible services."""
    return sum(count for service, count in account.subscriptions if eligible(service))


def eligible(services: Sequence[Service]) -> Callable[[str], bool]:
    """Whether a service's licences count: every service outside the excluded list does."""
    excluded = {s.name.casefold() for s in services if not s.eligible}
    return lambda name: name.casefold() not in excluded


def _ways(given: Identifiers, directory: Directory) -> dict[Way, tuple[Account, ...]]:
    addresses = (
        *given.customer_emails,
        *filter(None, [given.superadmin_email]),
        *given.other_superadmin_emails,
    )
    domains = (address.rpartition("@")[2] for address in addresses)
    ways: dict[Way, tuple[Account, ...]] = {}
    for kind in LOOKED_UP:
        further = () if kind.several else given.other_superadmin_emails
        keys = (*telling.values(given, kind), *further)
        ways[kind.way] = _look(keys, directory.by_column.get(kind.column, {}))
    return {**ways, "domain": _look(domains, directory.by_domain)}


def _look(keys: Iterable[str], index: Mapping[str, tuple[Account, ...]]) -> tuple[Account, ...]:
    """The accounts that keys lead to; a key shared by several accounts leads nowhere."""
    leads = (index.get(key, ()) for key in keys)
    return tuple({accounts[0].key: accounts[0] for accounts in leads if len(accounts) == 1}.values())


def _first(found: Mapping[Way, tuple[Account, ...]]) -> tuple[Way | None, Account | None]:
    return next(((way, accounts[0]) for way, accounts in found.items() if len(accounts) == 1), (None, None))


def _conflict(given: Identifiers, found: Mapping[Way, tuple[Account, ...]]) -> str:
    if given.several_customers:
        return given.why_several or "the mail asks about two customers"
    led: dict[str, str] = {}
    for way, accounts in found.items():
        for account in accounts:  # the surest way there is told: nearly every address leads by its domain too
            led.setdefault(account.key, f"{way} leads to {account.key}")
    return "; ".join(led.values()) if len(led) > 1 else ""


def _why(
    way: Way | None, account: Account | None, found: Mapping[Way, tuple[Account, ...]], given: Identifiers
) -> str:
    if account and way == "customer_email":
        return f"found by customer address: {account.superadmin_email} is its SuperAdmin's in the directory"
    if account and way:
        return f"found by {way.replace('_', ' ')}"
    many = [
        f"{w.replace('_', ' ')} finds {len(accounts)} accounts" for w, accounts in found.items() if accounts
    ]
    if many:
        return "; ".join(many)
    if any(telling.values(given, kind) for kind in LOOKED_UP):
        return "nothing given is in the directory"
    return "the mail gives no identifier and no customer address"
