"""The desk at which mail is read: mail in, Readings out, each within its deadline.

Contract: a mail never raises here; what runs out of time or memory is read by its headers alone. The
desk knows no store and no network, only what it was given when it was made.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from triaged.readers.question import Question
from triaged.reading.mime.header_block import author
from triaged.reading.read import bare, headers_only, read
from triaged.reading.values import Door, Guess, Reading, Surroundings

log = logging.getLogger(__name__)

_FIRST_MAIL = b"From: us@triaged.example\nSubject: A first mail\n\nThe readers are warm and ready now.\n"


class Late(BaseException):
    """A mail's time is over. No Exception, so that no `except Exception` of a reading step takes it."""


class Desk:
    """Where mail is read, in a worker or in this process: surroundings, and the classifier if there is one."""

    def __init__(self, surroundings: Surroundings, model_path: Path | None) -> None:
        for talkative in ("mailparser", "flufl.bounce"):  # they log headers and traces of hostile mail
            logging.getLogger(talkative).setLevel(logging.CRITICAL)
        self._surroundings = surroundings
        self._classifier = _loaded(model_path, surroundings.encoder)

    def warm(self) -> None:
        """Read a mail of nobody's: loads what loads late (the table of languages, 0.4 s), on nobody's deadline."""
        read(_FIRST_MAIL, Door(), self._surroundings)

    def read(self, raw: bytes, door: Door) -> Reading:
        """The mail's Reading; of its headers where time or memory run out."""
        seconds = self._surroundings.limits.seconds
        try:
            with _deadline(seconds):
                return read(raw, door, self._surroundings)
        except Late:
            why = f"reading took over {seconds:g} s"
        except (MemoryError, RecursionError) as exhausted:
            why = f"reading exhausted the process ({type(exhausted).__name__})"
        return replace(self.read_headers(raw, door, why), late=True)

    def read_fairly(
        self, mails: Sequence[tuple[bytes, Door]], late: Set[str] = frozenset()
    ) -> Iterator[Reading]:
        """Each mail's Reading; what the authors of late ones wrote besides is put off: they hold up nobody twice."""
        authors = set(late)
        for raw, door in mails:
            if authors and author(raw) in authors:
                yield replace(bare(raw, "put off: its author's mail before it was late"), put_off=True)
                continue
            reading = self.read(raw, door)
            if reading.late:
                authors.add(author(raw))
            yield reading

    def read_headers(self, raw: bytes, door: Door, why: str) -> Reading:
        """The Reading of the mail's headers alone, with the reason in its defects."""
        try:
            with _deadline(self._surroundings.limits.seconds):
                return headers_only(raw, door, self._surroundings, why)
        except (Late, MemoryError, RecursionError):
            return bare(raw, why)

    def guess(self, questions: Sequence[Question | None]) -> list[Guess | None]:
        """The classifier's word on each, None where there is no classifier or nothing is asked."""
        guesses: list[Guess | None] = [None] * len(questions)
        asked = [(at, question) for at, question in enumerate(questions) if question is not None]
        if self._classifier is None or not asked:
            return guesses
        try:
            said = _said(self._classifier, [question for _, question in asked])
        except Exception:  # rules and the default severity still decide; a mail must not wait for a guess
            log.exception("the classifier failed on %d mails", len(asked))
            return guesses
        for (at, _), guess in zip(asked, said, strict=True):
            guesses[at] = guess
        return guesses


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise Late in this thread when the time is over; without effect beside the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:
        raise Late

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _loaded(model_path: Path | None, encoder: str | None) -> Any:
    if model_path is None:
        return None
    from triaged.classifier import sentences

    if encoder is None:
        return sentences.load(model_path)
    from triaged.readers import encoders

    return sentences.load(model_path, encoders.named(encoder))


def _said(model: Any, questions: Sequence[Question]) -> list[Guess]:
    from triaged.classifier.model import ClassifierText

    said: list[Guess] = model.guess([ClassifierText(*question) for question in questions])
    return said
