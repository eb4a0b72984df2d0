"""`triaged rules put`, `back`, `history`, `diff`, `draft`: a rulebook comes into force by commands as it does at the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triaged.cli import context, output
from triaged.errors import Faulty
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.config.config import Config
    from triaged.reading.words.words import Words
    from triaged.rulebook.text_differences import FileDifference
    from triaged.store.rulebook_keeping import RulebookVersion
    from triaged.walk.rulebook_change import Change

_TITLE = ("version", "at", "who", "rulebook", "why", "remark")
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
REASON = click.option("--reason", required=True, help="Why; it stands in the history.")
ANYWAY = click.option("--anyway", is_flag=True, help="Although its own tests fail.")


def in_force() -> Path:
    """The rulebook's folder: the config's, else the one that ships."""
    from triaged.config import shipped

    return (context.config().rulebook if context.has_config() else None) or shipped.rules()


def words() -> Words:
    """The words that mail is read by: those that ship, and the config's own."""
    from triaged.walk.words_folder import words_with

    return words_with(context.config().reading_words if context.has_config() else None)


@click.command()
@click.argument("folder", type=FOLDER)
@REASON
@ANYWAY
def put(folder: Path, reason: str, anyway: bool) -> None:
    """Put the rulebook of FOLDER in force: checked, tested, written whole; daemons and pages take it by themselves."""
    from triaged.walk import rulebook_change

    config = context.config()
    change = _change(config, rulebook_change.standing(folder), reason, anyway)
    with context.store() as store:
        _said(rulebook_change.put(store, config, change, words(), context.now()))


@click.command()
@click.argument("number", type=int)
@REASON
@ANYWAY
def back(number: int, reason: str, anyway: bool) -> None:
    """Put version NUMBER of the history in force again."""
    from triaged.walk import rulebook_change

    config = context.config()
    change = _change(config, {}, reason, anyway)
    with context.store() as store:
        _said(rulebook_change.back(store, config, number, change, words(), context.now()))


@click.command()
@click.argument("number", type=int, required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1))
@output.json_option
def history(number: int | None, limit: int, as_json: bool) -> None:
    """Who put which rulebook in force, when and why, newest first; of version NUMBER what it changed."""
    from triaged.walk import rulebook_change

    with context.store() as store:
        if number is not None:
            _differing(rulebook_change.changed_by(store, number), as_json)
            return
        found = store.versions(limit)
    lines = [
        (one.id, output.when(one.at), one.who or "by hand", one.version, one.reason, one.remark)
        for one in found
    ]
    output.rows(_TITLE, lines, as_json=as_json, objects=(_listed(one) for one in found))


@click.command()
@click.argument("folder", type=FOLDER)
@output.json_option
def diff(folder: Path, as_json: bool) -> None:
    """What differs between the rulebook of FOLDER and the one in force, line by line."""
    from triaged.rulebook.text_differences import differences
    from triaged.walk import rulebook_change

    _differing(differences(rulebook_change.standing(in_force()), rulebook_change.standing(folder)), as_json)


@click.command()
@click.argument("address", required=False)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write the whole rulebook with it there."
)
@output.json_option
def draft(address: str | None, out: Path | None, as_json: bool) -> None:
    """What leads have changed at the console and not put in force: whose, or of ADDRESS line by line."""
    from triaged.walk import rulebook_change

    folder = rulebook_change.folder_of(context.config())
    with context.store() as store:
        if address is None:
            every = store.all_draft_files()
            lines = [(output.when(one.saved_at), one.address, one.name) for one in every]
            told = ({"saved_at": one.saved_at, "address": one.address, "file": one.name} for one in every)
            output.rows(("saved", "whose", "file"), lines, as_json=as_json, objects=told)
            return
        found = rulebook_change.draft_of(store, folder, address)
    if not found.changed:
        raise Faulty(f"{address}: has no draft; `triaged rules draft` lists them")
    if out is None:
        _differing(found.differences, as_json)
        return
    _write(out, found.texts)
    output.say(f"{counted(len(found.texts), 'file')} in {out}")


def _change(config: Config, texts: Mapping[str, str], reason: str, anyway: bool) -> Change:
    """The call's user wishes these files over what is in force now."""
    from triaged.rulebook.loading import version_of
    from triaged.walk import rulebook_change

    seen = version_of(rulebook_change.standing(rulebook_change.folder_of(config)))
    return rulebook_change.Change(texts, context.actor(), reason, seen, anyway)


def _said(version: RulebookVersion) -> None:
    output.say(f"rulebook {version.version} in force as version {version.id}: {version.remark}")


def _listed(one: RulebookVersion) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at,
        "who": one.who,
        "version": one.version,
        "reason": one.reason,
        "remark": one.remark,
    }


def _differing(found: tuple[FileDifference, ...], as_json: bool) -> None:
    from triaged.rulebook.text_differences import lines

    if as_json:
        for one in found:
            output.say(output.json_line(asdict(one)))
        return
    for line in lines(found):
        output.say(output.clean(line))
    if not found:
        output.say("nothing differs")


def _write(out: Path, texts: Mapping[str, str]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise Faulty(f"{out}: is not empty; name a new folder")
        for name, text in texts.items():
            (out / name).write_text(text, "utf-8")
    except OSError as error:
        raise Faulty(f"{out}: cannot be written: {error.strerror or error}") from None
