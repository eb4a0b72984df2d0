"""The queue: what is promised next, missed on top, one line a ticket; its views, filters and search have an address.

Looking changes nothing, and nothing moves by itself: a script only says how many tickets are new (P35, P36).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from triaged.frozen import frozen
from triaged.store.columns import to_micros
from triaged.store.page_rows import ListRow, Sort, View, Wanted
from triaged.tickets.ticket import State
from triaged.vocabulary import EVERY_CHANNEL, Severity
from triaged.web import errors
from triaged.web.desk.page import page
from triaged.web.pages import May, get
from triaged.web.tickets.listing import cursor, place
from triaged.web.visit import Visit, go, number

VIEWS = (
    (View.QUEUE, "Next promise"), (View.MINE, "Mine"), (View.UNASSIGNED, "Unassigned"), (View.S1, "S1"),
    (View.AT_RISK, "At risk"), (View.MISSED, "Missed"), (View.REVIEW, "Needs review"),
    (View.WAITING, "Waiting on partner"), (View.SNOOZED, "Snoozed"), (View.EVERYTHING, "Everything"),
)  # fmt: skip
SORTS: Mapping[str, tuple[Sort, bool, str]] = {
    "due": (Sort.DUE, False, "next promise"),
    "updated": (Sort.UPDATED, True, "last activity"),
    "created": (Sort.CREATED, True, "newest"),
    "severity": (Sort.SEVERITY, False, "severity"),
}
FIELDS = ("mailbox", "partner", "account", "service", "person", "tag")
_MOST_TEXT = 200
_HINTS = 50  # so many new ones are told apart


@frozen
class Asked:
    """What the address of a queue says, put right: what it names wrongly is as if it named nothing."""

    view: View
    text: str
    sort: str
    severity: str
    state: str
    channel: str
    fields: Mapping[str, str]

    def wanted(self, now: datetime) -> Wanted:
        """The question to the store."""
        sort, descending, _title = SORTS[self.sort]
        return Wanted(
            now=now,
            view=self.view,
            text=self.text,
            severities=(Severity(self.severity),) if self.severity else (),
            states=(State(self.state),) if self.state else (),
            channel=self.channel,
            sort=sort,
            descending=descending,
            mailbox=self.fields["mailbox"],
            partner=self.fields["partner"],
            account=self.fields["account"],
            service=self.fields["service"],
            person=self.fields["person"],
            tag=self.fields["tag"],
        )

    def link(self, **changed: str) -> str:
        """The address of this list with something changed, to be kept or sent to a colleague."""
        said = {
            "view": self.view.value, "q": self.text, "sort": self.sort, "severity": self.severity, "state": self.state,
            "channel": self.channel, **self.fields, **changed,
        }  # fmt: skip
        return "/queue?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves tickets of its view out."""
        return bool(self.severity or self.state or self.channel or self.text or any(self.fields.values()))


def asked(visit: Visit) -> Asked:
    """What the visitor's address asks for."""
    text, given, sort = visit.query("q").strip()[:_MOST_TEXT], visit.query("view"), visit.query("sort")
    view = next((one for one in View if one.value == given), View.EVERYTHING if text else View.QUEUE)
    usual = "updated" if view is View.EVERYTHING else "due"
    severity, state, channel = (visit.query(name) for name in ("severity", "state", "channel"))
    return Asked(
        view,
        text,
        sort if sort in SORTS else usual,
        severity if severity in list(Severity) else "",
        state if state in list(State) else "",
        channel if channel in EVERY_CHANNEL else "",
        {name: visit.query(name).strip()[:_MOST_TEXT] for name in FIELDS},
    )


def show(visit: Visit) -> Response:
    """The queue, or another of its views."""
    wish = asked(visit)
    if wish.text and (wait := visit.house.buckets.wait("search", visit.who.address)):
        return errors.too_often(visit, wait)
    store, scope = visit.house.store, visit.who.scope
    wanted = wish.wanted(visit.now)
    here = replace(wanted, after=place(visit.query("after")), before=place(visit.query("before")))
    views = [Wanted(now=visit.now, view=view) for view, _title in VIEWS]
    found, counts = store.listed(scope, here, [*views, wanted] if wish.is_filtered else views)
    return page(
        visit,
        "queue.html",
        found=found,
        asked=wish,
        here=wish.link(),
        tabs=[(view, title, count) for (view, title), count in zip(VIEWS, counts[: len(VIEWS)], strict=True)],
        whole=counts[-1] if wish.is_filtered else None,
        sorts=[(name, title) for name, (_sort, _down, title) in SORTS.items()],
        severities=list(Severity),
        states=list(State),
        channels=EVERY_CHANNEL,
        mailboxes=[box.name for box in visit.house.config.mailboxes],
        services=[one.name for one in visit.house.knowledge.rulebook.services],
        cursor=cursor,
        mark=mark,
        at_work=visit.house.here.at_all([row.id for row in found.rows], visit.who.address, visit.now),
        newest=to_micros(visit.now),
        said=visit.query("said"),
    )


def mark(row: ListRow) -> str:
    """A ticket of a list as a form names it: with the moment at which it was last changed."""
    return f"{row.reference}@{to_micros(row.updated_at)}"


def news(visit: Visit) -> Response:
    """How many tickets of this list are new or have changed since, and how many S1 among them; moves nothing."""
    wish = asked(visit)
    since = datetime.fromtimestamp(number(visit.query("since")[:16]) / 1_000_000, UTC)
    wanted = replace(wish.wanted(visit.now), sort=Sort.UPDATED, descending=True, limit=_HINTS)
    rows = visit.house.store.page(visit.who.scope, replace(wanted, text="")).rows if not wish.text else ()
    new = [row for row in rows if row.updated_at > since]
    urgent = [row for row in new if row.severity is Severity.S1 and row.created_at > since]
    return JSONResponse({"new": len(new), "s1": len(urgent)})


def most_urgent(visit: Visit) -> Response:
    """The ticket that is promised next; `but`: not this one."""
    wish = asked(visit)
    wanted = replace(wish.wanted(visit.now), limit=3)
    rows = visit.house.store.page(visit.who.scope, wanted).rows
    but = visit.query("but").upper()
    reference = next((row.reference for row in rows if row.reference != but), None)
    return go(f"/queue/{reference}" if reference else "/queue?said=none")


PAGES = (
    get("/queue", May.STAFF, show),
    get("/queue/news", May.STAFF, news),
    get("/queue/next", May.STAFF, most_urgent),
)
