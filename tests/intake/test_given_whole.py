"""Whether a mail was given whole: each answer of a server by itself, byte by byte at the borders."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError

from triaged.intake.fetch import BYTES_A_BATCH, MOST_REFUSALS, Listed
from triaged.intake.whole import BEGINNING, PIECE, Fetched, Lacking, Sizes, Taking, _finished, _short

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MAIL = b"Subject: Case 0\r\n\r\nThe terminal is off.\r\n"
LARGE = b"Subject: Large\r\n\r\n" + b"x" * 40 + b"\r\n"


class Server:
    """Mails by uid, and every FETCH of a body that it was asked for. `says` instead of giving one."""

    def __init__(self, *mails: bytes, says: Exception | None = None) -> None:
        self.mails = dict(enumerate(mails, 1))
        self.asked: list[tuple[list[int], str]] = []
        self.says = says
        self.together: Callable[[int], dict[bytes, Any]] = lambda uid: {b"BODY[]": self.mails[uid]}
        self.alone: Callable[[int], dict[bytes, Any]] = lambda uid: {b"BODY[]": self.mails[uid]}
        self.piece: Callable[[int, int, int], Any] = lambda uid, a, n: self.mails[uid][a : a + n]

    def fetch(self, uids: Sequence[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        self.asked.append((list(uids), " ".join(items).replace("BODY.PEEK", "")))
        if self.says:
            raise self.says
        if part := re.fullmatch(r"BODY\.PEEK\[\]<(\d+)\.(\d+)>", items[-1]):
            start, length = int(part[1]), int(part[2])
            given = self.piece(uids[0], start, length)
            return {uids[0]: given if isinstance(given, dict) else {b"BODY[]<%d>" % start: given}}
        return {uid: (self.alone if len(items) > 1 else self.together)(uid) for uid in uids}

    def noop(self) -> None:
        self.asked.append(([], "NOOP"))

    def search(self, criteria: list[str]) -> list[int]:
        return [int(uid) for uid in criteria[1].split(",") if int(uid) in self.mails]


def taking(
    server: Server, largest: int = 100 * BYTES_A_BATCH, sizes: Sizes | None = None, **more: Any
) -> Taking:
    return Taking(server, largest, sizes or Sizes(), **more)  # type: ignore[arg-type]


def listed(uid: int, size: int | None) -> Listed:
    return Listed(uid, size, NOON)


# -- single questions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "size", "short"),
    [
        (b"abc", None, False),
        (b"abc", 3, False),
        (b"abc", 2, False),
        (b"abc", 4, True),
        # Line ends that the server counted as CRLF.
        (b"a\nb\n", 6, False),
        (b"a\nb\n", 7, True),
        (b"a\r\nb\n", 6, False),
        (b"a\r\nb\n", 7, True),
        (b"a\r\nb\r\n", 7, True),
    ],
)
def test_a_mail_is_short_where_bytes_are_missing_and_not_where_line_ends_are_counted_otherwise(
    raw: bytes, size: int | None, short: bool
) -> None:
    assert _short(raw, size) is short


@pytest.mark.parametrize(
    ("raw", "finished"),
    [
        (b"A: b\r\n\r\nc\r\n", True),
        (b"A: b\n\nc\n", True),
        (b"A: b\r\n\r\nc", False),
        (b"A: b\r\n\r\n", False),
        (b"A: b\r\n\r\n \r\n", False),
        (b"A: b\r\n", False),
        # The gap is the first CRLF CRLF, whatever a body of bare LFs holds.
        (b"A: b\r\n\r\n\n\n", False),
        (b"Content-Type: multipart/x; boundary=f\r\n\r\n--f\r\n\r\nc\r\n", False),
        (b"Content-Type: multipart/x; boundary=f\r\n\r\n--f\r\n\r\nc\r\n--f--\r\n", True),
        (b'Content-Type: multipart/x; BOUNDARY = "f g"\r\n\r\n--f\r\n\r\nc\r\n--f--\r\n', True),
        # A boundary in the body, or beyond so much of a head, is none.
        (b"A: b\r\n\r\nboundary=f\r\n", True),
        (b"X: " + b"y" * (64 * 1024 - 14) + b" boundary=f\r\n\r\nc\r\n", False),
        (b"X: " + b"y" * (64 * 1024 - 13) + b" boundary=f\r\n\r\nc\r\n", True),
    ],
)
def test_a_mail_ends_with_a_line_a_body_and_its_closing_boundary(raw: bytes, finished: bool) -> None:
    assert _finished(raw) is finished


@pytest.mark.parametrize(
    ("exact", "estimated", "are"),
    [(0, 0, False), (0, 1, False), (0, 2, True), (1, 2, True), (2, 2, False), (2, 3, True), (3, 3, False)],
)
def test_two_witnesses_and_more_than_say_otherwise_make_sizes_estimates(
    exact: int, estimated: int, are: bool
) -> None:
    sizes = Sizes()
    for uid in range(exact):
        sizes.saw(uid, 10, 10)
    for uid in [*range(estimated), *range(estimated)]:
        sizes.saw(100 + uid, 10, 11)
    sizes.saw(999, None, 10)
    assert (sizes.exact, len(sizes.estimated), sizes.are_estimates) == (exact, estimated, are)


# -- mails ---------------------------------------------------------------------------------------------


def test_small_mails_come_together_and_what_is_large_or_of_unknown_size_by_itself() -> None:
    server, sizes = Server(MAIL, MAIL, LARGE, MAIL), Sizes()
    given = taking(server, 50, sizes).take([listed(1, 41), listed(2, 50), listed(3, 60), listed(4, None)])
    assert server.asked == [
        ([1, 2], "[]"),
        ([2], "RFC822.SIZE []"),
        ([2], "[]<41.1024>"),
        ([3], f"[]<0.{BEGINNING}>"),
        ([4], f"[]<0.{PIECE}>"),
        ([4], f"[]<41.{PIECE}>"),
    ]
    assert given.mails == [
        Fetched(1, MAIL, NOON),
        Fetched(2, MAIL, NOON),
        Fetched(3, LARGE, NOON, truncated=True),
        Fetched(4, MAIL, NOON),
    ]
    assert (given.lacking, given.gone, given.refuses) == ([], [], "")
    assert (sizes.exact, sizes.estimated) == (1, {2})


@pytest.mark.parametrize(
    ("alone", "why", "empty"),
    [
        ({}, "the server gives nothing of it", False),
        ({b"BODY[]": None}, "the server gives nothing of it", False),
        ({b"BODY[]": b""}, "the server gives 0 of 41 bytes", False),
        ({b"BODY[]": b"", b"RFC822.SIZE": 7}, "the server gives 0 of 7 bytes", False),
        ({b"BODY[]": b"", b"RFC822.SIZE": 0}, "the server gives 0 of 0 bytes", True),
        ({b"BODY[]": MAIL[:30]}, "the server gives 30 of 41 bytes", False),
        # With its line end, and yet most of it is missing.
        ({b"BODY[]": b"A: b\r\n\r\nc\r\n"}, "the server gives 11 of 41 bytes", False),
    ],
)
def test_what_is_not_given_is_lacking_with_why(alone: dict[bytes, Any], why: str, empty: bool) -> None:
    server, one = Server(MAIL), listed(1, 41)
    server.together, server.alone, server.piece = lambda _: {}, lambda _: alone, lambda *_: b""
    given = taking(server).take([one])
    assert (given.mails, given.lacking, given.gone) == ([], [Lacking(one, why, empty)], [])


def test_what_the_server_says_instead_is_why_and_what_is_gone_is_not_lacking() -> None:
    server = Server(MAIL, MAIL, says=IMAPClientError("[UNAVAILABLE] later"))
    del server.mails[2]
    given = taking(server).take([listed(1, 41), listed(2, 41)])
    assert given.lacking == [Lacking(listed(1, 41), "error: [UNAVAILABLE] later")]
    assert (given.mails, given.gone, given.refuses) == ([], [2], "")


@pytest.mark.parametrize(
    ("raw", "size", "behind", "estimated", "whole"),
    [
        # A quarter may be missing of a mail that ends as mails do, if nothing comes behind it.
        (b"A: b\r\n\r\n" + b"c" * 20 + b"\r\n", 40, b"", 0, True),
        (b"A: b\r\n\r\n" + b"c" * 19 + b"\r\n", 40, b"", 0, False),
        (b"A: b\r\n\r\n" + b"c" * 19 + b"\r\n", 40, b"", 1, True),
        (b"A: b\r\n\r\n" + b"c" * 20 + b"\r\n", 40, b"d", 2, False),
        (b"A: b\r\n\r\n" + b"c" * 22, 40, b"", 2, False),
        (b"A: b\r\n\r\n" + b"c" * 20 + b"\r\n", 40, None, 0, True),
    ],
)
def test_fewer_bytes_than_announced_are_the_mail_or_a_cut(
    raw: bytes, size: int, behind: bytes | None, estimated: int, whole: bool
) -> None:
    server, sizes = Server(raw), Sizes(estimated=set(range(100, 100 + estimated)))
    server.piece = lambda uid, start, length: behind if (start, length) == (len(raw), 1024) else b"wrong"
    given = taking(server, sizes=sizes).take([listed(1, size)])
    lacking = Lacking(listed(1, size), f"the server gives {len(raw)} of {size} bytes")
    assert (given.mails, given.lacking) == (([Fetched(1, raw, NOON)], []) if whole else ([], [lacking]))
    assert (1 in sizes.estimated) is (behind == b"" and raw.endswith(b"\n"))


@pytest.mark.parametrize(
    ("size", "told", "exact", "estimated"),
    [
        (41, {}, 1, set()),
        (50, {b"RFC822.SIZE": 41}, 1, set()),
        (50, {b"RFC822.SIZE": 40}, 0, {1}),
        (41, None, 0, set()),
    ],
)
def test_a_mail_that_did_not_come_with_its_batch_is_believed_by_the_size_that_is_told_with_it(
    size: int, told: dict[bytes, Any] | None, exact: int, estimated: set[int]
) -> None:
    server, sizes = Server(MAIL), Sizes()
    server.together = lambda _: {}
    server.alone = lambda _: {b"BODY[]": MAIL, **({b"RFC822.SIZE": None} if told is None else told)}
    given = taking(server, sizes=sizes).take([listed(1, size)])
    assert (given.mails, given.lacking) == ([Fetched(1, MAIL, NOON)], [])
    assert (sizes.exact, sizes.estimated) == (exact, estimated)
    assert server.asked == [([1], "[]"), ([1], "RFC822.SIZE []")]


def test_after_so_many_refusals_in_a_row_the_rest_is_not_asked_for() -> None:
    server = Server(*[MAIL] * 30)
    server.together = lambda uid: {b"BODY[]": MAIL} if uid == 5 else {}
    server.alone = lambda uid: {b"BODY[]": b"A"}
    server.piece = lambda *_: b""
    taken, batch = taking(server), [listed(uid, 41) for uid in range(1, 31)]
    given = taken.take(batch)
    assert given.refuses == "the server gives 1 of 41 bytes"
    assert [one.uid for one in given.mails] == [5]
    assert [one.listed.uid for one in given.lacking] == [1, 2, 3, 4, *range(6, 6 + MOST_REFUSALS)]
    # It goes on from batch to batch, until a new round begins.
    assert [one.listed.uid for one in taken.take(batch[20:]).lacking] == [21]
    taken.begin()
    assert taken.take(batch[20 : 19 + MOST_REFUSALS]).refuses == ""
    assert taken.take(batch[29:]).refuses == "the server gives 1 of 41 bytes"
    assert taking(server).take(batch[20 : 19 + MOST_REFUSALS]).refuses == ""


# -- piece by piece ------------------------------------------------------------------------------------


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 16 bytes; what is beyond 32 goes by itself."""
    monkeypatch.setattr("triaged.intake.whole.PIECE", 16)
    monkeypatch.setattr("triaged.intake.whole.BYTES_A_BATCH", 32)
    monkeypatch.setattr("triaged.intake.whole.BEGINNING", 20)


def starts(server: Server) -> list[str]:
    return [what for _, what in server.asked if "<" in what]


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(("largest", "truncated"), [(60, False), (59, True)])
def test_a_large_mail_comes_in_pieces_up_to_the_largest(largest: int, truncated: bool) -> None:
    server, sizes = Server(LARGE), Sizes()
    (one,) = taking(server, largest, sizes).take([listed(1, 50)]).mails
    pieces = [f"[]<{start}.16>" for start in (0, 16, 32, 48)]
    assert one == Fetched(1, LARGE[:20] if truncated else LARGE, NOON, truncated)
    assert starts(server) == [*pieces, "[]<0.20>" if truncated else "[]<60.16>"]
    assert (sizes.exact, sizes.estimated) == (0, set() if truncated else {1})


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(("size", "asked"), [(32, "RFC822.SIZE []"), (33, "[]<0.16>")])
def test_a_mail_as_large_as_a_batch_is_asked_for_whole_and_a_larger_one_in_pieces(
    size: int, asked: str
) -> None:
    raw = b"A: b\r\n\r\n" + b"c" * (size - 8)
    server, sizes = Server(raw), Sizes()
    server.together = lambda _: {}
    given = taking(server, sizes=sizes).take([listed(1, size)])
    # Without a line end it is the mail, as all its bytes are there.
    assert given.mails == [Fetched(1, raw, NOON)]
    assert asked in [what for _, what in server.asked[:2]]
    assert sizes.exact == 1


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("end", [b"", None, {}])
@pytest.mark.parametrize("size", [60, None])
def test_the_end_of_the_pieces_is_no_byte_or_nil_where_no_byte_is_missing(end: Any, size: int | None) -> None:
    server = Server(LARGE)
    server.piece = lambda uid, start, length: LARGE[start : start + length] or end
    given = taking(server).take([listed(1, size)])
    if end == b"" or size is not None:
        assert (given.mails, given.lacking) == ([Fetched(1, LARGE, NOON)], [])
    else:
        assert given.lacking == [Lacking(listed(1, None), "the server gives 60 of None bytes")]


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(
    ("size", "given", "why", "empty"),
    [
        (61, None, "the server gives 60 of 61 bytes", False),
        (61, b"", "", False),
        (80, b"", "", False),
        (81, b"", "the server gives 60 of 81 bytes", False),
    ],
)
def test_pieces_that_end_early_are_the_mail_or_a_cut(size: int, given: Any, why: str, empty: bool) -> None:
    server = Server(LARGE)
    server.piece = lambda uid, start, length: LARGE[start : start + length] or given
    got = taking(server).take([listed(1, size)])
    expected = ([], [Lacking(listed(1, size), why, empty)]) if why else ([Fetched(1, LARGE, NOON)], [])
    assert (got.mails, got.lacking) == expected


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(
    ("size", "first", "why", "empty"),
    [
        (60, b"", "the server gives 0 of 60 bytes", False),
        (None, b"", "the server gives 0 of None bytes", True),
        (60, None, "the server gives 0 of 60 bytes", False),
        (101, None, "the server gives nothing of it", False),
        (101, b"", "the server gives nothing of it", False),
    ],
)
def test_no_piece_at_all_is_no_mail(size: int | None, first: Any, why: str, empty: bool) -> None:
    server = Server(LARGE)
    server.piece = lambda *_: first
    given = taking(server, 100).take([listed(1, size)])
    assert (given.mails, given.lacking) == ([], [Lacking(listed(1, size), why, empty)])


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("size", [60, 101])
def test_what_the_server_says_instead_of_a_piece_is_why(size: int) -> None:
    server = Server(LARGE, says=IMAPClientError("SERVERBUG"))
    (one,) = taking(server, 100).take([listed(1, size)]).lacking
    assert one == Lacking(listed(1, size), "error: SERVERBUG")


@pytest.mark.usefixtures("small_pieces")
def test_a_server_that_knows_no_pieces_gives_all_of_it_and_of_too_much_the_beginning_is_kept() -> None:
    server = Server(LARGE)
    server.piece = lambda uid, start, length: {b"BODY[]": LARGE}
    assert taking(server, 100).take([listed(1, 101)]).mails == [Fetched(1, LARGE[:20], NOON, truncated=True)]
    # Behind its end it says the same once more: that is no piece of it.
    assert taking(server, 100).take([listed(1, 60)]).mails == [Fetched(1, LARGE, NOON)]


@pytest.mark.usefixtures("small_pieces")
def test_who_is_to_stop_between_two_pieces_takes_no_more() -> None:
    server, go_on = Server(LARGE, LARGE, b"A: b\r\n\r\nc\r\n"), iter([True] * 5 + [True, False])
    given = taking(server, go_on=lambda: next(go_on)).take([listed(1, 60), listed(2, 60), listed(3, 11)])
    assert (given.mails, given.lacking, given.gone, given.refuses) == ([Fetched(1, LARGE, NOON)], [], [], "")
    assert starts(server)[-1] == "[]<0.16>"
