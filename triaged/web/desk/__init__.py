"""The console: what staff see and do, page by page the pair of a command (docs/reference.md)."""

from triaged.web.desk import (
    acts,
    answering,
    bulk,
    ledger,
    model,
    opening,
    people,
    queue,
    reports,
    rules,
    ticket,
    trying,
)

PAGES = (
    *queue.PAGES, *bulk.PAGES, *opening.PAGES, *ticket.PAGES, *answering.PAGES, *acts.PAGES, *trying.PAGES,
    *ledger.PAGES, *reports.PAGES, *rules.PAGES, *model.PAGES, *people.PAGES,
)  # fmt: skip

__all__ = ["PAGES"]
