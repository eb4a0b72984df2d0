"""Threading: conversations as notmuch sees them, in any order of arrival."""

from __future__ import annotations

import json
import random
import tarfile
from collections.abc import Iterator, Sequence

from tests.corpora import CORPORA
from tests.measures import Figure
from triaged.reading.mime import message
from triaged.reading.mime.message import Message
from triaged.tickets.partition import partition

Groups = set[frozenset[str]]


def figures() -> Iterator[Figure]:
    """Share of messages whose conversation is exactly notmuch's; the same partition in shuffled orders."""
    mails = _mails()
    wanted = _wanted()
    given = _groups(mails)
    yield _share("spamassassin, given order: as notmuch", given, wanted)
    for seed in (1, 2, 3):
        shuffled = mails[:]
        random.Random(seed).shuffle(shuffled)
        yield _share(f"spamassassin, shuffled {seed}: as notmuch", _groups(shuffled), wanted)
    yield from _notmuch()


def _mails() -> list[Message]:
    with tarfile.open(CORPORA / "spamassassin" / "ham.tar.gz") as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        return [message.parse(file.read()) for file in files if file]


def _wanted() -> Groups:
    told = json.loads((CORPORA / "spamassassin" / "ham.threads.json").read_text("utf-8"))
    return {frozenset(thread) for thread in told["notmuch_threads"]}


def _groups(mails: Sequence[Message]) -> Groups:
    bare = [(mail.message_id or "").strip("<>") for mail in mails]
    named = [frozenset(bare[at] for at in group if bare[at]) for group in partition(mails)]
    return {group for group in named if group}


def _share(name: str, got: Groups, wanted: Groups) -> Figure:
    everything = sum(len(thread) for thread in wanted)
    right = sum(len(thread) for thread in wanted if thread in got)
    share = right / everything
    return Figure(name, f"{share:.4f} of {everything}", ">= 0.995", share >= 0.995)


def _notmuch() -> Iterator[Figure]:
    """Its own test corpora: the partition must not depend on the order."""
    for folder in ("lkml", "default", "threading", "broken", "duplicate"):
        files = sorted(path for path in (CORPORA / "notmuch" / folder).rglob("*") if path.is_file())
        mails = [message.parse(path.read_bytes()) for path in files]
        first = _groups(mails)
        same = all(_groups(random.Random(seed).sample(mails, len(mails))) == first for seed in (1, 2, 3))
        yield Figure(f"notmuch {folder}: {len(first)} threads in any order", str(same), "True", same)
