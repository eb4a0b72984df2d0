"""One function for each thing that happens to a mail, a letter, a ticket or the daemon; event names are stable.

Admins grep and graph these names, so they change only by addition. Bodies and subjects never stand
here; addresses only where an admin needs one to act.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from triaged.edge import harmless

log = logging.getLogger("triaged")

_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


_MOST_A_MINUTE = 30  # lines of what a peer can have us write as often as he likes
_LONGEST_TRACE = 4000  # characters


def _say(level: int, event: str, **what: Any) -> None:
    log.log(level, event, extra={"event": event, "what": {k: v for k, v in what.items() if v is not None}})


def kept(mailbox: str, door: str, count: int) -> None:
    """Raw mail is durable."""
    _say(logging.INFO, "mail.kept", mailbox=mailbox, door=door, count=count)


def triaged(mail: int, fate: str, kind: str, ticket: str | None, severity: str | None) -> None:
    """A mail has its fate."""
    _say(logging.INFO, "mail.triaged", mail=mail, fate=fate, kind=kind, ticket=ticket, severity=severity)


def mail_failed(mail: int, error: str, runs: int) -> None:
    """A mail could not be handled this time and will be tried again."""
    _say(logging.WARNING, "mail.failed", mail=mail, error=error, runs=runs)


def quarantined(mail: int, error: str) -> None:
    """A mail could not be handled at all: `triaged quarantine show` tells, `replay` tries again."""
    _say(logging.ERROR, "mail.quarantined", mail=mail, error=error)


def polled(mailbox: str, count: int) -> None:
    """A good poll that brought mail."""
    _say(logging.INFO, "mailbox.polled", mailbox=mailbox, count=count)


def poll_failed(mailbox: str, error: str, again_in: float) -> None:
    """A mailbox could not be read; it is tried again by itself."""
    _say(logging.WARNING, "mailbox.failed", mailbox=mailbox, error=error, again_in=round(again_in, 1))


def owed(mailbox: str, folder: str, uid: int, error: str, failures: int) -> None:
    """The server did not give a mail whole; it stays there and is asked for again, for ever."""
    _say(
        logging.WARNING, "mail.owed", mailbox=mailbox, folder=folder, uid=uid, error=error, failures=failures
    )


def move_failed(mailbox: str, error: str) -> None:
    """Kept mail could not be moved or flagged on the server; nothing is lost, it is tried again."""
    _say(logging.WARNING, "mailbox.move_failed", mailbox=mailbox, error=error)


def refused(door: str, why: str) -> None:
    """The SMTP or LMTP door turned something away."""
    _say(logging.WARNING, "door.refused", door=door, why=why[:300])


def letter_sent(letter: int, kind: str, mailbox: str) -> None:
    """A letter left."""
    _say(logging.INFO, "letter.sent", letter=letter, kind=kind, mailbox=mailbox)


def letter_retry(letter: int, kind: str, error: str, again_in: float) -> None:
    """A letter could not leave yet."""
    _say(logging.WARNING, "letter.retry", letter=letter, kind=kind, error=error, again_in=round(again_in, 1))


def letter_failed(letter: int, kind: str, error: str) -> None:
    """A letter will never leave by itself: a human has to look."""
    _say(logging.ERROR, "letter.failed", letter=letter, kind=kind, error=error)


def letter_withheld(ticket: str, kind: str, why: str) -> None:
    """A letter was not written: a cap, or an address that letters do not reach."""
    _say(logging.WARNING, "letter.withheld", ticket=ticket, kind=kind, why=why)


def letter_withdrawn(letter: int, kind: str, why: str) -> None:
    """A letter lost its sense before it left."""
    _say(logging.INFO, "letter.withdrawn", letter=letter, kind=kind, why=why)


def step_taken(kind: str, step: str, ticket: int | None, letters: int) -> None:
    """A due step was taken."""
    _say(logging.INFO, "due.taken", kind=kind, step=step, ticket=ticket, letters=letters)


def step_failed(kind: str, step: str, error: str) -> None:
    """A due step failed; its lease runs out and it is tried again."""
    _say(logging.ERROR, "due.failed", kind=kind, step=step, error=error)


def forgotten(gone: Mapping[str, int]) -> None:
    """What was over has gone, by retention."""
    _say(logging.INFO, "retention.forgotten", **gone)


def retention_waits(days: int) -> None:
    """The clock leapt: nothing is forgotten for a day, in case it is wrong."""
    _say(logging.WARNING, "retention.waits", leapt_days=days)


def ready(version: str, rulebook: str, model: str) -> None:
    """The daemon is ready."""
    _say(logging.INFO, "daemon.ready", version=version, rulebook=rulebook, model=model)


def not_alone(others: list[str]) -> None:
    """Others work on the same SQLite file: each does part of the work, and none is quicker for it."""
    _say(logging.WARNING, "daemon.not_alone", others=" ".join(others) or "unknown")


def inherited(work: int) -> None:
    """What a daemon that died had in hand is taken up at once."""
    _say(logging.WARNING, "daemon.inherited", work=work)


def backlog(waiting: int, full: bool) -> None:
    """So much mail waits for the walk that the doors take no more (`full`), or take some again."""
    _say(logging.WARNING if full else logging.INFO, "door.backlog", waiting=waiting, full=full)


def took_over(owner: str, work: int) -> None:
    """A daemon was killed, or frozen, or its machine is gone: so much it had in hand is free for the others."""
    _say(logging.WARNING, "daemon.took_over", owner=owner, work=work)


def buried_alive(seconds: float) -> None:
    """We were frozen, or cut off, for so long that another took our work; what we had in hand we leave."""
    _say(logging.WARNING, "daemon.buried_alive", seconds=seconds)


def clock_set_back(seconds: float, work: int) -> None:
    """The clock was set back; so much waiting work, whose time the old one had set, is due now."""
    _say(logging.WARNING, "daemon.clock_set_back", seconds=round(seconds, 1), work=work)


def stopping(why: str) -> None:
    """The daemon stops in order."""
    _say(logging.INFO, "daemon.stopping", why=why)


def left_hanging(what: list[str]) -> None:
    """These did not end in time and are left; what they had in hand waits for its lease."""
    _say(logging.WARNING, "daemon.left_hanging", what=" ".join(what))


def reloaded(rulebook: str, model: str, directory: str) -> None:
    """Everything new is in force."""
    _say(logging.INFO, "daemon.reloaded", rulebook=rulebook, model=model, directory=directory)


def reload_refused(why: str) -> None:
    """What stood before stays in force."""
    _say(logging.ERROR, "daemon.reload_refused", why=why)


def loop_failed(loop: str, error: str) -> None:
    """A loop met a fault and goes on."""
    _say(logging.ERROR, "daemon.loop_failed", loop=loop, error=error)


def pages_ready(address: str) -> None:
    """The pages are served."""
    _say(logging.INFO, "web.ready", address=address)


def page_failed(path: str, error: str) -> None:
    """A page met a fault; whoever asked for it was told so, without its reason."""
    _say(logging.ERROR, "web.failed", path=path[:200], error=error)


def done_by_page(who: str, what: str) -> None:
    """One of our own people did something on a page that is of no ticket."""
    _say(logging.INFO, "page.done", who=who, what=what)


def directory_old(age: str) -> None:
    """The directory is older than `directory.max_age`."""
    _say(logging.WARNING, "directory.old", age=age)


def grant_renewed(user: str, seconds: int) -> None:
    """A new access token, good for so long."""
    _say(logging.INFO, "grant.renewed", user=user, seconds=seconds)


def grant_failed(user: str, error: str, again_in: float) -> None:
    """The identity provider gave no token this time; it is asked again by itself."""
    _say(logging.WARNING, "grant.failed", user=user, error=error, again_in=round(again_in, 1))


def grant_over(user: str, error: str) -> None:
    """The identity provider takes the grant or the client no more: mail stops when the last access token ends."""
    _say(logging.ERROR, "grant.over", user=user, error=error)


def former_name(told: str) -> None:
    """A key of the config or the rulebook stands under its former name, which the next release knows no more: where, and what to write."""
    _say(logging.WARNING, "config.former_name", told=told)


def meeting_without_link(ticket: str, error: str) -> None:
    """The rulebook's program made no link for a screen-sharing session: its host has to give one."""
    _say(logging.WARNING, "meeting.without_link", ticket=ticket, error=error)


def alert_sent(alert: int, receiver: str, event: str) -> None:
    """A receiver was told by another way than mail."""
    _say(logging.INFO, "alert.sent", alert=alert, receiver=receiver, about=event)


def alert_retry(alert: int, receiver: str, event: str, error: str, again_in: float) -> None:
    """A receiver could not be told; tried again by itself."""
    _say(
        logging.WARNING,
        "alert.retry",
        alert=alert,
        receiver=receiver,
        about=event,
        error=error,
        again_in=round(again_in, 1),
    )


def alert_failed(alert: int, receiver: str, event: str, error: str) -> None:
    """A receiver was not told in time, or is no longer in the config: it will not be told of this."""
    _say(logging.ERROR, "alert.failed", alert=alert, receiver=receiver, about=event, error=error)


class _Plain(logging.Formatter):
    """`mail.kept mailbox=global count=3`, with a time unless journald adds its own."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self.journal = journal

    def format(self, record: logging.LogRecord) -> str:
        what = getattr(record, "what", {})
        message = harmless.escaped(record.getMessage())
        text = " ".join([message, *(f"{k}={_word(v)}" for k, v in what.items())])
        if record.exc_info:
            text += " " + _word(_trace(self, record))
        if self.journal:
            return f"<{_PRIORITY.get(record.levelno, 6)}>{text}"
        return f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')} {record.levelname.lower()} {text}"


class _Json(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {"at": record.created, "level": record.levelname.lower(), "event": record.getMessage()}
        fields |= getattr(record, "what", {})
        if record.exc_info:
            fields["trace"] = _trace(self, record)
        return harmless.as_json(fields)


class _Sparing(logging.Filter):
    """What peers can cause without end is told so often a minute, then only counted: nobody fills the log.

    That is what a door refuses, by door, and every line of a library, by logger and level. `left_out` tells how
    many lines were spared since the one before.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[str, int, Any], tuple[float, int]] = {}  # since when, how many since then

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to tell of it."""
        if record.name == log.name and record.msg != "door.refused":
            return True
        what = getattr(record, "what", {})
        now, key = self._clock(), (record.name, record.levelno, what.get("door"))
        since, count = self._told.get(key, (now, 0))
        left_out = 0
        if now - since >= 60:
            since, left_out, count = now, max(0, count - _MOST_A_MINUTE), 0
        self._told[key] = (since, count + 1)
        if left_out:
            record.__dict__["what"] = {**what, "left_out": left_out}
        return count < _MOST_A_MINUTE


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """The end of a traceback: there stands what went wrong."""
    assert record.exc_info
    return formatter.formatException(record.exc_info)[-_LONGEST_TRACE:]


def _word(value: Any) -> str:
    text = str(value)
    # One event is one line: a server's answer with a line break in it must not forge a second one.
    return text if text.isprintable() and " " not in text and text else harmless.as_json(text)


def begin(level: str, form: str) -> None:
    """Send the log to standard error in the form asked for (config `log`)."""
    journal = form == "auto" and "JOURNAL_STREAM" in os.environ
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(_Json() if form == "json" else _Plain(journal=journal))
    stream.addFilter(_Sparing())
    logging.basicConfig(level=level.upper(), handlers=[stream], force=True)
    for noisy in ("imapclient", "apscheduler", "mailparser", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for telling_of_peers in ("mail.log", "uvicorn"):  # below that they tell what a peer said wrong
        logging.getLogger(telling_of_peers).setLevel(logging.ERROR)
