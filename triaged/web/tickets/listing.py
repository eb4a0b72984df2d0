"""The list: own tickets, or the organisation's for its admin; sorted, filtered, searched, in pages of 50 by key."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from triaged.store.page_rows import Place, Sort, Status, Wanted
from triaged.vocabulary import EVERY_CHANNEL
from triaged.web import errors, render
from triaged.web.catalogues import _
from triaged.web.pages import May, get
from triaged.web.tickets import wording
from triaged.web.visit import Visit

_SORTS = {
    "reference": Sort.REFERENCE, "person": Sort.PERSON, "subject": Sort.SUBJECT, "created": Sort.CREATED,
    "updated": Sort.UPDATED, "channel": Sort.CHANNEL, "status": Sort.STATUS,
}  # fmt: skip
_DOWN_FIRST = frozenset({"reference", "created", "updated"})
_TABS: Mapping[str, tuple[Status, ...]] = {
    "all": (),
    "waiting": (Status.WAITING,),
    "support": (Status.OPEN, Status.ESCALATED),
    "escalated": (Status.ESCALATED,),
    "resolved": (Status.RESOLVED,),
    "closed": (Status.CLOSED,),
}
_MOST_TEXT = 200


def show(visit: Visit) -> Response:
    """The page of the list that the address names; what it names wrongly is as if it named nothing."""
    text = visit.query("q").strip()[:_MOST_TEXT]
    if text and (wait := visit.house.buckets.wait("search", visit.who.address)):
        return errors.too_often(visit, wait)
    asked = _asked(visit, text)
    wanted = _wanted(visit, asked)
    store, scope = visit.house.store, visit.who.scope
    tabs = {
        name: replace(wanted, statuses=statuses, after=None, before=None) for name, statuses in _TABS.items()
    }
    found, numbers = store.listed(scope, wanted, list(tabs.values()))
    counted = dict(zip(tabs, numbers, strict=True))
    return render.page(
        visit,
        "tickets.html",
        found=found,
        tabs=[(name, title, counted[name]) for name, title in _titles()],
        channels=EVERY_CHANNEL,
        columns=_columns(visit),
        asked=asked,
        link=lambda **changed: _link(asked, **changed),
        cursor=cursor,
        wording=wording,
        is_admin=scope.who == "admin",
        sent=visit.query("sent") == "1",
        missing=[
            m
            for m in visit.query("missing").split(",")
            if m in ("superadmin_email", "service", "zoid", "zuid")
        ],
    )


def _asked(visit: Visit, text: str) -> dict[str, str]:
    """What the address says, put right."""
    tab, sort = visit.query("view"), visit.query("sort")
    sort = sort if sort in _SORTS else "updated"
    direction = visit.query("order")
    return {
        "view": tab if tab in _TABS else "all",
        "sort": sort,
        "order": direction if direction in ("up", "down") else "down" if sort in _DOWN_FIRST else "up",
        "whose": "own" if visit.query("whose") == "own" else "",
        "channel": channel if (channel := visit.query("channel")) in EVERY_CHANNEL else "",
        "q": text,
    }


def _wanted(visit: Visit, asked: Mapping[str, str]) -> Wanted:
    return Wanted(
        now=visit.now,
        statuses=_TABS[asked["view"]],
        text=asked["q"],
        channel=asked["channel"],
        own=asked["whose"] == "own",
        sort=_SORTS[asked["sort"]],
        descending=asked["order"] == "down",
        after=place(visit.query("after")),
        before=place(visit.query("before")),
    )


def _link(asked: Mapping[str, str], **changed: str) -> str:
    usual = {"view": "all", "sort": "updated", "order": "", "whose": "", "channel": "", "q": ""}
    merged = {**asked, **changed}
    if "sort" in changed and "order" not in changed:
        merged["order"] = ""
    said = {name: value for name, value in merged.items() if value and value != usual.get(name)}
    return "/tickets" + (f"?{urlencode(said)}" if said else "")


def _titles() -> tuple[tuple[str, str], ...]:
    return (
        ("all", _("All")),
        ("waiting", _("Waiting for you")),
        ("support", _("With support")),
        ("escalated", _("Escalated")),
        ("resolved", _("Resolved")),
        ("closed", _("Closed")),
    )


def _columns(visit: Visit) -> list[tuple[str, str]]:
    columns = [("reference", _("Reference")), ("subject", _("Subject")), ("status", _("Status"))]
    if visit.who.scope.who == "admin":
        columns.append(("person", _("Person")))
    return [*columns, ("channel", _("Channel")), ("created", _("Created")), ("updated", _("Last activity"))]


def cursor(at: Place) -> str:
    """A place of a list, for an address."""
    return base64.urlsafe_b64encode(json.dumps([at.key, at.ticket_id]).encode()).decode().rstrip("=")


def place(given: str) -> Place | None:
    """The place that an address names; None where it names none."""
    try:
        key, number = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(key, (str, int)) or type(number) is not int:
        return None
    return Place(key, number)


PAGES = (get("/tickets", May.PARTNER, show),)
