"""The console: what staff see and do, page by page the pair of a command (docs/reference.md)."""

from triaged.web.desk import (
    acts,
    answering,
    bulk,
    ledger,
    meetings,
    model,
    opening,
    people,
    queue,
    reports,
    rulebook,
    rulebook_history,
    rules,
    ticket,
    trying,
    working,
)

PAGES = (
    *queue.PAGES, *bulk.PAGES, *opening.PAGES, *ticket.PAGES, *answering.PAGES, *acts.PAGES, *meetings.PAGES, *trying.PAGES,
    *ledger.PAGES, *reports.PAGES, *rules.PAGES, *rulebook.PAGES,
    *rulebook_history.PAGES, *working.PAGES, *model.PAGES, *people.PAGES,
)  # fmt: skip

__all__ = ["PAGES"]
