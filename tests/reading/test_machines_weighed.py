"""What speaks for a machine's mail and what against it is weighed: each weight, and how far a text is looked at."""

from __future__ import annotations

import pytest

from triaged.reading.automatic import absences, requests
from triaged.reading.words.phrases import fold


@pytest.mark.parametrize(
    ("text", "wants", "speaks_of", "asks"),
    [
        ("", 0, 0, False),
        ("please check", 1, 1, True),
        ("please check, please call, please help", 2, 2, True),
        ("does it work?", 1, 1, True),
        ("a ?", 1, 1, True),
        ("?", 0, 0, False),
        ("http://x/?a", 0, 0, False),
        ("完了しましたか。", 1, 1, True),
        ("our customer", 1, 1, False),
        ("our customers and our customer", 1, 1, False),
        ("zoid: 60011122233", 4, 4, True),
        ("https://a.example/?zoid=1", 0, 0, False),
        ("zoho mail", 0, 1, False),
        ("zoho mailer", 0, 0, False),
        ("our customer cannot log in to zoho mail", 2, 3, True),
        ("x" * 3_999 + "？", 1, 1, True),
        ("x" * 4_000 + "？", 0, 0, False),
    ],
)
def test_how_much_a_text_wants_and_of_what_it_speaks(
    text: str, wants: int, speaks_of: int, asks: bool
) -> None:
    folded = fold(text)
    assert requests.wants(folded) == wants
    assert requests.speaks_of(folded) == speaks_of
    assert requests.asks(folded) is asks


@pytest.mark.parametrize(
    ("text", "labelled"),
    [
        ("zoid: 1", True),
        ("super admin: a@b", True),
        ("zoid" + " " * 40 + "1", True),
        ("zoid" + " " * 41 + "1", False),
        ("zoid", False),
        (" " * 3_993 + " zoid:1", True),
        (" " * 3_994 + " zoid:1", False),
    ],
)
def test_a_labelled_id_is_one_near_its_label_and_near_the_beginning(text: str, labelled: bool) -> None:
    assert requests.is_labelled(text) is labelled
    assert requests.asks(text) is labelled


AWAY = "I am out of the office."
ITSELF = "This is an automatic reply."


@pytest.mark.parametrize(
    ("subject", "text", "hints", "why"),
    [
        ("Out of office", "I will be back on Monday.", 0, "absence note: “out of office”"),
        ("[List] Out of office: x", "", 0, "absence note: “out of office”"),
        ("Re: Out of office: x", AWAY, 0, ""),
        ("Hello", AWAY, 0, ""),
        ("Hello", AWAY, 1, "absence note: “i am out of the office”"),
        ("Hello", f"{ITSELF} {AWAY}", 0, "absence note: “i am out of the office”, “this is an automatic”"),
        ("Automatic reply: Export", "", 0, "absence note: “automatic reply”"),
        ("Automatic reply: Export", "zoid: 60011122233", 0, ""),
        ("Automatic reply: Export", "please check, please call?", 0, ""),
        ("Automatic reply: Export", "our customer cannot log in to zoho mail", 0, ""),
        ("Automatic reply: Export", f"{ITSELF} our customer cannot log in to zoho mail", 0, "absence note: “automatic reply”, “this is an automatic”"),
    ],
)  # fmt: skip
def test_an_absence_note_says_enough_and_wants_little(subject: str, text: str, hints: int, why: str) -> None:
    assert absences.absence(subject, text, hints) == why


@pytest.mark.parametrize(("before", "judged"), [(578, True), (580, False)])
def test_of_a_long_text_only_the_opening_can_be_an_absence_note(before: int, judged: bool) -> None:
    long = "x " * (before // 2) + AWAY + " x" * 1_600
    assert bool(absences.absence("Hello", long, 2)) is judged
    assert absences.absence("Hello", "x " * 1_000 + AWAY, 2)


@pytest.mark.parametrize(
    ("subject", "plain"),
    [("Re: [A] *** Hello", "hello"), ("AW: SV: x", "x"), ("[A]", "[a]"), ("Re: ", "re:"), ("Hello Re: x", "hello re: x")],
)  # fmt: skip
def test_a_subject_is_plain_without_what_stands_before_it(subject: str, plain: str) -> None:
    assert absences.plain_subject(subject) == plain
