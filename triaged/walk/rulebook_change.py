"""How a rulebook comes into force: checked, tested, written whole, kept in the history, and the daemons asked to reload.

Commands and pages do it by this one way. The folder says what is in force; the store says who changed what, when and why,
and holds what somebody has changed and not yet put in force.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from triaged.config import shipped, whole_folder
from triaged.config.config import Config
from triaged.edge import git
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.reading.words.words import Words
from triaged.rulebook import loading
from triaged.rulebook.rulebook import Rulebook
from triaged.rulebook.text_differences import FileDifference, differences
from triaged.spec.strict_yaml import Complaint
from triaged.store.rulebook_keeping import DraftFile, RulebookVersion
from triaged.store.store import Store
from triaged.walk.rulebook_folder import ROOMS, read_folder

ASKED = "reload.asked"  # the note by which daemons learn that there is something new to load
MOST_FILES, LARGEST_FILE, LARGEST = 100, 1_000_000, 8_000_000  # characters
_LONGEST_REASON = 2000


class Overtaken(Faulty):
    """Somebody else has put a rulebook in force since; nothing was written."""


@frozen
class Draft:
    """What is in force (`standing`, of `version`), and what somebody has changed of it."""

    standing: Mapping[str, str]
    version: str
    changed: Sequence[DraftFile] = ()

    @property
    def texts(self) -> dict[str, str]:
        """The rulebook as it would be."""
        texts = {**self.standing, **{one.name: one.text for one in self.changed if one.text is not None}}
        gone = {one.name for one in self.changed if one.text is None}
        return {name: text for name, text in sorted(texts.items()) if name not in gone}

    @property
    def differences(self) -> tuple[FileDifference, ...]:
        """To what is in force."""
        return differences(self.standing, self.texts)

    @property
    def overtaken(self) -> tuple[DraftFile, ...]:
        """Files that somebody else has changed in force since they were begun, otherwise than here."""
        return tuple(one for one in self.changed if self.standing.get(one.name) not in (one.base, one.text))

    @property
    def seen(self) -> str:
        """What this draft was when it was shown, for a form."""
        return ".".join(one.mark for one in self.changed)


@frozen
class Tested:
    """A rulebook's own tests, run: how many failed of how many, and all lines about them."""

    failed: int
    tests: int
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.tests - self.failed} of {self.tests} tests passed"


@frozen
class Change:
    """Somebody's wish to put a rulebook in force. `seen`: the version it was compared with; `anyway`: though tests fail."""

    texts: Mapping[str, str]
    who: str
    reason: str
    seen: str
    anyway: bool = False


def folder_of(config: Config) -> Path:
    """Where the rulebook in force lies."""
    return (config.rulebook or shipped.rules()).absolute()


def standing(folder: Path) -> dict[str, str]:
    """The files in force, by their bare names. Raises Faulty."""
    return {name.rpartition("/")[2]: text for name, text in read_folder(folder).items()}


def draft_of(store: Store, folder: Path, address: str) -> Draft:
    """What somebody has changed, beside what is in force. Raises Faulty."""
    texts = standing(folder)
    return Draft(texts, loading.version_of(texts), store.draft_files(address))


def check(folder: Path, texts: Mapping[str, str]) -> tuple[Rulebook | None, list[Complaint]]:
    """The rulebook these files make, and every complaint by file and line, as if they lay in the folder."""
    if wrong := misnamed(texts):
        return None, [Complaint(f"{folder.name}/{name}", 1, 1, why) for name, why in wrong.items()]
    return loading.load({f"{folder.name}/{name}": text for name, text in texts.items()}, ROOMS)


def misnamed(texts: Mapping[str, str]) -> dict[str, str]:
    """Names and sizes that no rulebook has, each with the reason."""
    wrong = {name: why for name, text in texts.items() if (why := objection(name, text))}
    if len(texts) > MOST_FILES:
        wrong["…"] = f"a rulebook has at most {MOST_FILES} files"
    if sum(map(len, texts.values())) > LARGEST:
        wrong["…"] = f"a rulebook has at most {LARGEST:,} characters"
    return wrong


def objection(name: str, text: str) -> str:
    """Why a file can be none of a rulebook; empty: it can."""
    if not whole_folder.NAME.fullmatch(name):
        return "a file is named like 60-ours.yaml: letters, digits, dashes, and .yaml at the end"
    if len(text) > LARGEST_FILE:
        return f"a file has at most {LARGEST_FILE:,} characters"
    return ""


def test(rulebook: Rulebook, words: Words | None) -> Tested:
    """Its own tests, run with the code that judges real mail."""
    from triaged.walk import (  # these take mails apart, and the daemon asks for none of it
        trial_reports,
        trials,
    )

    run = list(trials.run(rulebook, words=words))
    told = trial_reports.lines(run, trials.coverage(rulebook, run), len(rulebook.rules))
    return Tested(sum(not one.passed for one in run), len(run), tuple(told))


def put(store: Store, config: Config, change: Change, words: Words | None, now: datetime) -> RulebookVersion:
    """Put it in force. Raises Faulty with the reason and nothing changed; Overtaken where somebody was faster."""
    folder = folder_of(config)
    rulebook, tested = _fit(config, folder, change, words)
    with whole_folder.held(folder):
        before = standing(folder)
        version = loading.version_of(before)
        if version != change.seen:
            raise Overtaken(
                f"{folder}: is at {version} now and not at {change.seen or 'what you saw'}; look at the difference again"
            )
        if dict(change.texts) == before:
            raise Faulty("nothing differs from what is in force")
        noticed(store, config, before, now)
        for dead in store.unfinished_versions():  # nobody else writes now
            store.drop_version(dead.id)
        new = RulebookVersion(
            now, change.who, change.reason[:_LONGEST_REASON], rulebook.version, files=change.texts
        )
        number = store.begin_version(new)
        try:
            whole_folder.put(folder, change.texts)
        except Faulty:
            store.drop_version(number)
            raise
        remark = "; ".join([str(tested), *_committed(folder, {*before, *change.texts}, change)])
        store.end_version(number, now, remark)
    ask_reload(store, change.who, now, rulebook=rulebook.version)
    kept = store.version(number)
    assert kept is not None
    return kept  # fmt: skip


def _fit(config: Config, folder: Path, change: Change, words: Words | None) -> tuple[Rulebook, Tested]:
    if config.rulebook is None:
        raise Faulty(
            f"{folder}: the rulebook that ships is not changed; copy it and name the copy by `rulebook` in the config "
            "(triaged init DIR makes one)"
        )
    if not change.reason.strip():
        raise Faulty("the reason is missing: it stands in the history")
    rulebook, complaints = check(folder, change.texts)
    if rulebook is None:
        raise Faulty(*(str(one) for one in complaints if not one.warning))
    tested = test(rulebook, words)
    if tested.failed and not change.anyway:
        raise Faulty(*(line for line in tested.lines[:20]), "not put in force: its own tests fail")
    return rulebook, tested


def _committed(folder: Path, names: set[str], change: Change) -> list[str]:
    """Where git has it, or why it has not; nothing where the folder is no checkout."""
    commit, why_not = git.commit(folder, sorted(names), change.who, change.reason)
    return [f"commit {commit}"] if commit else [f"not committed: {why_not}"] if why_not else []


def back(store: Store, config: Config, number: int, change: Change, words: Words | None, now: datetime) -> RulebookVersion:  # fmt: skip
    """Put a former version in force again; of `change` its files are those of the version. Raises as `put`."""
    former = store.version(number)
    if former is None or former.done_at is None:
        raise Faulty(f"{number}: no such version; `triaged rules history` lists them")
    words_of = f"back to version {number} of {former.at:%Y-%m-%d %H:%M} UTC: {change.reason}"
    reason = words_of if change.reason.strip() else ""
    return put(
        store, config, Change(former.files, change.who, reason, change.seen, change.anyway), words, now
    )


def changed_by(store: Store, number: int) -> tuple[FileDifference, ...]:
    """What a version of the history changed of the one before it. Raises Faulty where there is none."""
    version = store.version(number)
    if version is None:
        raise Faulty(f"{number}: no such version; `triaged rules history` lists them")
    before = store.versions(1, before=number)
    former = store.version(before[0].id) if before else None
    return differences(former.files if former else {}, version.files)


def noticed(store: Store, config: Config, texts: Mapping[str, str], now: datetime) -> None:
    """What lies in the folder is in the history, whoever wrote it."""
    version = loading.version_of(texts)
    for one in store.unfinished_versions():
        if one.version == version:
            store.end_version(one.id, one.at, "in force; its writer did not come to say so")
    last = store.versions(1)
    if not last or last[0].version != version:
        how = "changed in its folder by hand" if last else "found in force when this history began"
        why = how if config.rulebook else "the rulebook that ships"
        store.begin_version(RulebookVersion(now, "", why, version, done_at=now, files=texts))


def ask_reload(store: Store, who: str, now: datetime, **what: str) -> None:
    """Every daemon of this store loads anew, as by SIGHUP; `what` it will find: rulebook or model."""
    store.note(ASKED, {"mark": secrets.token_hex(8), "who": who, **what}, now)
