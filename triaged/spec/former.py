"""FORMER NAMES: what keys, commands and figures were called, told and understood for one release. PURE.

Who renames something adds a row, and the old name keeps working: a key of the config or the rulebook is read as the new
one, a command or option is taken for it, a figure is told under both. Each use is one warning that says where, what
to write instead, since when, and when the old name is gone. A row stays for one release: the release that is named in
`gone` is made without it (tests/spec/test_former.py fails there until the row is out). docs/reference.md lists them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from triaged.frozen import frozen

Where = Literal["config", "rulebook", "command", "figure"]
BEGINS = "former name: "


@frozen
class Former:
    """A name that is to go.

    A key is the path to it, its parts joined by dots; `*` stands for any one part, and its places are the same in `now`. A
    command is its words, an option its last word (`tickets list --state`). A figure has no `_total`. `since` is the version
    that first knew the new name, `gone` the next one, which knows the old one no more.
    """

    where: Where
    name: str
    now: str
    since: str
    gone: str

    @property
    def told(self) -> str:
        """The one warning of each use."""
        return (
            f"{BEGINS}'{self.name}' is called '{self.now}' since version {self.since}; write that: "
            f"version {self.gone} knows '{self.name}' no more"
        )


def _figures(since: str, gone: str, *pairs: tuple[str, str]) -> tuple[Former, ...]:
    return tuple(Former("figure", name, now, since, gone) for now, name in pairs)


TABLE: tuple[Former, ...] = (
    *_figures(
        "0.2.0",
        "0.3.0",
        # A counter's name says what is counted, a gauge that it is one, a time that it is one.
        ("triaged_mails_triaged", "triaged_mails"),
        ("triaged_mails_authenticated", "triaged_authentication"),
        ("triaged_mails_kept", "triaged_kept"),
        ("triaged_mails_judged", "triaged_judged"),
        ("triaged_classifier_abstentions", "triaged_abstained"),
        ("triaged_door_refusals", "triaged_refused"),
        ("triaged_tickets_opened", "triaged_tickets"),
        ("triaged_letter_outcomes", "triaged_letters"),
        ("triaged_retention_forgotten", "triaged_forgotten"),
        ("triaged_config_last_reload_successful", "triaged_reload_ok"),
        ("triaged_directory_outdated", "triaged_directory_old"),
        ("triaged_loop_last_progress_timestamp_seconds", "triaged_loop_tick_seconds"),
        ("triaged_mailbox_poll_age_seconds", "triaged_mailbox_last_good_poll_age_seconds"),
        ("triaged_mailbox_consecutive_failures", "triaged_mailbox_failures"),
        ("triaged_mailbox_owed_mails", "triaged_owed_mails"),
        ("triaged_due_steps_overdue", "triaged_dues_late"),
        ("triaged_due_steps_upcoming", "triaged_dues_soon"),
        ("triaged_commitments_missed", "triaged_missed"),
        ("triaged_tickets_to_review", "triaged_reviews"),
        ("triaged_unreachable_addresses", "triaged_failed_addresses"),
        ("triaged_oldest_waiting_age_seconds", "triaged_oldest_waiting_seconds"),
    ),
)


def of(where: Where) -> tuple[Former, ...]:
    """Those of one place."""
    return tuple(one for one in TABLE if one.where == where)


def figures() -> Mapping[str, Former]:
    """By the name that each figure has now."""
    return {one.now: one for one in of("figure")}


def command(words: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """A command line with the commands and options of now, and the warnings of those that were not."""
    kept, told = list(words), list[str]()
    for one in of("command"):
        *path, last = one.name.split()
        of_option = last.startswith("-")
        wanted = path if of_option else [*path, last]
        start = _begins(kept)
        if kept[start : start + len(wanted)] != wanted:
            continue
        if not of_option:
            kept[start : start + len(wanted)] = one.now.split()
            told.append(one.told)
            continue
        now = one.now.split()[-1]
        at = [n for n, word in enumerate(kept) if n >= start + len(path) and word.partition("=")[0] == last]
        at = [n for n in at if "--" not in kept[:n]]
        for n in at:
            kept[n] = now + kept[n].removeprefix(last)
        told += [one.told] if at else []
    return kept, tuple(told)


def _begins(words: Sequence[str]) -> int:
    """Where the command begins, behind `--config FILE`."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] == "--config" else 1
    return at
