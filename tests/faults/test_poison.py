"""A mail that kills or hangs whoever reads it: its batch goes on, it ends unseen by nobody."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.town import ANNA, CARL, Town, mail
from triaged.readers import pool
from triaged.readers.pool import Readers
from triaged.walk import triage

LEADS = "leads@zohocorp.com"


def test_a_mail_that_hangs_its_reader_is_a_ticket_for_review_and_its_batch_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triaged.daemon.daemon.Readers", Readers)
    monkeypatch.setattr(pool, "GRACE_SECONDS", 1.0)
    town.config["limits"] = {"seconds_per_mail": 1}
    daemon = town.build()
    daemon.start()
    try:
        town.arrives(mail(CARL, "First", "Org ID: 60031122399\nIt is slow."))
        # Its readers are warm then: whoever hangs before that is given the time of a start.
        town.settled(1, 120)
        for worker in daemon.house.readers._crew._workers:  # type: ignore[union-attr]
            os.kill(worker._process.pid, signal.SIGSTOP)  # whatever it reads next, it will never have done
        town.arrives(
            mail(ANNA, "Poison", "Whatever this is"),
            *(mail(CARL, f"Sound {n}", "Org ID: 60031122399\nIt is slow.") for n in range(4)),
        )
        town.settled(6, 120)
        by = {ticket.subject: ticket for ticket in town.tickets()}
        assert len(by) == 6 and len(town.letters(CARL)) == 5
        (review,) = [one for one in by["Poison"].reviews if "only its headers were read" in one]
        assert "reading took over" in review
        assert [x for x in town.letters(LEADS, by["Poison"].reference) if "only its headers" in str(x)]
        (letter,) = town.letters(ANNA)
        assert "SuperAdmin" not in str(letter), "he is not asked for what he may have written"
    finally:
        daemon.stop("the test is over")


def test_a_mail_the_walk_fails_on_is_in_quarantine_after_its_tries_and_staff_are_written_to_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = triage.place

    def broken(one: object, *rest: object) -> object:
        if b"Subject: Poison" in one.raw:  # type: ignore[attr-defined]
            raise ValueError("a fault of ours, brought out by one mail")
        return honest(one, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(triage, "place", broken)
    town.arrives(mail(ANNA, "Poison", "x"), mail(CARL, "Sound", "Org ID: 60031122399\nIt is slow."))
    with town.daemon():
        town.letter_to(CARL)
        for runs in range(1, triage.MOST_RUNS + 1):
            town.failed(town.mails()[0].id, runs)
            town.clock.move(hours=1)
        town.settled(2)
        told = town.letter_to(LEADS, "quarantine")
    poison = next(m for m in town.mails() if m.fate == "quarantine")
    assert "a fault of ours" in poison.why
    assert ANNA in str(told) and f"quarantine replay {poison.id}" in str(told).replace("=\n", "").replace(
        "\n", " "
    )
    assert len(town.letters(LEADS, "quarantine")) == 1
