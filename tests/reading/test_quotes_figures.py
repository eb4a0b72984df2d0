"""The figures on the shared reply corpora stay above the bounds issue 3 sets (skips where they are absent)."""

from __future__ import annotations

from tests.corpora import corpus
from tests.measures import replies


def test_the_reply_corpora_are_read_as_well_as_promised() -> None:
    corpus("reply-crisp")
    missed = [figure for figure in replies.figures() if not figure.met]
    assert not missed
