"""Where the bench happens: Dovecot and an SMTP server, each behind a proxy that misbehaves, a database, and daemons.

The town only does what it is told and remembers what it sent and did; `world.py` judges.
"""

from __future__ import annotations

import os
import random
import signal
import smtplib
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.town import ADDRESSES, Town, answer, mail
from tests.faults import life
from tests.faults.plan import Deed
from tests.intake.scene import eventually
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from tests.servers.postgres import Postgres
from tests.servers.proxy import Proxy
from triaged.walk import deadlines

SMALL, LARGE = "60031122399", "60031122334"
PLENTY = {
    "letters_per_address_hour": 100_000,
    "letters_per_ticket_day": 1000,
    "letters_to_unverified_hour": 100_000,
}


class FaultTown(Town):
    """A town whose daemons are processes, one a place, and whose servers are reached by proxies."""

    def __init__(
        self, folder: Path, dovecot: Dovecot, database: str, users: str, *, daemons: int = 1
    ) -> None:
        super().__init__(folder, dovecot, database, users)
        self.imap, self.smtp = Proxy(dovecot.port), Proxy(self.sink.port)
        for box in self.config["mailboxes"]:
            box["imap"] |= {"port": self.imap.port, "timeout_seconds": 5, "poll_seconds": 10}
            box["smtp"] |= {"port": self.smtp.port, "timeout_seconds": 5}
        self.config["limits"] = PLENTY
        self.config["staff"]["alert"] = ["leads@zohocorp.com"]
        del self.config["http"]
        self.doors = [free_port() for _ in range(daemons)]
        self.running: list[BaseProcess | None] = [None] * daemons
        self.requests: dict[str, str] = {}  # subject -> sender, of each mail that must open a ticket
        self.robots: set[str] = set()
        self.given: dict[str, int] = {}  # Message-ID -> how many places it was given to
        self.kills = self.freezes = self.stops = self.reloads = self.troubles = 0
        self.postgres: Postgres | None = None
        self._number = 0

    # -- daemons --------------------------------------------------------------------------------------

    def config_of(self, which: int) -> Path:
        """The config of the daemon at this place: the same but for its own door."""
        path = self.folder / f"config-{which}.yaml"
        listener = {"protocol": "lmtp", "port": self.doors[which], "behind_mta": True}
        path.write_text(yaml.safe_dump({**self.config, "listener": listener}, sort_keys=False), "utf-8")
        return path

    def wake(self, which: int, doom: tuple[str, int] | None = None) -> BaseProcess:
        """A daemon at this place, if there is none."""
        there = self.running[which]
        if there is not None and there.is_alive():
            return there
        born = life.born(self.config_of(which), self.clock(), self.log, doom)
        self.running[which] = born
        return born

    def end(self, which: int, how: signal.Signals, patience: float = 40) -> None:
        """Send it the signal and wait for its end."""
        there = self.running[which]
        if there is None or there.pid is None:
            return
        if there.is_alive():
            os.kill(there.pid, how)
        there.join(patience)
        if there.is_alive():
            there.kill()
            there.join(10)
            raise AssertionError(
                f"the daemon did not end within {patience} s of {how.name}; {self.log} tells more"
            )
        self.running[which] = None

    def meet(self) -> None:
        """The first contact with each mailbox: what is found there later than a day after it came is no history."""
        self.wake(0)
        eventually(lambda: len(self.store.mailbox_states()) == len(ADDRESSES), 60)

    def end_all(self, how: signal.Signals = signal.SIGTERM) -> None:
        """No daemon lives."""
        for which in range(len(self.running)):
            self.end(which, how)

    @property
    def log(self) -> Path:
        """What all of them told."""
        return self.folder / "daemons.log"

    # -- deeds ----------------------------------------------------------------------------------------

    def do(self, deed: Deed, chance: random.Random) -> None:
        """Do it, as far as it can be done now."""
        getattr(self, f"_{deed.what}")(deed, chance)

    def _mail(self, deed: Deed, chance: random.Random) -> None:
        for _ in range(deed.count):
            getattr(self, f"_send_{deed.detail}")(deed.which, chance)

    def _kill(self, deed: Deed, _chance: random.Random) -> None:
        self._begun(deed.which)
        time.sleep(deed.seconds)
        self.end(deed.which, signal.SIGKILL)
        self.kills += 1

    def _doom(self, deed: Deed, chance: random.Random) -> None:
        """One that will kill itself at the point; where nothing leads it there, we do."""
        self.end(deed.which, signal.SIGKILL)
        doomed = self.wake(deed.which, (deed.detail, deed.count))
        self._send_full(deed.which, chance)
        doomed.join(12)
        self.end(deed.which, signal.SIGKILL)
        self.kills += 1

    def _freeze(self, deed: Deed, _chance: random.Random) -> None:
        frozen = self._begun(deed.which)
        if not frozen.is_alive() or frozen.pid is None:
            return
        os.kill(frozen.pid, signal.SIGSTOP)
        time.sleep(deed.seconds)
        os.kill(frozen.pid, signal.SIGCONT)
        self.freezes += 1

    def _stop(self, deed: Deed, _chance: random.Random) -> None:
        self.heal()  # a stop in order is promised in order; that it ends in time whatever hangs is tested elsewhere
        self._begun(deed.which)
        self.end(deed.which, signal.SIGTERM)
        self.stops += 1

    def _reload(self, deed: Deed, _chance: random.Random) -> None:
        there = self._begun(deed.which)
        if there.is_alive() and there.pid is not None:
            os.kill(there.pid, signal.SIGHUP)
            self.reloads += 1

    def _night(self, deed: Deed, _chance: random.Random) -> None:
        """A day later: reminders and warnings have become due. Clocks move while nobody lives."""
        self.end_all(signal.SIGKILL)
        self.clock.move(seconds=deed.seconds)

    def _begun(self, which: int, patience: float = 20) -> BaseProcess:
        """The daemon at this place once it listens to signals: before, it would die of SIGHUP."""
        there, until = self.wake(which), time.monotonic() + patience
        status = Path(f"/proc/{there.pid}/status")
        while there.is_alive() and time.monotonic() < until:
            caught = [line for line in status.read_text().splitlines() if line.startswith("SigCgt")]
            if caught and int(caught[0].split()[1], 16) & 1:
                break
            time.sleep(0.02)
        return there

    def _trouble(self, deed: Deed, _chance: random.Random) -> None:
        """A server or the way to it fails for a while."""
        server, _, how = deed.detail.partition(" ")
        proxy: Proxy | None = {"imap": self.imap, "smtp": self.smtp}.get(server)
        self.troubles += 1
        for which in range(len(self.running)):
            self.wake(which)
        if deed.detail == "dovecot dies":
            self.dovecot.kill()
            time.sleep(deed.seconds)
            self.dovecot.start()
        elif deed.detail == "the database restarts":
            self._restart_database(deed.seconds)
        elif proxy is not None:
            self._troubled(proxy, how, deed)
            time.sleep(deed.seconds)
            self.heal()

    def _troubled(self, proxy: Proxy, how: str, deed: Deed) -> None:
        code = how.partition("says ")[2] or ("450" if how == "greylists" else "")
        if code:
            self.sink.answers["RCPT" if code == "450" else "DATA"] = f"{code} 4.3.0 later"
            return
        deeds: dict[str, Callable[[], Any]] = {
            "stalls": proxy.stall,
            "is cut": proxy.drop,
            "is cut in a word": lambda: proxy.cut_after(deed.count),
            "refuses": lambda: (proxy.refuse(), proxy.drop()),
            "drips": lambda: (setattr(proxy, "drip", 7), setattr(proxy, "delay", 0.01)),
            "is slow": lambda: setattr(proxy, "delay", 0.2),
        }
        deeds[how]()

    def _restart_database(self, seconds: float) -> None:
        if self.postgres is None:
            return
        self.postgres.stop(hard=True)
        time.sleep(seconds)
        self.postgres.start()

    def heal(self) -> None:
        """Every server and every way is well again."""
        self.imap.heal()
        self.smtp.heal()
        self.sink.answers.clear()

    # -- mail -----------------------------------------------------------------------------------------

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _put(self, raw: bytes, *places: str) -> None:
        received = self.clock()
        for place in places:
            self.dovecot.append(self.users[place], raw, at=received)
        self.given[_id_of(raw)] = len(places)

    def _asks(self, body: str, *places: str) -> bytes:
        number = self._next()
        sender, subject = f"p{number}@oakbridge.example", f"Case {number}"
        raw = mail(sender, subject, body.replace("@", str(number)), to=ADDRESSES[places[0]])
        self.requests[subject] = sender
        return raw

    def _send_full(self, _which: int, chance: random.Random) -> None:
        place = chance.choice(list(ADDRESSES))
        self._put(self._asks(f"Org ID: {SMALL}\nThe export of case @ fails.", place), place)

    def _send_large(self, _which: int, chance: random.Random) -> None:
        place = chance.choice(list(ADDRESSES))
        self._put(self._asks(f"Org ID: {LARGE}\nZoho CRM: the report of case @ is slow.", place), place)

    def _send_asking(self, _which: int, chance: random.Random) -> None:
        place = chance.choice(list(ADDRESSES))
        self._put(self._asks("Something about case @ is slow since this morning.", place), place)

    def _send_both(self, _which: int, _chance: random.Random) -> None:
        places = tuple(ADDRESSES)
        self._put(self._asks(f"Org ID: {SMALL}\nThe import of case @ fails.", *places), *places)

    def _send_robot(self, _which: int, chance: random.Random) -> None:
        number, place = self._next(), chance.choice(list(ADDRESSES))
        sender = f"robot{number}@oakbridge.example"
        self.robots.add(sender)
        raw = mail(
            sender,
            f"Automatic reply: {number}",
            "I am out of the office until Monday.",
            Auto_Submitted="auto-replied",
        )
        self._put(raw, place)

    def _send_answer(self, which: int, chance: random.Random) -> None:
        """To one of our letters; without any yet, a request."""
        letters = [one for one in self.letters(subject="[PS-") if "oakbridge" in str(one["To"])]
        if not letters:
            return self._send_full(which, chance)
        letter = chance.choice(letters)
        sender = letter["To"].addresses[0].addr_spec
        raw = answer(letter, sender, f"Org ID: {SMALL}\nIt is still so, {self._next()}.")
        return self._put(raw, "europe")

    def _send_lmtp(self, which: int, _chance: random.Random) -> None:
        """As a mail server does: again until it is taken, by whichever daemon."""
        raw = self._asks(f"Org ID: {SMALL}\nThe sync of case @ fails.", "europe")
        self.given[_id_of(raw)] = 0  # how often it is in the ledger depends on which answers were lost
        until = time.monotonic() + 300  # on a machine with much else to do
        while time.monotonic() < until:
            self.wake(which)
            try:
                with smtplib.LMTP("127.0.0.1", self.doors[which], timeout=10) as door:
                    door.sendmail("p@oakbridge.example", [ADDRESSES["europe"]], raw)
                return
            except (smtplib.SMTPException, OSError):
                time.sleep(0.2)
        raise AssertionError(f"no daemon took a mail by LMTP within five minutes; {self.log} tells more")

    # -- the end --------------------------------------------------------------------------------------

    def calm(self, seconds: float = 120) -> None:
        """All servers well, one daemon a place, until nothing is to be done any more."""
        self.heal()
        for which in range(len(self.running)):
            self.wake(which)
        # Mail by LMTP counts in the ledger and not in `given`: its number alone does not say that every inbox was read.
        eventually(lambda: not any(self.inbox(name) for name in ADDRESSES), seconds)
        self.settled(sum(self.given.values()), seconds)
        # A step that found mail waiting (the answer may be among it) is asked again after RETRY.
        until = time.monotonic() + 20 + deadlines.RETRY.total_seconds()
        while self.store.counts(self.clock()).dues_late and time.monotonic() < until:
            time.sleep(0.2)
        self.settled(0, seconds)

    def close(self) -> None:
        """The end of the town."""
        self.end_all(signal.SIGKILL)
        self.imap.close()
        self.smtp.close()
        super().close()


def _id_of(raw: bytes) -> str:
    return next(line for line in raw.decode().splitlines() if line.startswith("Message-ID:")).partition(" ")[
        2
    ]
