"""`triaged rules`: the rulebook's own tests, what a change would do, its schema, and how rules do in use."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output, rules_in_force
from triaged.cli.rules_in_force import in_force, words
from triaged.errors import Faulty
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.rulebook.rulebook import Rulebook


@click.group("rules")
def command() -> None:
    """The rulebook of support ops."""


for _one in (
    rules_in_force.put,
    rules_in_force.back,
    rules_in_force.history,
    rules_in_force.diff,
    rules_in_force.draft,
):
    command.add_command(_one)


def load(path: Path | None = None) -> Rulebook:
    """The rulebook of a folder. Raises Faulty with every complaint."""
    from triaged.walk.rulebook_folder import load_folder

    return load_folder(path or in_force())


@command.command()
@click.option(
    "--dir", "path", type=click.Path(path_type=Path, file_okay=False), help="Another rulebook's folder."
)
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML there too.")
@output.json_option
def test(path: Path | None, junit: Path | None, as_json: bool) -> None:
    """Run the rulebook's own tests with the code that judges real mail; exit 1 if one fails."""
    from triaged.walk import trial_reports, trials

    rulebook = load(path)
    run = list(trials.run(rulebook, words=words()))
    unhit = trials.coverage(rulebook, run)
    if junit:
        junit.write_text(trial_reports.junit(run), "utf-8")
    if as_json:
        for trial in run:
            surprises = [str(s) for s in trial.surprises]
            output.say(
                output.json_line(
                    {
                        "test": trial.test.name,
                        "passed": trial.passed,
                        "surprises": surprises,
                        "hits": trial.hits,
                    }
                )
            )
    else:
        for line in trial_reports.lines(run, unhit, len(rulebook.rules)):
            output.say(line)
    sys.exit(0 if all(trial.passed for trial in run) else 1)


@command.command()
def schema() -> None:
    """JSON Schema for editors: completion, of the rulebook's own names too, and checks while typing."""
    from triaged.rulebook import schema as schemas
    from triaged.walk.rulebook_folder import ROOMS

    try:
        names = load().names
    except Faulty:  # an editor is needed most where the rulebook has faults
        names = schemas.NO_NAMES
    output.say(schemas.written(ROOMS, names), nl=False)


@command.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--dir", "path", type=click.Path(path_type=Path, file_okay=False), help="Another rulebook's folder."
)
def letters(directory: Path, path: Path | None) -> None:
    """Write every kind of letter in every language to DIRECTORY, on invented tickets, to be read."""
    from triaged.letters import specimens

    rulebook = load(path)
    written = specimens.files(rulebook.letters, rulebook.promises)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            (directory / name).write_text(text, "utf-8")
    except OSError as error:
        raise Faulty(f"{directory}: cannot be written: {error.strerror or error}") from None
    output.say(f"{counted(len(written), 'file')} in {directory}: {', '.join(written)}")


@command.command()
@click.option(
    "--against",
    "changed",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the changed rulebook.",
)
@click.option("--since", default="30d", show_default=True, help="A span, or a time.")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(0), help="So many mails are listed."
)
@output.json_option
def backtest(changed: Path, since: str, limit: int, as_json: bool) -> None:
    """What a changed rulebook would have decided on stored mail, as a difference. Writes nothing."""
    from triaged.learning import places
    from triaged.rulebook import differences as told
    from triaged.walk.backtest import backtest as run

    knowledge = context.knowledge()
    rulebook = load(changed)
    with context.store() as store, _progress(store, since) as advance:
        model = places.current(knowledge.models)
        summary = run(store, knowledge, rulebook, model, since=context.since(since), progress=advance)
    if as_json:
        for difference in summary.changed:
            output.say(output.json_line(told.as_json(difference)))
        return
    for line in told.lines(summary, limit):
        output.say(output.clean(line))


class _progress:
    """A progress bar on a terminal, silence elsewhere."""

    def __init__(self, store: Any, since: str) -> None:
        self.total = sum(1 for _ in store.each_mail(context.since(since))) if sys.stderr.isatty() else 0
        self.bar: Any = None

    def __enter__(self) -> Any:
        if not self.total:
            return lambda count: None
        from rich.progress import Progress

        self.bar = Progress(transient=True)
        self.bar.start()
        task = self.bar.add_task("judging stored mail", total=self.total)
        return lambda count: self.bar.update(task, completed=count)

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()


@command.command()
@click.option("--since", default="30d", show_default=True, help="A span, or a time.")
@output.json_option
def stats(since: str, as_json: bool) -> None:
    """Hits of each rule, how often people overruled it, dead rules, rules the classifier makes needless."""
    from triaged.rulebook import rule_statistics

    rulebook = load()
    with context.store() as store:
        uses = [
            rule_statistics.Use(hits, severity, classifier, human)
            for hits, severity, classifier, human in store.rule_uses(context.since(since))
        ]
    rows = rule_statistics.statistics(rulebook, uses)
    if as_json:
        for row in rows:
            output.say(output.json_line(asdict(row) | {"dead": row.dead, "idle": row.idle}))
        return
    for line in rule_statistics.lines(rows, len(uses)):
        output.say(line)
