"""A batch of mails comes to the same as its mails one by one: what is put off and looked up together changes nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.simulation.scene import Scene
from triaged.errors import Faulty
from triaged.simulation import mails
from triaged.simulation.town import GLOBAL, STAFF
from triaged.store import tables
from triaged.store.rows import Arrival
from triaged.walk import triage

MAILS = 24
TOLD = {
    "mail": "id fate kind ticket_id duplicate_of why",
    "ticket": "id state severity subject linked_to provisional reviews references last_message_id",
    "letter": "ticket_id kind key to cc message_id",
    "known": "message_id ticket_id of",
    "person": "ticket_id address role place failed",
    "due": "ticket_id kind step due_at",
    "rule_hit": "mail_id rule ticket_id",
    "event": "ticket_id kind reason",
    "failed_address": "address",
}
BODIES = [
    "Thank you!",
    "Zoho CRM is down for all users",
    "[PS-1001] again",
    "Any news?",
    "Report {n} in Zoho CRM is slow.\n\nSuperAdmin: {c.superadmin}\nZOID: {c.zoid}\nZUID: {c.zuid}\n",
]


def _mails(scene: Scene, chance: random.Random) -> list[Arrival]:
    """A few people's mails: new ones, answers, copies, mails that mention ids still to come, staff, and strangers.

    Some of them nobody verified.
    """
    town = scene.month.town
    people = [p for p in town.people if p.region == "US" and not (p.away or p.gone)][:4]
    made: list[Arrival] = []
    for n in range(MAILS):
        box = chance.choice(["global", "europe"])
        raw = chance.choice(made).raw if made and chance.random() < 0.2 else _one(scene, chance, n, people)
        made.append(Arrival(raw, box, "imap", "INBOX", 1, n + 1, scene.month.now, moved=True))
    return made


def _one(scene: Scene, chance: random.Random, n: int, people: Sequence) -> bytes:  # type: ignore[type-arg]
    one = chance.choice(people)
    domain = one.address.rpartition("@")[2]
    customer = chance.choice(scene.month.town.of(one) or [scene.customer])
    raw = mails.write(
        chance.choices(
            [(one.name, one.address), ("Cy", STAFF[0]), ("Eve", f"eve+{n % 4}@far.example")], [7, 1, 3]
        )[0],
        [GLOBAL],
        chance.choice(["Report", "Re: [PS-1002] x", f"Matter {n}"]),
        chance.choice(BODIES).format(n=n, c=customer),
        scene.month.now,
        f"<m{n}@{domain}>",
        answers=[f"<m{chance.randrange(MAILS)}@{domain}>"] if chance.random() < 0.6 else [],
        cc=[chance.choice(people).address] if chance.random() < 0.3 else [],
    )
    if chance.random() < 0.3:
        raw = raw.replace(b"; dmarc=pass", b"; dmarc=none")
    return re.sub(rb"Message-ID: [^\n]*\n", b"", raw) if chance.random() < 0.1 else raw


def _state(scene: Scene) -> dict[str, list[str]]:
    told = {}
    with scene.store._reading() as connection:
        for name, columns in TOLD.items():
            table = tables.metadata.tables[name]
            rows = connection.execute(select(*(table.c[column] for column in columns.split())))
            told[name] = sorted(_unsigned(repr(row)) for row in rows)
        letter, recipient = tables.letter, tables.recipient
        rows = connection.execute(
            select(recipient.c.address, letter.c.message_id).join(
                letter, letter.c.id == recipient.c.letter_id
            )
        )
        told["recipient"] = sorted(_unsigned(repr(row)) for row in rows)
    return told


def _unsigned(text: str) -> str:
    """Without the signatures of our Message-IDs: each store has a secret of its own."""
    return re.sub(r"(<ps\.\d+\.\w+)\.\w+@", r"\1@", text)


def _walked(folder: Path, seed: int, size: int) -> dict[str, list[str]]:
    folder.mkdir()
    scene = Scene(folder)
    arrived = _mails(scene, random.Random(seed))
    for at in range(0, MAILS, size):
        scene.store.keep(arrived[at : at + size], now=scene.month.now)
        triage.triage_batch(scene.month.house, scene.month.now)
    state = _state(scene)
    scene.month.close()
    return state


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_comes_to_the_same_as_its_mails_one_by_one(tmp_path: Path, seed: int) -> None:
    assert _walked(tmp_path / "batch", seed, MAILS) == _walked(tmp_path / "single", seed, 1)


def test_a_copy_of_a_mail_that_is_walked_again_is_a_copy(scene: Scene) -> None:
    raw = mails.write(
        (scene.ann.name, scene.ann.address), [GLOBAL], "Report", "Slow", scene.month.now, "<a@x.example>"
    )
    raw = raw.replace(b"Message-ID: <a@x.example>\r\n", b"")

    def arrives(box: str) -> None:
        scene.store.keep(
            [Arrival(raw, box, "imap", "INBOX", 1, 1, scene.month.now, moved=True)], now=scene.month.now
        )

    arrives("global")
    triage.triage_batch(scene.month.house, scene.month.now)
    scene.store.replay([1], scene.month.now)
    arrives("europe")
    triage.triage_batch(scene.month.house, scene.month.now)
    assert [(m.fate, m.ticket_id) for m in scene.store.mails()] == [("ticket", 1001)] * 2


def test_readers_that_cannot_start_cost_no_mail_a_run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = mails.write(
        (scene.ann.name, scene.ann.address), [GLOBAL], "Report", "Slow", scene.month.now, "<a@x.example>"
    )
    scene.store.keep(
        [Arrival(raw, "global", "imap", "INBOX", 1, 1, scene.month.now, moved=True)], now=scene.month.now
    )
    house = scene.month.house

    def broken(_batch: object) -> None:
        raise Faulty("the reader process did not start")

    with monkeypatch.context() as patched:
        patched.setattr(house.readers, "result", broken)
        for _ in range(2 * triage.MOST_RUNS):
            with pytest.raises(Faulty):
                triage.triage_batch(house, scene.month.now)
    assert triage.triage_batch(house, scene.month.now) == 1
    assert [mail.fate for mail in scene.store.mails()] == ["ticket"]


def test_the_right_to_write_is_held_while_something_is_written_and_not_while_a_batch_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else no letter leaves, and no door keeps anything, until a backlog is judged."""
    scene = Scene(tmp_path)
    store = scene.month.house.store
    turn = store._engines.turn
    assert turn is not None, "on SQLite"
    houses = {p.address.rpartition("@")[2]: p for p in scene.month.town.people if not (p.away or p.gone)}
    now = scene.month.now
    arrivals = [
        Arrival(
            mails.write(
                (p.name, p.address), [GLOBAL], f"Export {n}", "It stands still.", now, f"<{n}@{house}>"
            ),
            *("global", "imap", "INBOX", 1, n + 1, now),
            moved=True,
        )
        for n, (house, p) in enumerate(houses.items())
    ][:12]
    store.keep(arrivals, now=scene.month.now)
    judged: list[bool] = []
    decide = triage.decide

    def watched(*given: Any) -> Any:
        plan = decide(*given)
        judged.append(turn._holder is None)
        return plan

    monkeypatch.setattr(triage, "decide", watched)
    assert triage.triage_batch(scene.month.house, scene.month.now) == len(arrivals)
    assert judged[0], "the first mail's questions take no turn"
    assert len(judged) > 4 and all(judged), judged


def test_who_is_killed_as_he_begins_uses_up_no_mail_s_tries(tmp_path: Path) -> None:
    """A daemon that dies seconds after its start, again and again and by whatever, leaves innocent mails waiting."""
    scene = Scene(tmp_path)
    house, now = scene.month.house, scene.month.now

    def arrives(number: int) -> None:
        address = (scene.ann.name, scene.ann.address)
        raw = mails.write(address, [GLOBAL], f"Report {number}", "Slow", now, f"<{number}@x.example>")
        scene.store.keep([Arrival(raw, "global", "imap", "INBOX", 1, number, now, moved=True)], now=now)

    house.suspects_from = now + triage.SETTLED
    arrives(1)
    for life in range(20):
        house.owner = f"killed {life}"
        triage._claim(house, now)
        scene.store.drop_leases(house.owner)
        with scene.store._writing() as connection:  # as whoever finds it dead frees it
            connection.execute(text("UPDATE mail SET owner = NULL, ready_at = ready_at - 600000000"))
    arrives(2)
    house.owner = "alive"
    assert triage.triage_batch(house, now) == 1
    first, second = sorted(scene.store.mails(), key=lambda one: one.id)
    assert (first.fate, first.runs, second.fate) == ("waiting", triage.SUSPECT, "ticket")
    later = now + triage.SETTLED
    assert triage.triage_batch(house, later) == 1
    assert scene.store.mail(first.id).fate == "ticket"  # type: ignore[union-attr]
