"""Automatic mail: bounces, absence notes, and the people who only look like them."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpora import CORPORA
from tests.measures import Figure
from triaged.reading.automatic import automatic
from triaged.reading.mime import message
from triaged.reading.new_text import quotes
from triaged.reading.values import Automatic, Door, Surroundings

OURS = Surroundings(support_addresses=frozenset({"partner-support@zohocorp.com"}))
RIGHT = {"vacation": {"auto_reply"}, "feedback": {"abuse", "list"}, "delivered": {"receipt", "bounce"}}
MACHINE = {"auto_reply", "bounce", "receipt", "calendar"}
# Read one by one: mail servers' own reports and an absence note, though the folder is called ham.
GENUINE = ("1/00033.", "1/01436.", "1/01507.", "1/01542.", "2/01304.", "2/01311.")


def figures() -> Iterator[Figure]:
    """What issue 3 asks for."""
    yield from _kinds()
    yield from _failures()
    yield from _people()
    yield from _archive()


def _detected(raw: bytes) -> Automatic | None:
    mail = message.parse(raw)
    text = quotes.cut(
        mail.text,
        subject=mail.subject,
        attached=() if mail.report_type else mail.attached,
        support_addresses=OURS.support_addresses,
    )
    return automatic.detect(mail, text, OURS, Door())


@cache
def _of(folder: str) -> dict[str, Automatic | None]:
    """The mails of a folder by name, each read once."""
    files = (path for path in sorted((CORPORA / folder).iterdir()) if path.is_file())
    return {p.name: _detected(p.read_bytes()) for p in files if p.suffix != ".json"}


def _expected(folder: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(CORPORA) / folder / "expected.json").read_text("utf-8"))
    return loaded


def _kinds() -> Iterator[Figure]:
    wanted = _expected("sisimai")
    right = wrong = 0
    for name, found in _of("sisimai/bounce").items():
        reason = wanted[name][0]["reason"] if wanted.get(name) else "bounce"
        good = found is not None and found.kind in RIGHT.get(reason, {"bounce"})
        right, wrong = right + good, wrong + (not good)
    for found in _of("flufl-bounce").values():
        good = found is not None and found.kind in {"bounce", "auto_reply"}
        right, wrong = right + good, wrong + (not good)
    share = right / (right + wrong)
    yield Figure("sisimai and flufl: right kind", f"{share:.4f} ({wrong} wrong)", ">= 0.985", share >= 0.985)
    php = _of("php-bounce-handler")
    taken = sum(found is not None for name, found in php.items() if name != "unsubscribe.txt")
    share = taken / (len(php) - 1)
    yield Figure("php-bounce-handler: no request", f"{share:.4f}", ">= 0.985", share >= 0.985)


def _failures() -> Iterator[Figure]:
    right = total = 0
    for name, recipients in _expected("sisimai").items():
        found = _of("sisimai/bounce").get(name)
        if any(r["reason"] in RIGHT for r in recipients):
            continue
        got = [failed.hard for failed in found.failed] if found else []
        right += sum(hard == r["hardbounce"] for hard, r in zip(got, recipients, strict=False))
        total += len(recipients)
    yield _share("sisimai: hard or soft", right, total)
    right = total = exact = mails = 0
    for name, told in _expected("flufl-bounce").items():
        wanted = {address.lower() for address in (*told["permanent"], *told["temporary"])}
        found = _of("flufl-bounce").get(name)
        named = {failed.address for failed in found.failed} if found else set()
        right, total = right + len(wanted & named), total + len(wanted)
        exact, mails = exact + (wanted == named), mails + bool(wanted)
    yield _share("flufl: failed address", right, total)
    yield _share("flufl: exactly the failed addresses", min(exact, mails), mails)


def _people() -> Iterator[Figure]:
    wanted = {name: told["label"] for name, told in _expected("autoreply-lists").items()}
    found = _of("autoreply-lists")
    machines = [name for name, label in wanted.items() if label in {"auto_reply", "bounce"}]
    yield _share(
        "autoreply-lists: automatic ones found", sum(found[n] is not None for n in machines), len(machines)
    )
    taken = sum(found[name] is not None for name, label in wanted.items() if label == "human")
    yield Figure("autoreply-lists: people taken for machines", str(taken), "0", taken == 0)


def _archive() -> Iterator[Figure]:
    taken = []
    with tarfile.open(CORPORA / "spamassassin" / "ham.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            found = _detected(file.read()) if file else None
            if found and found.kind in MACHINE:
                taken.append(member.name)
    false = [name for name in taken if not any(genuine in name for genuine in GENUINE)]
    yield Figure("spamassassin: people taken for machines", str(len(false)), "0", not false)
    told = f"{len(taken)}, {len(taken) - len(false)} of them truly so"
    yield Figure("spamassassin: called automatic", told, "<= 4", len(taken) <= 4)


def _share(name: str, right: int, total: int) -> Figure:
    return Figure(name, f"{right}/{total} {right / total:.3f}", ">= 0.90", right >= 0.9 * total)
