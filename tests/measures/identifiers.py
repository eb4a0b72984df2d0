"""Precision and recall of what reading finds, on the labelled mails of tests/mails.

The mails were written and labelled from the domain page by authors who had not seen the code. Held out,
so that nothing is tuned on them and their misses are never shown: every third mail of the first three
authors (number divisible by 3), and all of `willow`, written when the code was done. `alder` and `birch`
are development data whole. `TRIAGED_VERBOSE=1` shows the misses of the development mails.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.measures import Figure
from triaged.reading.read import read
from triaged.reading.values import Door, Reading, Service, Surroundings

MAILS = Path(__file__).parents[1] / "mails"
RULES = Path(__file__).parents[2] / "rules"
BOUND = 0.97
FIRST, FRESH = ("hazel", "kaede", "rowan"), "willow"
FIELDS = (
    "superadmin_email",
    "customer_emails",
    "zoid",
    "zuid",
    "zgid",
    "service",
    "missing",
    "new_text_has",
    "new_text_lacks",
    "kind",
    "language",
)
# What sender and ticket decide, later in the walk
_SAID_BY_HEADERS = {
    "request",
    "spoof",
    "staff",
    "abuse",
    "thanks",
}


def surroundings(author: Path) -> Surroundings:
    """The house as an author's files describe it."""
    with (author / "partners.csv").open(encoding="utf-8") as file:
        partners = list(csv.DictReader(file))
    listed = yaml.safe_load((RULES / "10-services.yaml").read_text(encoding="utf-8"))["services"]
    return Surroundings(
        support_addresses=frozenset({"partner-support@zohocorp.com", "partner-support@eu.zohocorp.com"}),
        staff_domains=frozenset({"zohocorp.com"}),
        partner_domains=frozenset(p["domain"].lower() for p in partners if p["domain"]),
        partner_contacts=frozenset(
            c.strip().lower() for p in partners for c in (p["contacts"] or "").split(";") if c.strip()
        ),
        trusted_authserv_ids=frozenset({"mx.intake.example"}),
        services=tuple(
            Service(s["name"], tuple(s.get("aliases", ())), s.get("eligible", True)) for s in listed
        ),
    )


def authors() -> list[Path]:
    """The folders of labelled mails."""
    return sorted(folder for folder in MAILS.iterdir() if (folder / "partners.csv").is_file())


def is_held_out(mail: Path) -> bool:
    """Every third mail of the first authors, and all of the last."""
    return mail.parent.name == FRESH or (mail.parent.name in FIRST and int(mail.stem) % 3 == 0)


def found(reading: Reading, field: str) -> set[str]:
    """What the reading says of a field, as a set."""
    ids = reading.identifiers
    if field == "superadmin_email":
        return {ids.superadmin_email} if ids.superadmin_email else set()
    if field == "service":
        return {reading.service} if reading.service else set()
    if field == "language":
        return {reading.language} if reading.language else set()
    if field == "kind":
        kind = (
            reading.automatic.kind.value if reading.automatic else "thanks" if reading.thanks else "request"
        )
        return {"request" if kind in ("request",) else kind}
    if field == "missing":
        gave = {
            "superadmin_email": ids.superadmin_email,
            "zoid": ids.zoid or ids.zgid,
            "zuid": ids.zuid,
            "service": reading.service,
        }
        return {name for name, value in gave.items() if not value}
    return set(getattr(ids, field))


def expected(label: dict[str, Any], field: str) -> set[str]:
    """What the label says of a field, as a set."""
    value = label[field]
    if field == "kind":
        return {"request" if value in ("spoof", "staff", "abuse") else value}
    return set(value) if isinstance(value, list) else {value} if value else set()


def checks(author: Path) -> Iterator[tuple[Path, str, set[str], set[str]]]:
    """(mail, field, expected, found) for every labelled field of an author's mails."""
    house = surroundings(author)
    for mail in sorted(author.glob("*.eml")):
        label = json.loads(mail.with_suffix(".json").read_text(encoding="utf-8"))
        reading = read(mail.read_bytes(), Door(), house)
        text = _flat(reading.new_text)
        for field in FIELDS:
            if field in ("new_text_has", "new_text_lacks") and field in label:
                phrases = set(label[field])
                there = {p for p in phrases if _flat(p) in text}
                yield mail, field, phrases, there if field == "new_text_has" else phrases - there
            elif field in label and not (reading.automatic and field in ("missing",)):
                yield mail, field, expected(label, field), found(reading, field)


def _flat(text: str) -> str:
    return "".join(text.split())


def _part(mail: Path) -> str:
    if not is_held_out(mail):
        return "development"
    return "fresh" if mail.parent.name == FRESH else "held out"


def figures() -> Iterator[Figure]:
    """Precision and recall of every field, for development and held-out mails."""
    hits: Counter[tuple[str, str, str]] = Counter()
    for author in authors():
        for mail, field, want, have in checks(author):
            held = _part(mail)
            hits[held, field, "both"] += len(want & have)
            hits[held, field, "want"] += len(want)
            hits[held, field, "have"] += len(have)
            if want != have and held == "development" and os.environ.get("TRIAGED_VERBOSE"):
                print(f"     {author.name}/{mail.stem} {field}: wanted {sorted(want)}, found {sorted(have)}")
    for held in ("development", "held out", "fresh"):
        for field in FIELDS:
            both = hits[held, field, "both"]
            for name, of in (("precision", "have"), ("recall", "want")):
                share = both / hits[held, field, of] if hits[held, field, of] else 1.0
                free = held == "development"
                bound = "no bound" if free else f"at least {BOUND}"
                yield Figure(
                    f"{held}: {name} of {field}",
                    f"{share:.3f} ({both}/{hits[held, field, of]})",
                    bound,
                    share >= BOUND or free,
                )
