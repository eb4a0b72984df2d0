"""`triaged train`: a severity model from the examples that ship and people's corrections, or from a table."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output

if TYPE_CHECKING:
    from triaged.learning.candidates import Candidate
    from triaged.learning.examples import Example
    from triaged.readers.encoders import Apart
    from triaged.rulebook.rulebook import ClassifierSettings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("train")
@click.option(
    "--csv", "table", type=FILE, help="Learn from this table instead, such as the old help desk's tickets."
)
@click.option("--text", "text", default="text", show_default=True, help="The table's column of texts.")
@click.option("--label", default="severity", show_default=True, help="The table's column of labels.")
@click.option(
    "--groups", help="The table's column of what is held out together: customers, projects, writers."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the model; else among the candidates.",
)
@output.json_option
def command(
    table: Path | None, text: str, label: str, groups: str | None, out: Path | None, as_json: bool
) -> None:
    """Train a severity model and examine it on held-out texts. `triaged model promote` puts it in force."""
    from triaged.learning import telling

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    settings, models = house()
    with progress() as told, encoder() as apart:
        if table:
            made = _of_table(table, text, label, groups, out, settings, models, told)
        else:
            made = _of_mail(out, settings, models, apart, told)
        nothing: dict[str, list[str]] = {"wanting": [], "contradictions": []}
        lessons = nothing if table else telling.lessons_of(made, corrected(), models, apart)
    if as_json:
        output.say(output.json_line({"folder": str(made.folder), **made.card, "corrections": lessons}))
    else:
        for line in telling.trained(made, lessons):
            output.say(output.clean(line))
        output.say("compare and put it in force with `triaged model compare`, `triaged model promote`")


def house() -> tuple[ClassifierSettings, Path]:
    """The rulebook's settings of the classifier and the folder of models: of the config, else what ships."""
    from triaged.config import shipped
    from triaged.walk import rulebook_folder

    if context.has_config():
        knowledge = context.knowledge()
        return knowledge.rulebook.classifier, knowledge.models
    return rulebook_folder.load_folder(shipped.rules()).classifier, shipped.models()


def encoder() -> AbstractContextManager[Apart | None]:
    """The sentence encoder of the config, if it names one."""
    from triaged.readers import encoders

    return encoders.apart(context.config().classifier.encoder if context.has_config() else None)


def corrected() -> list[Example]:
    """What people corrected, where there is a config and so a store."""
    from triaged.learning import examples

    if not context.has_config():
        return []
    with context.store() as store:
        return examples.of_corrections(store.corrections())


def _of_mail(
    out: Path | None, settings: ClassifierSettings, models: Path, apart: Apart | None, told: Any
) -> Candidate:
    from triaged.learning import candidates, examples, lessons

    learned_from, source = lessons.material(examples.shipped(models), corrected(), settings)
    return candidates.make(
        learned_from,
        models,
        context.now(),
        source=source,
        settings=settings,
        out=out,
        encoder=apart,
        progress=told,
    )


def _of_table(
    table: Path,
    text: str,
    label: str,
    groups: str | None,
    out: Path | None,
    settings: Any,
    models: Path,
    told: Any,
) -> Candidate:
    from triaged.learning import candidates, tables

    return candidates.make(
        tables.read(table, text, label, groups),
        models,
        context.now(),
        source=table.name,
        settings=settings,
        out=out,
        progress=told,
    )


@contextmanager
def progress() -> Iterator[Any]:
    """A progress bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task("training", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
