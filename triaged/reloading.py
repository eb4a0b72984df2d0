"""A reload builds everything first and swaps one reference, or changes nothing (promise 7).

What is refused is told by a gauge, a log line, `triaged status` and a letter to staff; what stood before
stays in force, and letters and calendars belong to it as much as rules do (failure F20).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from triaged import config as configs
from triaged import knowledge, maillog, rejudging
from triaged.config import Config
from triaged.errors import Faulty
from triaged.house import House
from triaged.knowledge import Knowledge
from triaged.learning import places
from triaged.letters import compose
from triaged.recording import Pen, desk_of
from triaged.store.values import Unavailable


class Reloading:
    """Keeps one house up to date with its files."""

    def __init__(self, house: House, config_path: Path | None, clock: Callable[[], datetime]) -> None:
        self.house, self.config_path, self.clock = house, config_path, clock
        self._owed = False  # the directory changed, and open tickets are not judged by it yet

    def reload(self) -> bool:
        """Build everything anew and swap one reference, or change nothing but a gauge, a log line and a letter."""
        house = self.house
        try:
            config = configs.load(self.config_path) if self.config_path else house.knowledge.config
            self._only_what_can_change(config)
            fresh = knowledge.gather(config)
            self._not_emptied(fresh)
            house.readers.replace(fresh.surroundings, places.current(fresh.models))
        except Faulty as fault:
            self._refused(fault.lines)
            return False
        except Exception as error:
            self._refused((f"{type(error).__name__}: {error}",))
            return False
        directory_changed = fresh.directory.version != house.knowledge.directory.version
        house.knowledge = fresh
        house.metrics.reload_ok.set(1)
        maillog.reloaded(fresh.rulebook.version, self.model_name(), fresh.directory.version)
        self._owed = self._owed or directory_changed
        try:
            self.note_in_force()
            house.store.note("reload.refused", None, self.clock())
            self.catch_up()
        except Exception as error:  # it is in force all the same; what is owed is tried again by the ticks
            maillog.loop_failed("reload", f"{type(error).__name__}: {error}"[:500])
        return True

    def catch_up(self) -> int:
        """Judge open tickets again if the directory changed and that is not done yet; how many changed."""
        if not self._owed:
            return 0
        changed = rejudging.judge_again(self.house, self.clock())
        self._owed = False
        return changed

    def _only_what_can_change(self, config: Config) -> None:
        """Doors, database and mailboxes are built at the start; changing them needs a restart."""
        old = self.house.knowledge.config
        for name in ("database", "mailboxes", "listener", "http"):
            if getattr(config, name) != getattr(old, name):
                raise Faulty(f"{name} has changed: that needs a restart (systemctl restart triaged)")

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
        house.metrics.reload_ok.set(0)
        maillog.reload_refused("; ".join(lines[:5]))
        try:
            house.store.note("reload.refused", {"lines": list(lines[:50])}, at)
            known = house.knowledge
            desk = desk_of(known.config.mailboxes[0], known.config)
            letter = compose.rulebook_refused(lines, known.rulebook.letters, desk, at)
            with house.store.transaction() as tx:
                Pen(tx, known.config, known.rulebook, house.secret, at).write_from_desk(
                    [letter] if letter else []
                )
            house.letters_wait()
        except Unavailable as error:
            maillog.loop_failed("reload", str(error))

    def model_name(self) -> str:
        """The model in force, by its card."""
        return places.name_of(places.current(self.house.knowledge.models))

    def note_in_force(self) -> None:
        """Tell `status` what is in force, and since when."""
        known = self.house.knowledge
        before = self.house.store.notes().get("in_force")
        if before is not None and before.value.get("directory") != known.directory.version:
            self._owed = True  # it changed while no daemon ran
        value = {
            "rulebook": known.rulebook.version,
            "files": list(known.rulebook.files),
            "rules": len(known.rulebook.rules),
            "model": self.model_name(),
            "directory": known.directory.version,
            "accounts": len(known.directory.accounts),
            "partners": len(known.directory.partners),
        }
        self.house.store.note("in_force", value, self.clock())
