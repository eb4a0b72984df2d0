"""What others did to a ticket since a page of it was shown, as far as whoever writes there should know it first. PURE."""

from __future__ import annotations

from triaged.tickets.ticket import Event, Happening, Ticket

# What changes the ground an answer stands on; letters of the machine, notes and clocks do not.
FOR_PARTNERS = frozenset(
    {
        Happening.PARTNER_ANSWERED, Happening.STAFF_ANSWERED, Happening.WAITING, Happening.RESOLVED,
        Happening.REOPENED, Happening.CLOSED, Happening.MERGED, Happening.SPLIT, Happening.CASE_MOVED,
        Happening.PEOPLE_CHANGED,
    }
)  # fmt: skip
FOR_STAFF = FOR_PARTNERS | {
    Happening.STAFF_NOTED, Happening.SEVERITY_CORRECTED, Happening.ASSIGNED, Happening.IDENTIFIED,
    Happening.ESCALATED, Happening.SNOOZED, Happening.UNMERGED, Happening.TAKEN_BACK, Happening.JUDGED,
    Happening.MEETING_CHANGED,
}  # fmt: skip


def of(ticket: Ticket, seen: int, reader: str, *, is_staff: bool = False) -> tuple[Event, ...]:
    """The events after version `seen` that count, the reader's own left out."""
    kinds = FOR_STAFF if is_staff else FOR_PARTNERS
    return tuple(e for e in ticket.events if e.id > seen and e.kind in kinds and e.actor != reader)
