"""What /healthz answers: whether the daemon can do its work. In bounded time, whatever hangs.

Its work is to keep mail, to read its mailboxes and to send letters. One mailbox of several that cannot be read is
told and is no illness of the daemon; all of them are, and so is a way out that is dead while letters wait.
That the process is alive at all is what /livez says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from triaged import __version__
from triaged.config.config import Mailbox
from triaged.edge.shared_answer import SharedAnswer
from triaged.store.rows import MailboxState, Note, Unavailable
from triaged.vocabulary import counted

SECONDS = 3.0  # monitors wait five
_IN_A_ROW = 2  # failed polls, after which it is no hiccup
_LATELY = timedelta(minutes=5)  # beyond the time at which a mailbox should have been polled


class Store(Protocol):
    """What is asked of the store."""

    def probe(self) -> None:
        """Raises Unavailable with the reason why mail cannot be kept."""

    def mailbox_states(self) -> list[MailboxState]:
        """How polls went."""

    def notes(self) -> dict[str, Note]:
        """What daemons told."""

    def waiting_letters(self, now: datetime) -> dict[str, int]:
        """Letters that are due, by mailbox."""


def _now() -> datetime:
    return datetime.now(UTC)


class Health:
    """Called for each /healthz: whether all is well, and what is not."""

    def __init__(
        self,
        store: Store,
        stuck: Callable[[], list[str]],
        rulebook: Callable[[], str],
        mailboxes: Callable[[], Sequence[Mailbox]] = tuple,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._store, self._stuck, self._rulebook = store, stuck, rulebook
        self._mailboxes, self._clock = mailboxes, clock
        self._began = clock()
        self._asked = SharedAnswer(self._ask)

    def __call__(self) -> tuple[bool, dict[str, Any]]:
        """503 where the first is False; `reasons` say why."""
        stuck = self._stuck()
        database, doors = self._database()
        reasons = [f"stuck: {', '.join(stuck)}"] if stuck else []
        reasons += [database] if database != "ok" else []
        unread = {name: why for name, why in doors.get("mailboxes", {}).items() if why != "ok"}
        if unread and len(unread) == len(doors["mailboxes"]):
            reasons += [f"no mailbox can be read: {'; '.join(f'{n}: {why}' for n, why in unread.items())}"]
        reasons += [f"smtp of {name}: {why}" for name, why in doors.get("smtp", {}).items() if why != "ok"]
        told = {
            "status": "failing" if reasons else "ok",
            "reasons": [one[:500] for one in reasons],
            "version": __version__,
            "stuck": stuck,
            "database": database,
            **doors,
            "rulebook": self._rulebook(),
        }
        return not reasons, told

    def _database(self) -> tuple[str, dict[str, dict[str, str]]]:
        """How the database is, and what it tells of the doors."""
        try:
            return "ok", self._asked.get(SECONDS)
        except TimeoutError:
            return f"database unavailable: no answer in {SECONDS:.0f} s; it is locked, away or very busy", {}
        except Unavailable as error:
            return str(error), {}
        except Exception as error:  # a fault of ours must not look like health
            return f"{type(error).__name__}: {error}"[:300], {}

    def _ask(self) -> dict[str, dict[str, str]]:
        self._store.probe()
        boxes, now = self._mailboxes(), self._clock()
        if not boxes:
            return {}
        states = {one.mailbox: one for one in self._store.mailbox_states()}
        notes, waiting = self._store.notes(), self._store.waiting_letters(now)
        read = [one for one in boxes if one.imap]
        send = [one for one in boxes if one.smtp]
        return {
            "mailboxes": {one.name: self._polled(one, states.get(one.name), now) for one in read},
            "smtp": {
                one.name: _sends(notes.get(f"smtp:{one.name}"), waiting.get(one.name, 0)) for one in send
            },
        }

    def _polled(self, mailbox: Mailbox, state: MailboxState | None, now: datetime) -> str:
        """Whether a mailbox was polled lately, or why not. Who has just begun has had no time."""
        assert mailbox.imap is not None
        if state is not None and state.failures >= _IN_A_ROW:
            return f"{counted(state.failures, 'poll')} in a row failed: {state.error}"
        if state is not None and state.failures and state.good_at is None:
            return f"never read: {state.error}"
        patience = timedelta(seconds=mailbox.imap.poll_seconds + 2 * mailbox.imap.timeout_seconds) + _LATELY
        good = state.good_at if state is not None else None
        if now - max(good or self._began, self._began) > patience:
            return f"not polled since {good:%Y-%m-%d %H:%M} UTC" if good else "never polled"
        return "ok"


def _sends(note: Note | None, waiting: int) -> str:
    """A server that took no letters is nobody's trouble once none wait for it."""
    value: Mapping[str, Any] = note.value if note is not None and isinstance(note.value, dict) else {}
    if not value or value.get("ok") or not waiting:
        return "ok"
    return f"takes no letters, {waiting} wait: {value.get('error')}"
