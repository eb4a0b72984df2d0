"""What is learned from: the examples that ship, corrections, tables."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triaged.config import shipped
from triaged.errors import Faulty
from triaged.learning import card, duplicates, examples, tables
from triaged.learning.train import train
from triaged.store.rows import Correction
from triaged.vocabulary import Severity


def test_the_examples_that_ship_are_many_varied_and_no_copies_of_each_other() -> None:
    found = examples.shipped(shipped.models())
    languages = Counter(e.text.language for e in found)
    assert len(found) >= 700 and languages["ja"] >= 120
    assert min(languages[code] for code in ("de", "fr", "es")) >= 25
    assert len({e.id for e in found}) == len(found) and {e.label for e in found} == {"S1", "S2", "S3", "S4"}
    assert duplicates.across_groups(found) == []


def test_a_second_reader_agrees_with_the_labels() -> None:
    found = examples.shipped(shipped.models())
    agreed = card.agreement(found, examples.second_labels(shipped.models()))
    assert agreed and agreed["texts"] >= 250 and agreed["kappa"][0] >= 0.7


def test_a_broken_line_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "a.jsonl").write_text('{"id": "a-1"}\nnot json\n', "utf-8")
    with pytest.raises(Faulty) as told:
        examples.shipped(tmp_path)
    assert ["a.jsonl:1" in told.value.lines[0], "a.jsonl:2" in told.value.lines[1]] == [True, True]


def test_the_last_word_on_a_ticket_is_learned() -> None:
    words = [_correction(1, 7, Severity.S2), _correction(2, 9, Severity.S4), _correction(3, 7, Severity.S1)]
    found = examples.of_corrections(words, weight=3.0)
    assert [(e.group, e.label, e.weight) for e in found] == [("ticket-9", "S4", 3.0), ("ticket-7", "S1", 3.0)]


def test_a_correction_without_words_teaches_nothing() -> None:
    assert examples.of_corrections([_correction(1, 7, Severity.S1, subject="", text=" ")]) == []


def test_a_table_of_an_old_help_desk_becomes_examples(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text(
        "body,priority,customer\nall down,Critical,a\nhow to?,Low,b\n,High,c\nslow,high,\n", "utf-8-sig"
    )
    found = tables.read(path, "body", "priority", "customer")
    assert [(e.text.text, e.label, e.group) for e in found] == [
        ("all down", "S1", "a"), ("how to?", "S4", "b"), ("slow", "S2", "old-5")
    ]  # fmt: skip


def test_other_labels_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,kind\n" + "".join(f"red {i},apple\nlong {i},pear\n" for i in range(10)), "utf-8")
    assert train(tables.read(path, "text", "kind")).classes == ("apple", "pear")


def test_a_column_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,label\na,b\n", "utf-8")
    with pytest.raises(Faulty, match=r"no column 'lable'; did you mean 'label'"):
        tables.read(path, "text", "lable")


@pytest.mark.parametrize("content", [b"", b"text,label\n", b"text,label\n,\n", b"text,label\n\xff\xfe,S1\n"])
def test_a_table_without_anything_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(Faulty):
        tables.read(path, "text", "label")


def _correction(
    number: int, ticket: int, severity: Severity, subject: str = "Login", text: str = "x"
) -> Correction:
    at = datetime(2026, 11, number, tzinfo=UTC)
    return Correction(ticket, at, "ann", Severity.S3, severity, "because", subject, text, "en", number)
