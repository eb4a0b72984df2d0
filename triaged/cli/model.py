"""`triaged model`: the model in force and how well it does, old and new side by side, promotion."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output
from triaged.cli.train import corrected, encoder, house

if TYPE_CHECKING:
    from triaged.rulebook.rulebook import ClassifierSettings


@click.group("model")
def command() -> None:
    """Show, compare and promote models."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@command.command("show")
@click.argument("name", required=False)
@click.option("--since", default="30d", show_default=True, help="How far back to watch: a span, or a time.")
@output.json_option
def show_(name: str | None, since: str, as_json: bool) -> None:
    """The card of the model in force (or of a candidate), and how well it does on recent mail."""
    from triaged.learning import candidates, places, telling

    settings, models = house()
    folder = candidates.found(models, name) if name else places.current(models)
    card = places.card_of(folder)
    in_use = _in_use(folder, settings.confidence, since)
    here = _of_our_mail(folder, settings)
    waiting = [places.name_of(f) for f in places.candidates(models)]
    if as_json:
        output.say(output.json_line({**card, "watch": in_use, "at_own_prior": here, "candidates": waiting}))
        return
    from triaged.learning.card import for_people

    output.say(for_people(card).rstrip())
    for line in _told_of_our_mail(here):
        output.say(line)
    for number, line in enumerate(telling.used(in_use) if in_use else ()):
        output.say(("" if number else "\n## In use\n\n") + output.clean(line))
    if waiting:
        output.say(f"\nWaiting: {', '.join(waiting)}")


@command.command()
@click.argument("name", required=False)
@click.option(
    "--all", "every", is_flag=True, help="Every mail that became right or wrong, not only the first."
)
@output.json_option
def compare(name: str | None, every: bool, as_json: bool) -> None:
    """The model in force and a candidate (the newest), in figures and mail by mail.

    On the same held-out texts, the other examples that ship, and the latest corrections.
    """
    from triaged.learning import candidates, examples, telling

    _, models = house()
    known = [*examples.shipped(models), *corrected()]
    with encoder() as apart:
        beside = candidates.beside(models, candidates.found(models, name), corrected(), apart)
    if as_json:
        output.say(output.json_line({**asdict(beside), "refusal": beside.refusal}))
        return
    for line in telling.compared(beside):
        output.say(line)
    subjects = {e.id: e.text.subject for e in known}
    for line in telling.mail_by_mail(beside, subjects, None if every else telling.SHOWN):
        output.say(output.clean(line))


@command.command()
@click.argument("name", required=False)
@click.option(
    "--anyway", default="", metavar="REASON", help="Promote although it is worse; the reason is kept."
)
def promote(name: str | None, anyway: str) -> None:
    """Put a candidate (the newest) in force. Refuses one that is worse than what is in force."""
    from triaged.learning import candidates, places

    _, models = house()
    folder = candidates.found(models, name)
    _audited(models)  # the one before, if nobody has seen it yet
    with encoder() as apart:
        against = candidates.promote(
            models, folder, corrected(), context.now(), context.actor(), " ".join(anyway.split()), apart
        )
    for reason in against:
        output.say(f"in spite of: {reason}")
    _audited(models)
    output.say(
        f"model {places.name_of(models / places.CURRENT)} in force; a running daemon takes it within seconds"
    )


def _audited(models: Path) -> None:
    """What is in force stands in the audit, and every daemon of the config's store learns of it."""
    if not context.has_config():
        return
    from triaged.learning import in_force

    with context.store() as store:
        in_force.noticed(store, models, context.now())


def _of_our_mail(folder: Path, settings: ClassifierSettings) -> dict[str, Any] | None:
    """What the held-out texts say of mail in which severities are as frequent as in this site's."""
    from triaged.learning import evaluate, held_out
    from triaged.vocabulary import Severity
    from triaged.walk.own_shares import YEAR, settled_by

    held = held_out.read(folder)
    if not held.rows or not set(held.classes) <= {s.value for s in Severity}:
        return None
    if context.has_config() and settings.prior_tickets:
        with context.store() as store:
            settings = settled_by(settings, store.closed_by_severity(context.now() - YEAR))
    told = evaluate.chosen(held, settings)
    return {"prior": told["prior"], "by": settings.prior_of, **told["at_prior"]}


def _told_of_our_mail(here: dict[str, Any] | None) -> Iterator[str]:
    if here and here["prior"]:
        shares = ", ".join(f"{share:.0%} {severity}" for severity, share in here["prior"].items())
        yield f"\n## On your own mail\n\nOf {shares} (by {here['by']}), as the rulebook weighs it:"
        yield (
            f"S1 is found in {here.get('S1_recall', 0.0):.0%}, and right in {here.get('S1_precision', 0.0):.0%} "
            f"where it is said; right on {here['right']:.0%} of all."
        )


def _in_use(folder: Path, confidence: float, since: str) -> dict[str, Any] | None:
    """How the model in force does on the store's mail; None where there is no config or no mail."""
    if not context.has_config():
        return None
    from triaged.learning import telling

    with context.store() as store:
        return telling.in_use(store, folder, confidence, context.since(since))
