"""Reports: how promises were kept, how long people waited, how content they were, when mail comes; as pages and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from triaged.edge import sheets
from triaged.promises import reports
from triaged.promises.commitments import REPORTED
from triaged.promises.reports import Group
from triaged.tickets.ticket import Ticket
from triaged.web.desk.page import page, since
from triaged.web.pages import May, get
from triaged.web.visit import Visit

_SPANS = ("7d", "30d", "90d")
_TITLES = {"policy": "Service level", "severity": "Severity", "partner": "Partner", "mailbox": "Mailbox"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def show(visit: Visit) -> Response:
    """The month, or the span of the address; printable."""
    word, tickets, groups = _made(visit)
    hours, days = reports.volume(tickets, visit.zone)
    breaches = [one for group in groups if group.by == "mailbox" for one in group.breaches]
    return page(
        visit,
        "reports.html",
        since=word,
        spans=_SPANS,
        titles=_TITLES,
        groups=groups,
        kinds=REPORTED,
        tickets=len(tickets),
        hours=hours,
        days=list(zip(_DAYS, days, strict=True)),
        breaches=breaches[:200],
        partner=visit.query("partner"),
    )


def table(visit: Visit) -> Response:
    """The same as CSV, a line a group; no cell begins a formula (P46)."""
    _word, _tickets, groups = _made(visit)
    return as_csv([reports.as_row(group) for group in groups], "report.csv")


def as_csv(rows: Sequence[dict[str, Any]], name: str) -> Response:
    """A table to be downloaded."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["by", "name", "tickets"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({key: sheets.cell(value) for key, value in row.items()} for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(
        "\ufeff" + out.getvalue(), media_type="text/csv", headers=headers
    )  # the mark: Excel reads UTF-8


def _made(visit: Visit) -> tuple[str, list[Ticket], tuple[Group, ...]]:
    word, begin = since(visit, "30d")
    tickets = list(visit.house.store.each_ticket(begin))
    if partner := visit.query("partner").strip().lower():
        tickets = [one for one in tickets if one.partner_domain == partner]
    return word, tickets, reports.report(tickets, visit.house.knowledge.rulebook.promises, visit.now)


PAGES = (get("/reports", May.STAFF, show), get("/reports.csv", May.STAFF, table))
