"""A last paragraph that nothing marks: a card by the sender's name or address, or by a name and two ways to reach it."""

from __future__ import annotations

import pytest

from triaged.reading.new_text import contact_cards
from triaged.reading.values import Address

ANNA = (Address("Anna Berg", "anna@oak.example"),)
NAMELESS = (Address("", "info@oak.example"),)
TEL, WEB = "Tel. +49 30 5550 1234", "www.oak.example"


def taken(text: str, senders: tuple[Address, ...] = ANNA, gone: int = 0) -> str:
    """The lines that go; the last `gone` ones have gone already."""
    rows = text.split("\n")
    marks = [False] * (len(rows) - gone) + [True] * gone
    contact_cards.take(rows, marks, senders)
    return "\n".join(row for row, out in zip(rows, marks[: len(rows) - gone], strict=False) if out)


@pytest.mark.parametrize(
    ("card", "senders", "goes"),
    [
        ("Anna Berg", ANNA, True),
        ("anna berg", ANNA, True),
        ("- Anna -", ANNA, True),
        ("Anna B", ANNA, False),
        ("Berg", ANNA, False),
        ("Anna Berg", NAMELESS, False),
        ("Anna\nOakbridge", ANNA, True),
        ("Annabelle\nOakbridge", ANNA, True),
        ("Dr. Anna Berg\nOakbridge", ANNA, False),
        ("Office\nANNA@oak.example", ANNA, True),
        ("Office\nben@oak.example", ANNA, False),
        ("Office\ninfo@oak.example", NAMELESS, True),
        ("anna@oak.example", ANNA, False),
        ("Anna Berg\nWe cannot do this again", ANNA, False),
        ("Anna Berg\nThis e-mail is confidential, and we cannot do it again", ANNA, True),
        ("Anna Berg\nZOID: 60031122334", ANNA, False),
        ("\n".join(["Anna Berg", *["x"] * 13]), ANNA, True),
        ("\n".join(["Anna Berg", *["x"] * 14]), ANNA, False),
        (f"Ben Holm\n{TEL}\n{WEB}", (), True),
        (f"Ben Holm | Desk\n{TEL}\n{WEB}", (), True),
        (f"Ben\n{TEL}\n{WEB}", (), False),
        (f"Ben Holm\n{TEL}", (), False),
        (f"Ben Holm {TEL}", (), False),
        (f"Ben Holm\n{WEB}\nben@oak.example", (), False),
        (f"Ben Holm\n{TEL}\nben@oak.example", ANNA, True),
        (f"Ben Holm\n{TEL}\nben@elm.example", ANNA, False),
        (f"Ben Holm\n{TEL}\nben@elm.example", (Address("", ""),), True),
        (f"Ben Holm\n{TEL}\n{WEB}\nadmin", (), False),
        (f"Ben Holm\n{TEL}\n{WEB}\nWe cannot do this again", (), False),
    ],
)
def test_a_last_paragraph_goes_if_it_signs(card: str, senders: tuple[Address, ...], goes: bool) -> None:
    assert taken(f"We are down.\n\n{card}", senders) == (card if goes else "")


@pytest.mark.parametrize(
    ("text", "gone", "goes"),
    [
        ("Anna Berg", 0, ""),
        ("\n\nAnna Berg", 0, ""),
        ("We are down:\n\nAnna Berg", 0, ""),
        ("故障：\n\nAnna Berg", 0, ""),
        ("We are down.\n\nAnna Berg\n\n", 0, "Anna Berg"),
        ("We are down.\n\nAnna Berg\nx\ny", 2, "Anna Berg"),
        ("We are down.\n\nAnna Berg\n\nAnna", 1, "Anna Berg"),
        ("We are down.\n\nx\n\nAnna Berg", 0, "Anna Berg"),
        ("", 0, ""),
    ],
)
def test_a_card_stands_last_and_below_words_that_do_not_lead_to_it(text: str, gone: int, goes: str) -> None:
    assert taken(text, gone=gone) == goes
