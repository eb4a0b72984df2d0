"""How a model and a comparison are told to people, in lines: the command prints them, the page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triaged.learning.compare import Comparison

if TYPE_CHECKING:
    from triaged.learning.candidates import Candidate
    from triaged.learning.examples import Example
    from triaged.readers.encoders import Apart
    from triaged.store.store import Store

SHOWN = 10  # lines of one kind told on a screen


def in_use(store: Store, folder: Path, confidence: float, since: datetime | None) -> dict[str, Any]:
    """How the model of a folder does on the store's mail."""
    from triaged.classifier import model, sentences
    from triaged.learning import watch

    judged, texts = watch.recent(store.past_mail(since))
    drift = watch.drift(model.load(folder, met=(sentences.NEED,)), texts)
    return {
        "mails": len(judged),
        "abstains": watch.abstention(judged, confidence),
        "weeks": [asdict(week) for week in watch.by_week(judged)],
        "drift": {**asdict(drift), "drifted": drift.drifted} if drift else None,
    }


def used(found: Mapping[str, Any]) -> Iterator[str]:
    """What `in_use` found; nothing where there was no mail."""
    if not found["mails"]:
        return
    yield f"{found['mails']} mails; abstained on {found['abstains']:.0%}."
    for week in found["weeks"]:
        yield f"{week['week']}: people agree on {week['agreed']} of {week['looked_at']}"
    if drift := found["drift"]:
        word = "has drifted" if drift["drifted"] else "reads as in training"
        yield (
            f"Mail {word}: distance {drift['distance']:.3f} bits ({drift['by_chance']:.3f} by chance), "
            f"{drift['unknown']:.0%} of words unknown; risen: {', '.join(drift['risen'][:6])}"
        )


def lessons_of(
    made: Candidate, known: list[Example], models: Path, apart: Apart | None
) -> dict[str, list[str]]:
    """What is wanting of people's corrections (`known`), and which contradict each other or everything else."""
    from triaged.learning import candidates, compare, examples, lessons

    told = [str(one) for one in lessons.contradictions(known, examples.shipped(models))]
    if known:
        said = compare.said_of(candidates.heard(made.folder, apart), known)
        told += [str(one) for one in lessons.spoken_against(known, said)]
    return {"wanting": lessons.wanting(known), "contradictions": told}


def trained(made: Candidate, lessons: Mapping[str, list[str]]) -> Iterator[str]:
    """What came of a training."""
    figures, data = made.card["figures"], made.card["data"]
    yield f"model {made.card['id']} of {data['examples']} examples in {made.folder}"
    yield f"  learned from {data['source']}"
    for name, key in (
        ("macro-F1", "macro_f1"),
        ("kappa", "kappa"),
        ("calibration error", "calibration_error"),
    ):
        value, lower, upper = figures[key]
        yield f"  {name:18} {value:.3f}  ({lower:.3f} to {upper:.3f})"
    for label, row in figures["per_class"].items():
        yield f"  {label:18} precision {row['precision'][0]:.3f}  recall {row['recall'][0]:.3f}"
    for word, lines in lessons.items():
        for line in lines[:SHOWN]:
            yield f"  {word}: {line}"
        if len(lines) > SHOWN:
            yield f"  {word}: and {len(lines) - SHOWN} more (--json tells all)"


def mail_by_mail(beside: Comparison, subjects: Mapping[str, str], most: int | None) -> Iterator[str]:
    """Which mails became right and which wrong, what is right first."""
    for part in beside.parts:
        for became in ("right", "wrong", "otherwise wrong"):
            mails = [mail for mail in part.mails if mail.became == became]
            if mails:
                yield f"{part.where}: {len(mails)} became {became}"
            for mail in mails[:most]:
                subject = " ".join(subjects.get(mail.id, "").split())[:60]
                yield f"  {mail.id:28}{mail.label} is right, {mail.old} -> {mail.new}  {subject}"
            if most is not None and len(mails) > most:
                yield f"  and {len(mails) - most} more (--all)"


def compared(beside: Comparison) -> Iterator[str]:
    """Both models' figures, and whether the new one may take over."""
    yield f"{'':18}  {'old ' + beside.old:>24}  {'new ' + beside.new:>24}  difference (95 %)"
    for part in beside.parts:
        yield f"{part.where}: {part.texts}"
        for d in part.differences:
            bad = "  worse" if d.worse else ""
            yield f"  {d.measure:18}{d.old:>24.3f}  {d.new:>24.3f}  {d.lower:+.3f} to {d.upper:+.3f}{bad}"
    yield "may be promoted" if not beside.refusal else "may not be promoted: " + "; ".join(beside.refusal)
