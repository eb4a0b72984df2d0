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
from triaged.promises.reports import Group, Tally, Volume
from triaged.web.desk.page import page, since
from triaged.web.pages import May, get
from triaged.web.visit import Visit

_SPANS = ("7d", "30d", "90d")
_TITLES = {"policy": "Service level", "severity": "Severity", "partner": "Partner", "mailbox": "Mailbox"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def show(visit: Visit) -> Response:
    """The month, or the span of the address; printable."""
    word, volume, groups = _made(visit)
    breaches = [one for group in groups if group.by == "mailbox" for one in group.breaches]
    return page(
        visit,
        "reports.html",
        since=word,
        spans=_SPANS,
        titles=_TITLES,
        groups=groups,
        kinds=REPORTED,
        tickets=volume.tickets,
        hours=volume.hours,
        days=list(zip(_DAYS, volume.days, strict=True)),
        breaches=breaches[:200],
        partner=visit.query("partner"),
    )


def table(visit: Visit) -> Response:
    """The same as CSV, a line a group; no cell begins a formula (P46)."""
    _word, _volume, groups = _made(visit)
    return as_csv([reports.as_row(group) for group in groups], "report.csv")


def as_csv(rows: Sequence[dict[str, Any]], name: str) -> Response:
    """A table to be downloaded."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["by", "name", "tickets"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({key: sheets.cell(value) for key, value in row.items()} for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    # The mark: Excel reads UTF-8.
    return Response("\ufeff" + out.getvalue(), media_type="text/csv", headers=headers)


def _made(visit: Visit) -> tuple[str, Volume, tuple[Group, ...]]:
    word, begin = since(visit, "30d")
    partner = visit.query("partner").strip().lower() or None
    tally = Tally(visit.house.knowledge.rulebook.promises, visit.now)
    volume = Volume(visit.zone)
    for one in visit.house.store.reported(begin, partner):
        tally.take(one)
        volume.take(one)
    return word, volume, tally.groups()


PAGES = (get("/reports", May.STAFF, show), get("/reports.csv", May.STAFF, table))
