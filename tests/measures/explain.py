"""`explain` on everything in the corpora: it never fails, and says every key of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.corpora import mail_files
from tests.measures import Figure
from tests.measures.mime import spamassassin
from triaged.config import config as configs
from triaged.demo import play
from triaged.readers.pool import InlineReaders
from triaged.walk import knowledge
from triaged.walk.explain import as_object, explain
from triaged.walk.judge import Envelope
from triaged.walk.knowledge import Knowledge

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEYS = 22


def figures() -> Iterator[Figure]:
    """How many mails were explained, of all."""
    known = _known()
    readers = InlineReaders(known.surroundings)
    files = [(str(path), path.read_bytes()) for path in mail_files()]
    files += [(f"spamassassin {number}", raw) for number, raw in enumerate(spamassassin())]
    failed = sum(not _explained(name, raw, known, readers) for name, raw in files)
    yield Figure("mails explained", f"{len(files) - failed} of {len(files)}", "all", not failed)


def _known() -> Knowledge:
    here = Path(play.__file__).parent
    text = play._CONFIG.format(sink=2525, door=2526)
    config, complaints = configs.parse(text, "demo")
    assert config is not None, complaints
    return knowledge.gather(configs.rooted(config, here))


def _explained(name: str, raw: bytes, known: Knowledge, readers: InlineReaders) -> bool:
    mailbox = known.config.mailboxes[0]
    here = Envelope(mailbox.name, AT, mailbox_regions=mailbox.regions)
    try:
        (reading,) = readers.read([(raw, here.door)])
        told = explain(reading, here, known.ground(mailbox.name, AT))
        found = as_object(name, told, known.bearings)
    except Exception as broken:
        print(f"  {name}: {type(broken).__name__}: {broken}")
        return False
    return len(found) >= KEYS
