"""Many real mails at once: nothing lost, nothing doubled, flat memory (2,000 of them in `make bench`)."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.bench.drain import memory_of
from tests.bench.mails import partner_mails, partners_csv
from tests.e2e.town import Town, parsed

MAILS = 400
GROWTH = 40  # MB over the second half


def test_real_mails_drain_with_nothing_lost_nothing_doubled_and_flat_memory(town: Town) -> None:
    mails = partner_mails(MAILS)
    if not mails:
        pytest.skip("the spamassassin corpus is not here")
    (town.folder / "partners.csv").write_text(partners_csv(MAILS), "utf-8")
    town.config["staff"]["alert"] = []
    with town.daemon():
        memory = []
        for half in (mails[: MAILS // 2], mails[MAILS // 2 :]):
            town.dovecot.deliver_many(town.users["global"], half, town.clock())
            town.settled(len(half) * (len(memory) + 1), seconds=120)
            memory.append(memory_of(os.getpid()))
    assert Counter(m.fate for m in town.mails()) == {"ticket": MAILS}
    sent = Counter(str(parsed(one.raw)["Message-ID"]) for one in town.sink.taken)
    assert len(sent) == MAILS and set(sent.values()) == {1}
    assert len(town.inbox("global", "Triaged")) == MAILS and not town.inbox("global")
    assert memory[1] - memory[0] < GROWTH
