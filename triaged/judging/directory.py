"""The directory: accounts and partners from their CSV text. PURE: text in, `Directory` or complaints out.

Bad rows are told by line and refuse the load as a whole, since half a directory would silently take
customers their severity (design page, "Directory files").
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeVar
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.judging.decisions import Account, Partner
from triaged.reading.identifiers.kinds import COLUMNS, LOOKED_UP, IdentifierKind
from triaged.spec.did_you_mean import did_you_mean
from triaged.vocabulary import counted

ACCOUNT_COLUMNS = (
    "key",
    "name",
    "zoid",
    "superadmin_email",
    "domains",
    "region",
    "partner_domain",
    "zuids",
    "subscriptions",
)
OTHERS = {kind.column: kind for kind in LOOKED_UP if kind.column not in ACCOUNT_COLUMNS}
PARTNER_COLUMNS = ("domain", "name", "tier", "region", "contacts")
TIERS = ("authorised", "advanced", "premium")

Row = Mapping[str, str]
T = TypeVar("T")


class RowFault(ValueError):
    """What is wrong with one row."""


class Undecodable(ValueError):
    """The bytes are no text; its words name file, line and remedy."""


@frozen
class Directory:
    """Accounts and partners with the indexes that finding needs. Keys are lower case."""

    accounts: tuple[Account, ...] = ()
    partners: tuple[Partner, ...] = ()
    version: str = ""
    by_key: Mapping[str, Account] = field(default_factory=dict)
    by_column: Mapping[str, Mapping[str, tuple[Account, ...]]] = field(default_factory=dict)
    by_domain: Mapping[str, tuple[Account, ...]] = field(default_factory=dict)
    partner_by_domain: Mapping[str, Partner] = field(default_factory=dict)
    partner_by_contact: Mapping[str, Partner] = field(default_factory=dict)

    def having(self, column: str, value: str) -> tuple[Account, ...]:
        """The accounts that have this identifier in a column of accounts.csv."""
        return self.by_column.get(column, {}).get(value, ())

    def partner_of(self, address: str) -> Partner | None:
        """The partner whose registered domain or single contact `address` is. Domains match exactly."""
        address = address.lower()
        return self.partner_by_contact.get(address) or self.partner_by_domain.get(address.rpartition("@")[2])

    def is_admin(self, address: str) -> bool:
        """Whether somebody may see the tickets of his whole partner."""
        partner = self.partner_of(address)
        return partner is not None and address.lower() in partner.admins

    def partner_known_as(self, name: str | None) -> Partner | None:
        """The partner a ticket names: by its domain, or by a contact's address where it has no domain."""
        name = (name or "").lower()
        return self.partner_by_domain.get(name) or self.partner_by_contact.get(name)


def build(accounts: Iterable[Account], partners: Iterable[Partner], version: str = "") -> Directory:
    """The directory of these accounts and partners, indexed."""
    accounts, partners = tuple(accounts), tuple(partners)
    return Directory(
        accounts,
        partners,
        version,
        by_key={a.key: a for a in accounts},
        by_column={name: _index(accounts, _in_column(name)) for name in COLUMNS},
        by_domain=_index(accounts, lambda a: a.domains),
        partner_by_domain={p.domain: p for p in partners if p.domain},
        partner_by_contact={c: p for p in partners for c in p.contacts},
    )


def _in_column(name: str) -> Callable[[Account], Iterable[str]]:
    return lambda account: account.identifiers(name)


def _index(
    accounts: tuple[Account, ...], keys: Callable[[Account], Iterable[str]]
) -> dict[str, tuple[Account, ...]]:
    found: dict[str, tuple[Account, ...]] = {}
    for account in accounts:
        for key in keys(account):
            if key:
                found[key] = (*found.get(key, ()), account)
    return found


def decode(raw: bytes, name: str) -> str:
    """The text of a CSV file, without a byte order mark. Raises Undecodable."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (len(raw) - len(error.object))
        line = len((raw[:at] + b".").splitlines())
        raise Undecodable(f"{name}:{line}: byte {at} is not UTF-8; save the file as UTF-8") from None


def parse(
    accounts_csv: str, partners_csv: str, *, accounts_name: str, partners_name: str
) -> tuple[Directory | None, list[str]]:
    """The directory two CSV texts write, or None and every complaint, each `file:line: what; remedy`."""
    partners, wrong_partners = _rows(
        partners_csv, partners_name, PARTNER_COLUMNS, {"time_zone", "language", "admins"}, _partner
    )
    accounts, wrong_accounts = _rows(
        accounts_csv, accounts_name, ACCOUNT_COLUMNS, {"plan", *OTHERS}, _account
    )
    wrong = wrong_partners + wrong_accounts
    wrong += _twice(partners_name, partners, lambda p: p.domain, "domain")
    wrong += _twice(accounts_name, accounts, lambda a: a.key, "key")
    if wrong:
        return None, wrong
    version = hashlib.sha256(f"{accounts_csv}\0{partners_csv}".encode()).hexdigest()[:12]
    return build([a for _, a in accounts], [p for _, p in partners], version), []


def _rows(
    text: str, name: str, columns: tuple[str, ...], optional: set[str], make: Callable[[Row], T]
) -> tuple[list[tuple[int, T]], list[str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    made: list[tuple[int, T]] = []
    wrong: list[str] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        wrong = list(_header_faults(header, columns, optional, name))
        if wrong:
            return [], wrong
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            try:
                if len(cells) != len(header):
                    raise RowFault(f"{counted(len(cells), 'cell')} where the header has {len(header)}")
                made.append((reader.line_num, make(dict(zip(header, map(str.strip, cells), strict=True)))))
            except RowFault as fault:
                wrong.append(f"{name}:{reader.line_num}: {fault}")
    except csv.Error as error:
        return [], [*wrong, f"{name}:{reader.line_num}: not readable as CSV: {error}"]
    return made, wrong


def _header_faults(
    header: list[str], columns: tuple[str, ...], optional: set[str], name: str
) -> Iterator[str]:
    if not any(header):
        yield f"{name}:1: the header is missing; write {','.join(columns)}"
        return
    if len(header) == 1 and (mark := next((m for m in ";\t|" if m in header[0]), None)):
        shown = "tabs" if mark == "\t" else f"'{mark}'"
        yield f"{name}:1: columns are separated by {shown}; save it with commas"
        return
    for column in columns:
        if column not in header:
            yield f"{name}:1: column '{column}' is missing; the header is {','.join(columns)}"
    for column in header:
        if column not in columns and column not in optional:
            yield f"{name}:1: unknown column '{column}'{did_you_mean(column, [*columns, *optional])}"


def _twice(name: str, rows: list[tuple[int, T]], key: Callable[[T], str], what: str) -> list[str]:
    first: dict[str, int] = {}
    wrong = []
    for line, row in rows:
        value = key(row)
        if value and first.setdefault(value, line) != line:
            wrong.append(f"{name}:{line}: {what} {value} stands already in line {first[value]}")
    return wrong


def _list(cell: str) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in cell.split(";") if piece.strip())


def _partner(row: Row) -> Partner:
    contacts = tuple(_address(c) for c in _list(row["contacts"]))
    domain = row["domain"].lower()
    if not domain and not contacts:
        raise RowFault("neither domain nor contacts: nobody could be known by this row")
    if domain and ("@" in domain or "." not in domain or " " in domain):
        raise RowFault(f"domain '{domain}' is not a valid mail domain")
    tier = row["tier"].lower().replace("authorized", "authorised")
    if tier not in TIERS:
        raise RowFault(f"tier '{row['tier']}' is none of {', '.join(TIERS)}{did_you_mean(tier, TIERS)}")
    return Partner(
        domain=domain,
        name=row["name"] or domain,
        tier=tier,  # type: ignore[arg-type]
        region=row["region"].upper(),
        contacts=contacts,
        time_zone=_zone(row.get("time_zone", "")),
        language=row.get("language") or None,
        admins=_admins(row, domain, contacts),
    )


def _admins(row: Row, domain: str, contacts: tuple[str, ...]) -> tuple[str, ...]:
    """Who may see the whole organisation: only its own people, or a slip would show it to a stranger."""
    admins = tuple(_address(one) for one in _list(row.get("admins", "")))
    for one in admins:
        if one not in contacts and one.rpartition("@")[2] != domain:
            raise RowFault(f"admin '{one}' is neither of {domain or 'this partner'} nor one of its contacts")
    return admins


def _account(row: Row) -> Account:
    if not row["key"]:
        raise RowFault("key is empty")
    return Account(
        key=row["key"],
        name=row["name"] or row["key"],
        zoid=_digits(row["zoid"], "zoid") if row["zoid"] else "",
        superadmin_email=_address(row["superadmin_email"]) if row["superadmin_email"] else "",
        domains=tuple(d.lower().removeprefix("@") for d in _list(row["domains"])),
        region=row["region"].upper(),
        partner_domain=row["partner_domain"].lower(),
        zuids=tuple(_digits(z, "zuid") for z in _list(row["zuids"])),
        subscriptions=tuple(_subscription(s) for s in _list(row["subscriptions"])),
        plan=row.get("plan") or None,
        others=tuple((column, _others(row, column, kind)) for column, kind in OTHERS.items()),
    )


def _others(row: Row, column: str, kind: IdentifierKind) -> tuple[str, ...]:
    values = _list(row.get(column, ""))
    return tuple(_digits(one, kind.name) if kind.digits else one.lower() for one in values)


def _digits(value: str, what: str) -> str:
    if not (value.isascii() and value.isdigit() and 5 <= len(value) <= 20):
        raise RowFault(f"{what} '{value}' is not 5 to 20 digits")
    return value


def _address(value: str) -> str:
    local, at, domain = value.lower().rpartition("@")
    if not (local and at and "." in domain) or " " in value:
        raise RowFault(f"'{value}' is not a valid mail address")
    return value.lower()


def _zone(value: str) -> str | None:
    if not value:
        return None
    try:
        ZoneInfo(value)
    except Exception:
        raise RowFault(f"time_zone '{value}' is unknown; write one like Europe/Berlin") from None
    return value


def _subscription(text: str) -> tuple[str, int]:
    service, equals, count = (piece.strip() for piece in text.rpartition("="))
    if not (service and equals and count.isascii() and count.isdigit() and len(count) < 10):
        raise RowFault(f"subscription '{text}' is not SERVICE=LICENCES, for example Zoho CRM=120")
    return service, int(count)


def unknown_services(directory: Directory, known: Iterable[str]) -> list[str]:
    """A warning for each subscription to a service the rulebook does not know.

    No fault, since it counts as eligible like every service outside the excluded list; but a misspelt
    excluded service would count too.
    """
    names = {name.casefold() for name in known}
    return [
        f"account {account.key}: the rulebook knows no service '{service}'{did_you_mean(service, known)}"
        for account in directory.accounts
        for service, _ in account.subscriptions
        if service.casefold() not in names
    ]
