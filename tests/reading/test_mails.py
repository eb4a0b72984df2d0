"""Whole mails, written and labelled from the domain page by authors who had not seen the code.

Every third mail of an author is held out and only measured (tests/measures/identifiers.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.measures.identifiers import authors, expected, found, is_held_out, surroundings
from triaged.reading.read import read
from triaged.reading.values import Door

FIELDS = ("superadmin_email", "customer_emails", "zoid", "zuid", "zgid", "service")
REQUESTS = {"request", "thanks", "spoof"}


def requests() -> list[Path]:
    mails = [mail for author in authors() for mail in sorted(author.glob("*.eml")) if not is_held_out(mail)]
    return [
        m for m in mails if json.loads(m.with_suffix(".json").read_text(encoding="utf-8"))["kind"] in REQUESTS
    ]


@pytest.mark.parametrize("mail", requests(), ids=lambda mail: f"{mail.parent.name}-{mail.stem}")
def test_a_mail_gives_what_its_author_put_in_it(mail: Path) -> None:
    label = json.loads(mail.with_suffix(".json").read_text(encoding="utf-8"))
    reading = read(mail.read_bytes(), Door(), surroundings(mail.parent))
    fields = [field for field in FIELDS if field in label]
    assert {f: found(reading, f) for f in fields} == {f: expected(label, f) for f in fields}, label["why"]
