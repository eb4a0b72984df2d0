"""Forms as they stream in, by the byte: what is kept of each file at its bound, what is dropped, and what is no form."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request

from triaged.config.web import Uploads
from triaged.tickets.ticket import Attached
from triaged.web import forms
from triaged.web.forms import LONGEST_FIELD, MOST_FIELDS, Given, Judged, Malformed, Takes
from triaged.web.visit import Form, Refusal

MULTIPART = "multipart/form-data; boundary=x"
LINES = "application/x-www-form-urlencoded"


def body(*parts: tuple[str, str | None, bytes]) -> bytes:
    """Fields and files: name, file name or none, content."""
    made = b""
    for name, file, content in parts:
        named = "" if file is None else f'; filename="{file}"'
        made += (
            f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode()
            + content
            + b"\r\n"
        )
    return made + b"--x--\r\n"


def read(sent: bytes, kind: str = MULTIPART, takes: Takes | None = None, piece: int = 10_000, cut: bool = False) -> Form:  # fmt: skip
    """The form that a request brings piece by piece; `cut`: the line ends before it does."""
    pieces = [sent[n : n + piece] for n in range(0, len(sent), piece)] or [b""]

    async def receive() -> dict[str, Any]:
        if not pieces:
            return {"type": "http.disconnect"}
        content = pieces.pop(0)
        return {"type": "http.request", "body": content, "more_body": bool(pieces) or cut}

    headers = [(b"content-type", kind.encode())] if kind else []
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    with ThreadPoolExecutor(1) as apart:  # a browser of other tests leaves a loop running in this thread
        return apart.submit(asyncio.run, forms.read(Request(scope, receive), takes)).result()


def taking(largest: int = 10, kept: int = 25, parts: int = 200) -> tuple[Takes, list[Given]]:
    """What takes files of ten bytes, and what it was given to judge."""
    seen: list[Given] = []

    def judge(given: Given) -> Judged:
        seen.append(given)
        return (), ()

    return Takes(largest, kept, 10**6, judge, parts), seen


def files(*lengths: int) -> bytes:
    return body(*(("files", f"{n}.txt", bytes([97 + n]) * length) for n, length in enumerate(lengths)))


@pytest.mark.parametrize("piece", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ((10,), [10]),
        ((11,), [11]),  # one byte beyond its bound, so that it shows
        ((12,), [11]),
        ((500,), [11]),
        ((0, 1), [0, 1]),
        ((10, 10, 5), [10, 10, 5]),
        ((10, 10, 6), [10, 10, None]),
        ((10, 30, 4), [10, 11, 4]),
        ((10, 30, 5), [10, 11, None]),
        ((10, 10, 6, 0), [10, 10, None, 0]),
    ],
)
def test_of_each_file_so_much_is_kept_that_it_shows_what_is_too_much(
    piece: int, lengths: Sequence[int], kept: Sequence[int | None]
) -> None:
    takes, seen = taking()
    read(files(*lengths), takes=takes, piece=piece)
    assert seen == [
        [(f"{n}.txt", None if size is None else bytes([97 + n]) * size) for n, size in enumerate(kept)]
    ]


def test_a_field_without_a_file_is_none_and_fields_stand_beside_files() -> None:
    takes, seen = taking()
    form = read(
        body(("a", None, b"1\r\n2"), ("files", "", b""), ("files", "x", b"y"), ("a", None, b"3")), takes=takes
    )
    assert seen == [[("x", b"y")]] and form == Form({"a": ["1\n2", "3"]})
    assert read(body(("a", None, b"1"), ("files", "x", b"y"))) == Form({"a": ["1"]})
    assert read(b"a=1%0D%0A2&a=&b=%C3%BC", LINES) == Form({"a": ["1\n2", ""], "b": ["ü"]})
    assert read(b"a=1", "Application/X-WWW-Form-Urlencoded ; charset=utf-8") == Form({"a": ["1"]})
    assert read(b"", "") == Form()


MANY = body(*((f"f{n}", None, b"") for n in range(MOST_FIELDS)))
MORE = body(*((f"f{n}", None, b"") for n in range(MOST_FIELDS + 1)))


def test_so_many_fields_and_files_and_so_much_text_is_a_form() -> None:
    assert len(read(MANY).fields) == MOST_FIELDS
    assert len(read(b"&".join(b"a%d=" % n for n in range(MOST_FIELDS)), LINES).fields) == MOST_FIELDS
    longest = b"a" * LONGEST_FIELD
    assert read(body(("a", None, longest))) == read(b"a=" + longest, LINES) == Form({"a": [longest.decode()]})
    takes, seen = taking(parts=2)
    read(files(1, 1), takes=takes)
    assert len(seen[0]) == 2


@pytest.mark.parametrize(
    ("sent", "kind", "why"),
    [
        (MORE, MULTIPART, "fields"),
        (b"&".join(b"a%d=" % n for n in range(MOST_FIELDS + 1)), LINES, "fields"),
        (body(("a", None, b"a" * (LONGEST_FIELD + 1))), MULTIPART, "size"),
        (b"a=" + b"a" * (LONGEST_FIELD + 1), LINES, "a field is too long"),
        (files(1, 1, 1), MULTIPART, "files"),
        (b"nonsense", MULTIPART, ""),
        (body(("a", None, b"1")), "multipart/form-data", "boundary"),
        (b"{}", "application/json", "neither of the two kinds of forms"),
        (b"a=1", "", "neither of the two kinds of forms"),
    ],
)
def test_what_no_browser_sends_is_malformed(sent: bytes, kind: str, why: str) -> None:
    with pytest.raises(Malformed) as told:
        read(sent, kind, taking(parts=2)[0])
    assert why in str(told.value).lower()


@pytest.mark.parametrize("kind", [MULTIPART, LINES])
def test_a_line_that_is_cut_before_the_end_of_a_form_brings_none(kind: str) -> None:
    with pytest.raises(Malformed, match=r"^the line was cut before its end$"):
        read(files(1)[:-9] if kind == MULTIPART else b"a=1", kind, cut=True)


def test_files_are_taken_in_order_up_to_their_number_and_each_refusal_has_its_name_and_reason() -> None:
    uploads = Uploads(files=2)
    given: Given = [
        ("../a.txt", b"one"),
        ("run.exe", b"MZ"),
        ("b.txt", None),
        ("c.txt", b"two"),
        ("d.txt", b"three"),
    ]
    taken, refused = forms.judged(given, uploads)
    assert [(one.name, one.content) for one in taken] == [("a.txt", b"one"), ("c.txt", b"two")]
    assert all(isinstance(one, Attached) and one.type == "text/plain" for one in taken)
    more = "there are more than 2 files"
    assert [one.name for one in refused] == ["run.exe", "b.txt", "d.txt"]
    assert refused[1:] == (Refusal("b.txt", more), Refusal("d.txt", more)) and refused[0].why not in (
        "",
        more,
    )


# -- a form as its page asks it -----------------------------------------------------------------------


def test_the_last_value_of_a_field_counts_and_what_guards_the_form_is_no_field_of_it() -> None:
    guards = {"csrf": ["t"], "form": ["k" * 65], "seen": ["7"], "anyway": ["1"]}
    given = Form({**guards, "text": ["one", "two"], "none": []})
    assert [given.get(name) for name in ("text", "none", "other")] == ["two", "", ""]
    assert [given.get(name, "x") for name in ("text", "none", "other")] == ["two", "x", "x"]
    assert (given.key, given.seen) == ("k" * 64, 7)
    assert given.plain() == {"text": "two", "none": ""}


@pytest.mark.parametrize(
    ("typed", "is_read"),
    [
        ("0", 0),
        ("41", 41),
        ("9" * 17, 10**17 - 1),
        ("9" * 18, 0),
        ("-1", 0),
        ("", 0),
        ("4x", 0),
        ("٤١", 0),
        ("²", 0),
    ],
)
def test_a_version_is_a_number_of_up_to_seventeen_digits_and_all_else_has_seen_nothing(
    typed: str, is_read: int
) -> None:
    assert Form({"seen": [typed]}).seen == is_read
