"""`triaged train`: a severity model from the examples that ship and people's corrections, or from a table."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output

if TYPE_CHECKING:
    from triaged.learning.candidates import Candidate
    from triaged.learning.examples import Example
    from triaged.rulebook.rulebook import ClassifierSettings

SHOWN = 10  # lines of one kind told on a screen
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
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    settings, models = house()
    with progress() as told:
        if table:
            made = _of_table(table, text, label, groups, out, settings, models, told)
        else:
            made = _of_mail(out, settings, models, told)
    lessons = {"wanting": [], "contradictions": []} if table else lessons_of(made, models)
    if as_json:
        output.say(output.json_line({"folder": str(made.folder), **made.card, "corrections": lessons}))
    else:
        _tell(made, lessons)


def house() -> tuple[ClassifierSettings, Path]:
    """The rulebook's settings of the classifier and the folder of models: of the config, else what ships."""
    from triaged.config import shipped
    from triaged.walk import rulebook_folder

    if context.has_config():
        knowledge = context.knowledge()
        return knowledge.rulebook.classifier, knowledge.models
    return rulebook_folder.load_folder(shipped.rules()).classifier, shipped.models()


def corrected() -> list[Example]:
    """What people corrected, where there is a config and so a store."""
    from triaged.learning import examples

    if not context.has_config():
        return []
    with context.store() as store:
        return examples.of_corrections(store.corrections())


def _of_mail(out: Path | None, settings: ClassifierSettings, models: Path, told: Any) -> Candidate:
    from triaged.learning import candidates, examples, lessons

    learned_from, source = lessons.material(examples.shipped(models), corrected(), settings)
    return candidates.make(
        learned_from,
        models,
        context.now(),
        source=source,
        settings=settings,
        second=examples.second_labels(models),
        out=out,
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


def lessons_of(made: Candidate, models: Path) -> dict[str, list[str]]:
    """What is wanting of people's corrections, and which contradict each other or everything else."""
    from triaged.learning import candidates, compare, examples, lessons

    known = corrected()
    told = [str(one) for one in lessons.contradictions(known, examples.shipped(models))]
    if known:
        said = compare.said_of(candidates.heard(made.folder), known)
        told += [str(one) for one in lessons.spoken_against(known, said)]
    return {"wanting": lessons.wanting(known), "contradictions": told}


def _tell(made: Candidate, lessons: dict[str, list[str]]) -> None:
    figures, data = made.card["figures"], made.card["data"]
    output.say(f"model {made.card['id']} of {data['examples']} examples in {made.folder}")
    output.say(f"  learned from {output.clean(data['source'])}")
    for name, key in (
        ("macro-F1", "macro_f1"),
        ("kappa", "kappa"),
        ("calibration error", "calibration_error"),
    ):
        value, lower, upper = figures[key]
        output.say(f"  {name:18} {value:.3f}  ({lower:.3f} to {upper:.3f})")
    for label, row in figures["per_class"].items():
        output.say(f"  {label:18} precision {row['precision'][0]:.3f}  recall {row['recall'][0]:.3f}")
    for word, lines in lessons.items():
        for line in lines[:SHOWN]:
            output.say(f"  {word}: {output.clean(line)}")
        if len(lines) > SHOWN:
            output.say(f"  {word}: and {len(lines) - SHOWN} more (--json tells all)")
    output.say("compare and put it in force with `triaged model compare`, `triaged model promote`")


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
