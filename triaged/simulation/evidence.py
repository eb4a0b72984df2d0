"""What a month left behind, for whoever checks it."""

from __future__ import annotations

from triaged.followups import steps
from triaged.simulation.month import Month


class Evidence:
    """The month as it ended, read once."""

    def __init__(self, month: Month) -> None:
        store = month.house.store
        self.month, self.now = month, month.now
        self.promises = month.knowledge.rulebook.promises
        self.tickets = {t.id: t for t in store.each_ticket()}
        self.ledger = {m.id: m for m in store.each_mail()}
        self.letters = {row.message_id: row for row in store.letters(limit=10**9)}
        self.pending = {t: {steps.of(d): d for d in store.dues(t)} for t in self.tickets}
        self.delivered = month.postman.delivered
