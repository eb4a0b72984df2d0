"""A letter byte by byte: its head, its files, its ids at their limits; and the sentences by which our letters are known again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from tests.letters.test_mime import LETTER
from tests.tickets.world import at, sections
from triaged.letters import known_by, layout, templates
from triaged.letters.mime import LONGEST_ID, can_hold, render
from triaged.letters.templates import Letters
from triaged.tickets.ticket import Attached, Letter

OWN = "<ps.42.aaaa.bbbb@desk.example>"
STAFF = replace(
    LETTER, kind="review", audience="staff", body="Look.\n", cc=(), references=(), in_reply_to=None
)


def rendered(letter: Letter, **more: Any) -> str:
    basis = {"from_address": "support@desk.example", "from_name": "Partner Support", "message_id": OWN}
    return render(letter, date=at("2026-11-20 16:00"), **(basis | more)).decode("ascii")


def header(letter: Letter, name: str, **more: Any) -> str:
    """A header as it goes over the line, folds and all; empty where there is none."""
    found, lines = "", rendered(letter, **more).partition("\r\n\r\n")[0].split("\r\n")
    for n, line in enumerate(lines):
        if line.startswith(f"{name}: "):
            found = line.removeprefix(f"{name}: ")
            for rest in lines[n + 1 :]:
                if not rest.startswith(" "):
                    break
                found += f"\r\n{rest}"
    return found


def test_a_letter_to_staff_is_these_bytes() -> None:
    letter = replace(STAFF, author="Cy Moor", answer_to=("anna@oakbridge.example",), language="en")
    assert rendered(letter, mark="abc") == (
        'From: "Cy Moor (Partner Support)" <support@desk.example>\r\n'
        "To: anna@oakbridge.example\r\n"
        "Reply-To: Partner Support <support@desk.example>,\r\n"
        " anna@oakbridge.example\r\n"
        "Subject: [PS-1042] Re: Sync\r\n"
        "Date: Fri, 20 Nov 2026 16:00:00 +0000\r\n"
        f"Message-ID: {OWN}\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Auto-Response-Suppress: All\r\n"
        "X-Triaged-Letter: review\r\n"
        "X-Triaged-Mark: abc\r\n"
        "Content-Language: en\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: text/plain; charset="utf-8"; format=flowed\r\n'
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "Look.\r\n"
    )


def test_every_file_comes_under_its_name_and_an_invitation_once_more_as_such() -> None:
    meeting = Attached("invite.ics", "text/calendar; method=REQUEST", b"BEGIN")
    files = (meeting, Attached("a.csv", "text/csv", b"x"), meeting)
    told = rendered(replace(STAFF, files=files))
    mixed = told.partition('multipart/mixed; boundary="')[2].partition('"')[0]
    either = told.partition('multipart/alternative; boundary="')[2].partition('"')[0]
    entry = (
        "Content-Type: application/ics\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment;\r\n filename="invite.ics"\r\n\r\nQkVHSU4=\r\n\r\n'
    )
    assert told.partition("\r\n\r\n")[2] == (
        f'--{mixed}\r\nContent-Type: multipart/alternative; boundary="{either}"\r\n\r\n'
        f'--{either}\r\nContent-Type: text/plain; charset="utf-8"; format=flowed\r\n'
        "Content-Transfer-Encoding: 7bit\r\n\r\nLook.\r\n\r\n"
        f"--{either}\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\nQkVHSU4=\r\n\r\n--{either}--\r\n\r\n"
        f"--{mixed}\r\n{entry}"
        f"--{mixed}\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment;\r\n filename="a.csv"\r\n\r\neA==\r\n\r\n'
        f"--{mixed}\r\n{entry}--{mixed}--\r\n"
    )
    assert mixed != either and mixed.startswith("=_") and len(mixed) == 26


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ('a"b\\c.txt', "text/plain", 'text/plain|filename="a\'b_c.txt"'),
        ("", "text/plain", 'text/plain|filename="file"'),
        ("x" * 130, "text/plain", f"text/plain|filename*=utf-8''{'x' * 119}%E2%80%A6"),
        ("Grüße/1.txt", "text/plain", "text/plain|filename*=utf-8''Gr%C3%BC%C3%9Fe%2F1.txt"),
        ("a", "text/plain; x=y", 'application/octet-stream|filename="a"'),
        ("a", "text/" + "x" * 91, f'text/{"x" * 91}|filename="a"'),
        ("a", "text/" + "x" * 92, 'application/octet-stream|filename="a"'),
        ("a", "text/calendar; method=CANCEL", 'application/ics|filename="a"'),
    ],
)
def test_a_files_name_and_kind_are_what_every_client_reads(name: str, kind: str, told: str) -> None:
    wanted, named = told.split("|")
    raw = rendered(replace(STAFF, files=(Attached(name, kind, b""),)))
    assert f"Content-Type: {wanted}\r\nContent-Transfer-Encoding: base64\r\n" in raw
    assert f"Content-Disposition: attachment;\r\n {named}\r\n" in raw


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("[PS-1042] Re: " + "x" * 46, "[PS-1042] Re: " + "x" * 46),
        ("[PS-1042] Re: " + "word " * 13, "[PS-1042] Re: " + "word " * 10 + "word\r\n word word"),
        ("=?utf-8?q?a?=", "=?utf-8?b?PT91dGYtOD9xP2E/PQ==?="),
        ("Grüße", "=?utf-8?b?R3LDvMOfZQ==?="),
    ],
)
def test_a_subject_is_encoded_where_it_is_not_plain_or_only_looks_encoded(subject: str, told: str) -> None:
    found = header(replace(LETTER, subject=subject), "Subject")
    assert found.replace("\r\n", "") == told.replace("\r\n", "") and max(map(len, found.split("\r\n"))) <= 78


@pytest.mark.parametrize(
    ("answered", "before", "told"),
    [
        (None, (), ("", "")),
        ("<a@b>", (), ("<a@b>", "<a@b>")),
        (" a@b ", ("<a@b>", "c@d>", "<e@f"), ("<a@b>", "<c@d>\r\n <e@f>\r\n <a@b>")),
        (None, ("<c@d>", "<c@d>", ""), ("", "<c@d>")),
        ("<" + "x" * (LONGEST_ID - 2) + ">", (), ("<" + "x" * (LONGEST_ID - 2) + ">",) * 2),
        ("<" + "x" * (LONGEST_ID - 1) + ">", (), ("", "")),
        ("<a@b>", tuple(f"<{n}@b>" for n in range(19)), ("<a@b>", "\r\n ".join([*(f"<{n}@b>" for n in range(19)), "<a@b>"]))),
        ("<a@b>", tuple(f"<{n}@b>" for n in range(20)),
         ("<a@b>", "\r\n ".join(["<0@b>", *(f"<{n}@b>" for n in range(2, 20)), "<a@b>"]))),
    ],
)  # fmt: skip
def test_a_thread_is_named_by_the_first_and_the_nearest_ids(
    answered: str | None, before: tuple[str, ...], told: tuple[str, str]
) -> None:
    letter = replace(LETTER, in_reply_to=answered, references=before)
    assert (header(letter, "In-Reply-To"), header(letter, "References")) == told


def test_a_message_id_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^'a b' is not a Message-ID$"):
        rendered(LETTER, message_id="a b")


@pytest.mark.parametrize(
    ("body", "way", "told"),
    [
        ("x" * 990 + "\n", "7bit", "x" * 990 + "\r\n"),
        ("x" * 991 + "\n", "quoted-printable", None),
        ("ein Gruß\n", "quoted-printable", "ein Gru=C3=9F\r\n"),
        ("aaé\n", "quoted-printable", "aa=C3=A9\r\n"),
        ("aaéé\n", "base64", "YWHDqcOpDQo=\r\n"),
    ],
)
def test_what_reads_best_raw_is_how_a_text_is_encoded(body: str, way: str, told: str | None) -> None:
    raw = rendered(replace(STAFF, body=body))
    assert header(replace(STAFF, body=body), "Content-Transfer-Encoding") == way
    if told is not None:
        assert raw.partition("\r\n\r\n")[2] == told


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("a.b+c@d-e.example", True),
        ("a@localhost", True),
        ("x" * (320 - 10) + "@b.example", True),
        ("x" * (321 - 10) + "@b.example", False),
        ("a..b@c.example", False),
        (".a@c.example", False),
        ("a@c..example", False),
        ('"a b"@c.example', False),
        ("é@c.example", False),
        ("a@c.example\n", False),
    ],
)
def test_to_which_addresses_a_letter_can_be_written(address: str, good: bool) -> None:
    assert can_hold(address) is good


@pytest.mark.parametrize(
    ("kind", "told"),
    [("acknowledgment", "auto-replied"), ("closed", "auto-generated"), ("answer", ""), ("relayed", "auto-generated")],
)  # fmt: skip
def test_what_a_program_wrote_says_so_and_what_a_person_wrote_does_not(kind: str, told: str) -> None:
    assert header(replace(LETTER, kind=kind), "Auto-Submitted") == told
    assert header(replace(LETTER, kind=kind), "X-Triaged-Letter") == kind


# -- the sentences of our letters ------------------------------------------------------------------------


KNOWN_AGAIN: list[tuple[str, list[str] | None]] = [
        ("Your request {{ reference }} is with us now.", ["yourrequestps-#iswithusnow."]),
        ("{{ severity }} of {{ desk }} holds {{ reference }} for the asking", ["holdsps-#fortheasking"]),
        ("{{ reference }} goes together with {{ reference }} along the road",
         ["ps-#goestogetherwith", "goestogetherwithps-#alongtheroad"]),
        ("abcdef {{ reference }} ghijkl", ["abcdefps-#ghijkl"]),
        ("abcdef {{ reference }} ghijk 7", []),
        ("これはです{{ reference }}", ["これはですps-#"]),
        ("これは7す{{ reference }}", []),
        ("{{ 'x' * 41 }}{{ reference }}{{ 'y' * 41 }}", ["x" * 40 + "ps-#" + "y" * 40]),
        ("{% if meeting.host %}{{ meeting.host }} speaks of {{ reference }} with you{% endif %}", ["speaksofps-#withyou"]),
        ("{% if meeting.state == 'accepted' %}The time stands of {{ reference }} now{% endif %}",
         None),
        ("{% for one in promises %}{{ one.due }}, about {{ reference }} and no other\n{% endfor %}",
         [",aboutps-#andnoother"]),
        ("{% for one in understood %}{{ one.label }}: {{ one.value }}, about {{ reference }} and no other\n{% endfor %}",
         [",aboutps-#andnoother"]),
        ("{{ other }} and {{ reference }} were one case", None),
        ("No reference at all is told in this one", []),
    ]  # fmt: skip


@cache
def book() -> Letters:
    """Letters by these alone."""
    english = sections()["letters"]["en"]
    named = {f"of_a_rule_{n}": {"subject": "x", "body": body} for n, (body, _) in enumerate(KNOWN_AGAIN)}
    written = english | {"templates": english["templates"] | named}
    return templates.build(sections() | {"letters": {"en": written}})


@pytest.mark.parametrize("number", range(len(KNOWN_AGAIN)))
def test_what_stays_the_same_around_a_reference_is_how_a_letter_is_known(number: int) -> None:
    (body, found), kind = KNOWN_AGAIN[number], f"of_a_rule_{number}"
    alone = replace(book(), templates={"en": {kind: book().templates["en"][kind]}})
    told = list(known_by.sentences(alone))
    assert told == found if found is not None else told, body


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Your\n request  PS-1042 now", "yourrequestps-#now"),
        ("PS-0123 ps-12345678901", "ps-0123ps-#1"),
    ],
)
def test_texts_are_compared_without_blanks_and_numbers(text: str, told: str) -> None:
    assert known_by.squeezed(text) == told


# -- lines -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "flowed", "lines"),
    [
        ("x" * 76, True, ["x" * 76]),
        ("x" * 38 + " " + "y" * 38, True, ["x" * 38 + " ", "y" * 38]),
        ("x" * 38 + " " + "y" * 37, True, ["x" * 38 + " " + "y" * 37]),
        ("> " + "x" * 37 + " " + "y" * 36, True, ["> " + "x" * 37 + " " + "y" * 36]),
        ("> " + "x" * 37 + " " + "y" * 37, True, ["> " + "x" * 37 + " ", "> " + "y" * 37]),
        ("x" * 90 + " y", True, ["x" * 90 + " ", "y"]),
        (" indented", True, ["  indented"]),
        ("From here", True, [" From here"]),
        ("From here", False, ["From here"]),
        (">", True, [">"]),
        ("trailing   ", True, ["trailing"]),
        ("あ" * 38, False, ["あ" * 38]),
        ("あ" * 39, False, ["あ" * 38, "あ"]),
        ("あ" * 37 + "い。う", False, ["あ" * 37, "い。う"]),
    ],
)
def test_a_line_has_seventy_six_columns(text: str, flowed: bool, lines: list[str]) -> None:
    assert layout.wrapped(text, flowed=flowed).split("\n") == lines
