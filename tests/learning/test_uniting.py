"""A model that sees sentences: trained, put in force, asked by the readers, and refused where its encoder is not."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.learning.conftest import BATCHES, NOW
from tests.readers.tiny_encoder import build, needed
from triaged.classifier import model, sentences
from triaged.classifier.features import ClassifierText
from triaged.classifier.model import ModelRefused
from triaged.classifier.sentences import TERM, United, unsure
from triaged.config import shipped
from triaged.errors import Faulty
from triaged.learning import candidates, examples, places
from triaged.learning.examples import Example
from triaged.readers.encoders import Apart, named
from triaged.readers.pool import InlineReaders, Readers
from triaged.reading.values import Door, Surroundings


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    needed("onnxruntime")
    with Apart(str(build(tmp_path_factory.mktemp("encoder") / "tiny"))) as apart:
        yield apart


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, encoder: Apart, some: list[Example]) -> Path:
    """A folder of models with one that sees sentences in force."""
    root = tmp_path_factory.mktemp("house") / shipped.WITH_EMBEDDINGS
    made = candidates.make(some, root, NOW, source="five writers", encoder=encoder)
    candidates.promote(root, made.folder, [], NOW, "test", encoder=encoder)
    return root


@pytest.fixture(scope="module")
def others() -> list[Example]:
    """Mails of writers it has not learned from, whose words leave it unsure at times."""
    found = examples.shipped(shipped.models())
    return [e for e in found if e.group not in BATCHES and e.text.language == "en"][:60]


@pytest.fixture(scope="module")
def united(root: Path, encoder: Apart) -> United:
    opened = sentences.load(places.current(root), encoder)
    assert isinstance(opened, United)
    return opened


def as_mail(example: Example) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@oak.example", "s@zohocorp.com", example.text.subject
    mail["Message-ID"] = "<1@oak.example>"
    mail.set_content(example.text.text)
    return mail.as_bytes()


def test_its_card_says_what_it_needs(root: Path, encoder: Apart) -> None:
    card = places.card_of(places.current(root))
    assert card["needs"]["sentences"]["encoder"] == encoder.name
    assert encoder.name in (places.current(root) / "card.md").read_text("utf-8")


def test_without_an_encoder_it_is_refused_with_the_remedy(root: Path) -> None:
    for load in (sentences.load, model.load, candidates.heard):
        with pytest.raises(
            ModelRefused, match=r"needs sentences; .*triaged\[embeddings\].*classifier: embeddings"
        ):
            load(places.current(root))


def test_with_another_encoder_it_is_refused_by_both_names(root: Path, tmp_path: Path, encoder: Apart) -> None:
    other = named(str(build(tmp_path / "other", seed=2)))
    assert other is not None
    with pytest.raises(ModelRefused) as told:
        sentences.load(places.current(root), other)
    assert encoder.name in str(told.value) and other.name in str(told.value)


def test_a_head_that_is_not_the_cards_is_refused(root: Path, tmp_path: Path, encoder: Apart) -> None:
    copied = Path(shutil.copytree(places.current(root), tmp_path / "copied"))
    (copied / sentences.HEAD).write_bytes(b"PK nothing")
    with pytest.raises(ModelRefused, match="SHA-256 differs"):
        sentences.load(copied, encoder)
    (copied / sentences.HEAD).unlink()
    with pytest.raises(ModelRefused, match="cannot be read"):
        sentences.load(copied, encoder)


def test_a_head_that_holds_more_than_numbers_is_refused(root: Path, tmp_path: Path, encoder: Apart) -> None:
    copied = Path(shutil.copytree(places.current(root), tmp_path / "copied"))
    with (copied / sentences.HEAD).open("wb") as opened:
        np.savez(opened, words=np.array([print], dtype=object))
    card = json.loads((copied / "card.json").read_text("utf-8"))
    card["needs"]["sentences"]["sha256"] = hashlib.sha256((copied / sentences.HEAD).read_bytes()).hexdigest()
    (copied / "card.json").write_text(json.dumps(card))
    with pytest.raises(ModelRefused, match="not a head of ours"):
        sentences.load(copied, encoder)


def test_what_the_words_are_sure_of_is_left_to_them(united: United, others: list[Example]) -> None:
    texts = [e.text for e in others]
    words = united.words.guess(texts)
    assert 5 < sum(map(unsure, words)) < len(words)
    for alone, both in zip(words, united.guess(texts), strict=True):
        if unsure(alone):
            assert any(name == TERM for name, _ in both.terms)
            assert abs(sum(p for _, p in both.probabilities) - 1) < 1e-4
            assert dict(both.probabilities)[both.severity.value] == max(p for _, p in both.probabilities)
        else:
            assert both == alone


def test_of_a_language_it_has_not_learnt_it_does_not_ask(united: United) -> None:
    [guess] = united.guess([ClassifierText("Eitt", "Enginn kemst inn í kerfið", "is")])
    assert guess == united.words.guess([ClassifierText("Eitt", "Enginn kemst inn í kerfið", "is")])[0]


def test_where_the_encoder_has_no_answer_the_words_stand(united: United, others: list[Example]) -> None:
    class Mute:
        name = united.encoder.name

        def encode(self, text: str) -> Any | None:
            return None

    texts = [e.text for e in others]
    mute = United(united.words, united.head, Mute())
    assert mute.guess(texts) == united.words.guess(texts)


def test_the_readers_ask_it_in_their_process_and_in_this_one(
    root: Path, tmp_path: Path, united: United, others: list[Example]
) -> None:
    folder = build(tmp_path / "tiny")  # the same bytes as the encoder's
    around = Surroundings(encoder=str(folder))
    raw = as_mail(next(e for e in others if unsure(united.words.guess([e.text])[0])))
    apart = Readers(around, places.current(root))
    try:
        apart.ready()
        one, two = (
            apart.read([(raw, Door())] * 23)[22],
            InlineReaders(around, places.current(root)).read([(raw, Door())])[0],
        )
    finally:
        apart.close()
    assert one.guess == two.guess and one.guess is not None
    assert any(name == TERM for name, _ in one.guess.terms)


def test_readers_whose_encoder_is_missing_do_not_start(root: Path, tmp_path: Path) -> None:
    readers = Readers(Surroundings(encoder=str(tmp_path / "nowhere")), places.current(root))
    with pytest.raises(Faulty, match=r"no model\.onnx here"):
        readers.ready()
    readers.close()


def test_the_examples_of_a_house_are_found_from_the_folder_beside(tmp_path: Path) -> None:
    own = tmp_path / "models" / "examples"
    own.mkdir(parents=True)
    row = {"id": "1", "batch": "b", "subject": "s", "text": "t", "language": "en", "severity": "S4"}
    (own / "own.jsonl").write_text(json.dumps(row) + "\n")
    assert [e.id for e in examples.shipped(tmp_path / "models" / shipped.WITH_EMBEDDINGS)] == ["1"]
