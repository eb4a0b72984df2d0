"""Hostile bodies of 200 KB cost no more than about twice what 200 KB of prose cost, and only hurt themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spent import spent
from triaged.reading.language import language
from triaged.reading.new_text import quotes
from triaged.reading.new_text.dividing import LINES

SIZE = 200_000
PROSE = (
    "Hello team, the invoices of our customer are sent twice since the update of last Monday.\n"
    "We already tried another browser and another user, and the audit log shows no change at all.\n"
    "\n"
    "Please have a look at https://books.example/app/60031122334 when you find the time, Anna\n"
)

HOSTILE = {
    "newlines": "\n",
    "blank-rows": " \t\n",
    "on-on-on": "On ",
    "on-rows": "On On On\n",
    "on-date-rows": "On 10 Nov 2026 10:14 a\n",
    "on-a-b": "On a, b\n",
    "brackets": "> ",
    "bracket-rows": ">\n",
    "deep-brackets": ">" * 300 + " x\n",
    "from-rows": "From: a\n",
    "from-words": "From: ",
    "header-rows": "From: a@b.example\nTo: c\n",
    "subject-rows": "Subject:\nDate:\n",
    "forward-marks": "---------- Forwarded message ---------\n",
    "bracketed-forwards": "> ---------- Forwarded message ---------\n",
    "rules": "--------------------\n",
    "marks": "--\n",
    "closings": "Regards,\n",
    "thanks": "Thanks\n\n",
    "colons": ":\n",
    "wrote": "wrote:\n",
    "at-signs": "a@b",
    "at-rows": "a@b <a@b> a@b 10:14\n",
    "angles": "<" * 50 + "\n",
    "one-line": "x",
    "japanese": "2026年11月10日(火) 10:14 \n",
    "device": "Sent from my iPhone\n",
    "disclaimers": "This e-mail is confidential and intended solely for\n\n",
    "box": "━━━━━━━━\nTEL 03-5550-0142\n",
    "labels": "ZOID: 60031122334\n",
    "fences": "```\n",
    "few-letters": "a b c d e f g h i j k l m n o p q r s t u v w x y z\n\nRegards\n",
    "packed-heads": "From: " + "date: to: " * 35 + "\n",
    "packed-subjects": "From: x date: y to: z subject: " + "subject: " * 30 + "\n",
    "messages": "message " * 45 + "\n\n",
    "names": "Thanks\n" + "A B " * 30 + "\n\n",
}


def costs_at_most(work: Callable[[], object], times: float, measure: Callable[[], object]) -> bool:
    """Whether it costs so many times the measure, both run side by side; another load of the machine is no answer."""
    return any(spent(work, 3) <= times * spent(measure, 3) + 0.02 for _ in range(5))


def prose() -> None:
    """What 200 KB of prose cost."""
    quotes.cut((PROSE * (SIZE // len(PROSE) + 1))[:SIZE], subject="Fwd: x")


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_costs_little_more_than_prose(case: str) -> None:
    unit = HOSTILE[case]
    text = (unit * (SIZE // len(unit) + 1))[:SIZE]
    for subject in ("Fwd: x", "Re: x"):
        assert costs_at_most(lambda subject=subject: quotes.cut(text, subject=subject), 3, prose)  # type: ignore[misc]


@pytest.mark.parametrize("case", ["on-rows", "deep-brackets", "header-rows", "closings", "japanese"])
def test_twice_the_text_costs_about_twice(case: str) -> None:
    unit = HOSTILE[case]
    once, twice = (unit * (n // len(unit)) for n in (60_000, 120_000))
    assert costs_at_most(lambda: quotes.cut(twice), 3.5, lambda: quotes.cut(once))


def test_a_long_log_keeps_its_end() -> None:
    rows = [f"2026-11-10 10:14:03 row {number}" for number in range(LINES + 500)]
    assert quotes.cut("\n".join(rows)).new.endswith(rows[-1])


def test_a_long_quote_stays_a_quote_to_its_end() -> None:
    text = "Done.\n\nOn Tue, 10 Nov 2026 at 10:14, A <a@b.example> wrote:\n\n" + "old words\n" * (LINES + 500)
    assert quotes.cut(text, subject="Re: x").new == "Done."


SNIPPETS = st.sampled_from(
    ["\n", "> ", ">> ", "On Tue, 10 Nov 2026 at 10:14, A <a@b.example> wrote:", "From: A <a@b.example>", "To: b",
     "Subject: FW: x", "---------- Forwarded message ---------", "-- ", "Regards,", "ZOID: 60031122334", "word ",
     "差出人: 田中", "件名: x", "────────", "Thanks\n\nAnna", "\r", "\t", "\x00", "﻿", "-----Original Message-----"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(SNIPPETS, st.text(max_size=12)), max_size=40).map("".join),
    st.sampled_from(["", "Re: x", "FW: x"]),
)
def test_any_text_is_cut_without_a_word_added_or_lost(text: str, subject: str) -> None:
    cut = quotes.cut(text, subject=subject)
    again = quotes.cut(text, subject=subject)
    assert cut == again
    assert len(cut.new) <= len(text) + 200
    told = "".join((cut.new, cut.own, cut.forwarded, cut.quoted, cut.signature))
    kept = set(told)
    assert all(letter in kept for letter in text if letter.isalnum())
    assert language.of(cut.own) is None or len(str(language.of(cut.own))) == 2
