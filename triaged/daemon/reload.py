"""A reload builds everything first and swaps one reference, or changes nothing (promise 7).

What is refused is told by a gauge, a log line, `triaged status` and a letter to staff; what stood before
stays in force, and letters and calendars belong to it as much as rules do (failure F20).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from triaged import maillog
from triaged.config import config as configs
from triaged.config import shipped
from triaged.config.config import Config
from triaged.daemon import systemd
from triaged.daemon.loops import Loops
from triaged.edge import harmless
from triaged.errors import Faulty
from triaged.learning import in_force, places
from triaged.letters import desk_letters
from triaged.rulebook.loading import version_of
from triaged.spec.sections import Section
from triaged.store.rows import Unavailable
from triaged.walk import judge_again, rulebook_change
from triaged.walk.house import House
from triaged.walk.knowledge import Knowledge, gather
from triaged.walk.own_shares import known_by_tickets
from triaged.walk.pen import Pen
from triaged.walk.plan import Plan, some

# What a changed config can change in a running house; whatever else changes needs a restart, and says so.
_LIVE = {
    *(
        "rulebook",
        "models",
        "classifier",
        "reading_words",
        "directory",
        "trusted_authserv_ids",
        "staff",
        "log",
        "reload_on_change",
        "alerts",
    ),
    "message_id_host",
}
_LIVE_LIMITS = {
    *("seconds_per_mail", "letters_per_address_hour", "letters_per_ticket_day"),
    *("letters_to_unverified_hour", "reader_workers", "mails_per_sender_hour"),
}
REST_SECONDS = 5.0  # between looks whether a reload is asked for


class ReloadWhenAsked:
    """The one place where a signal, a changed file and a new model lead to a reload, one after the other."""

    def __init__(self, loops: Loops, reload: Callable[[], object], status: Callable[[], str]) -> None:
        """`status` is told to systemd when a reload is over."""
        self.asked = threading.Event()
        self._loops, self._reload, self._status = loops, reload, status

    def wanted(self) -> bool:
        """Until the daemon stops."""
        return not self._loops.stopping.is_set()

    def turn(self) -> None:
        """Wait a while until somebody asks, then reload."""
        self._loops.tick("reload")
        if not self.asked.wait(REST_SECONDS) or not self.wanted():
            return
        self.asked.clear()  # first: who asks while it runs wants another
        self._loops.excuse("reload")  # new readers may take minutes to start
        systemd.reloading()
        self._reload()
        if self.wanted():
            systemd.ready(self._status())

    def failed(self, error: Exception) -> None:
        """Told; what stood before stays in force."""
        self._loops.failed("reload", error)

    def close(self) -> None:
        """Nothing is left in hand."""


class Reloading:
    """Keeps one house up to date with its files; whoever asks, one reload at a time."""

    def __init__(self, house: House, config_path: Path | None, clock: Callable[[], datetime]) -> None:
        self.house, self.config_path, self.clock = house, config_path, clock
        self._lock = threading.RLock()
        self.refused = ""  # what the last reload was refused for, in a line
        self._owed = False  # the directory changed, and open tickets are not judged by it yet

    def reload(self) -> bool:
        """Build everything anew and swap one reference, or change nothing but a gauge, a log line and a letter."""
        with self._lock:
            return self._reload()

    def _reload(self) -> bool:
        house = self.house
        before = house.knowledge
        try:
            config = configs.load(self.config_path) if self.config_path else house.knowledge.config
            self._only_what_can_change(config)
            fresh = known_by_tickets(gather(config), house.store, self.clock())
            self._not_emptied(fresh)
            self._swap_readers(fresh)
        except Faulty as fault:
            self._refused(fault.lines)
            return False
        except Exception as error:
            self._refused((f"{type(error).__name__}: {error}",))
            return False
        house.knowledge, self.refused = fresh, ""
        for told in fresh.former:
            maillog.former_name(told)
        if config.log != before.config.log:
            maillog.begin(config.log.level, config.log.format)
        house.metrics.reload_ok.set(1)
        maillog.reloaded(fresh.rulebook.version, self.model_name(), fresh.directory.version)
        self._owed = self._owed or fresh.directory.version != before.directory.version
        try:
            self.note_in_force()
            house.store.note("reload.refused", None, self.clock())
            self.catch_up()
        except Exception as error:  # it is in force all the same; what is owed is tried again by the ticks
            maillog.loop_failed("reload", f"{type(error).__name__}: {error}"[:500])
        return True

    def _swap_readers(self, fresh: Knowledge) -> None:
        """Readers for the new surroundings; on a fault all stays as it was."""
        readers, before = self.house.readers, self.house.readers.workers
        readers.workers = fresh.config.limits.reader_workers
        try:
            readers.replace(fresh.surroundings, places.current(fresh.models))
        except BaseException:
            readers.workers = before
            raise

    def catch_up(self) -> int:
        """Judge open tickets again if the directory changed and that is not done yet; how many changed."""
        with self._lock:
            if not self._owed:
                return 0
            changed = judge_again.judge_again(self.house, self.clock())
            self._owed = False
            return changed

    def _only_what_can_change(self, config: Config) -> None:
        """Doors, database and mailboxes are built at the start. Raises Faulty with every name that has changed."""
        names = list(_beyond(_LIVE | {"limits"}, self.house.knowledge.config, config))
        names += _beyond(_LIVE_LIMITS, self.house.knowledge.config.limits, config.limits, "limits.")
        if names:
            raise Faulty(
                *(f"{name} has changed: that needs a restart (systemctl restart triaged)" for name in names)
            )

    def _not_emptied(self, fresh: Knowledge) -> None:
        """An export that broke off would take every large account its S1 and its promised times."""
        held = len(self.house.knowledge.directory.accounts)
        if held and not fresh.directory.accounts:
            file = fresh.config.directory.accounts
            raise Faulty(
                f"{file}: holds no account where {held} were in force; restart triaged if that is meant"
            )

    def _refused(self, lines: tuple[str, ...]) -> None:
        house, at = self.house, self.clock()
        self.refused = harmless.escaped(lines[0] if lines else "")[:200]
        house.metrics.reload_ok.set(0)
        maillog.reload_refused("; ".join(lines[:5]))
        try:
            house.store.note("reload.refused", {"lines": list(lines[:50])}, at)
            knowledge = house.knowledge
            writer = knowledge.writer(knowledge.config.mailboxes[0].name, at)
            of_rulebook = _of_rulebook(lines, knowledge.config)
            tell = desk_letters.rulebook_refused if of_rulebook else desk_letters.reload_refused
            letter = tell(writer, lines)
            with house.store.transaction() as tx:
                Pen(tx, knowledge, house.secret, at).write(Plan(letters=some([letter])))
        except Unavailable as error:
            maillog.loop_failed("reload", str(error))

    def model_name(self) -> str:
        """The model in force, by its card; `unknown` while its folder is not there."""
        try:
            return places.name_of(places.current(self.house.knowledge.models))
        except Faulty:
            return "unknown"

    def note_in_force(self) -> None:
        """Tell `status` what is in force, and since when."""
        knowledge = self.house.knowledge
        before = self.house.store.note_of("in_force")
        if before is not None and before.value.get("directory") != knowledge.directory.version:
            self._owed = True  # it changed while no daemon ran
        value = {
            "rulebook": knowledge.rulebook.version,
            "files": list(knowledge.rulebook.files),
            "rules": len(knowledge.rulebook.rules),
            "model": self.model_name(),
            "directory": knowledge.directory.version,
            "accounts": len(knowledge.directory.accounts),
            "partners": len(knowledge.directory.partners),
        }
        self.house.store.note("in_force", value, self.clock())
        in_force.noticed(self.house.store, knowledge.models, self.clock())
        with suppress(Faulty):  # the folder may have gone on meanwhile
            texts = rulebook_change.standing(rulebook_change.folder_of(knowledge.config))
            if version_of(texts) == knowledge.rulebook.version:
                rulebook_change.noticed(self.house.store, knowledge.config, texts, self.clock())


def _of_rulebook(lines: tuple[str, ...], config: Config) -> bool:
    """Whether a complaint is about a file of the rulebook, or its folder."""
    folder = config.rulebook or shipped.rules()
    return any(line.startswith((f"{folder.name}/", f"{folder}:")) for line in lines)


def _beyond(live: set[str], old: Section, new: Section, within: str = "") -> Iterator[str]:
    """Names of what differs and is not among `live`."""
    for name in type(old).model_fields:
        if name not in live and getattr(old, name) != getattr(new, name):
            yield within + name
