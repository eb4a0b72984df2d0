"""A row of a list as its reader sees it: whose request it is, how it stands, and for staff what they work by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from triaged.store.page_rows import ListRow, Status
from triaged.store.scope import Scope
from triaged.store.tables import person
from triaged.store.threads import reference
from triaged.tickets.ticket import State

_WHO_ASKED = (
    select(person.c.ticket_id, person.c.address, person.c.name)
    .where(person.c.ticket_id.in_(bindparam("ids", expanding=True)), person.c.role == "requester")
    .order_by(person.c.ticket_id, person.c.place.desc())
)


def status_of(state: State, tier: int, engineering: bool) -> Status:
    """How a ticket stands in the words of a partner's list."""
    if state in (State.NEW, State.OPEN):
        return Status.ESCALATED if tier > 1 or engineering else Status.OPEN
    return Status(str(state))


def shown(connection: Connection, rows: Sequence[Any], scope: Scope) -> tuple[ListRow, ...]:
    """Rows of tickets, in their order."""
    names = _requesters(connection, [row.id for row in rows])
    return tuple(_row(row, names, scope) for row in rows)


def _requesters(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = connection.execute(_WHO_ASKED, {"ids": ids}) if ids else ()
    return {row.ticket_id: (row.address, row.name) for row in rows}


def _row(row: Any, names: Mapping[int, tuple[str, str]], scope: Scope) -> ListRow:
    address, name = names.get(row.id, ("", ""))
    shown = ListRow(
        id=row.id, reference=reference(row.id), subject=row.subject, person=address, person_name=name,
        created_at=row.created_at, updated_at=row.updated_at, channel=row.channel,
        status=status_of(row.state, row.tier, row.engineering), state=row.state, private=row.private,
    )  # fmt: skip
    return _for_staff(shown, row) if scope.is_staff else shown


def _for_staff(shown: ListRow, row: Any) -> ListRow:
    return replace(
        shown, severity=row.severity, provisional=row.provisional, mailbox=row.mailbox,
        partner=row.partner_domain or "", account=row.account_name or "", service=row.service or "",
        assigned_to=row.assigned_to or "", promise=row.promise or "", promised_at=row.promised_at,
        tags=tuple(row.tags), reviews=len(row.reviews), tier=row.tier, snoozed_until=row.snoozed_until,
    )  # fmt: skip
