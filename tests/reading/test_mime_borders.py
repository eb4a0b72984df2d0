"""Fields and bodies of mail at their borders: addresses, parameters, header blocks, soft line ends, old encodings."""

from __future__ import annotations

import binascii
from email import message_from_string

import pytest

from triaged.reading.mime import addresses, flowed, header_block, parameters, transfer, uuencode

HOST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])  # 253 characters


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (f"a@{'b' * 63}.example", True),
        (f"a@{'b' * 64}.example", False),
        ("a@b-.example", False),
        ("a@-b.example", False),
        ("a@b-c.example", True),
        ("a@b..example", False),
        ("a@b", True),
        ("a@b_c.example", True),
        (f"{'a' * (320 - len(HOST) - 1)}@{HOST}", True),
        (f"{'a' * (321 - len(HOST) - 1)}@{HOST}", False),
        ('"an na"@oak.example', True),
        ('"an\x01na"@oak.example', False),
        ("anna@[192.0.2.7]", True),
        ("anna@[192.0.2.7777]", False),
        ("anna@[ipv6:2001:db8::1]", True),
    ],
)
def test_an_address_is_one_by_its_lengths_and_labels(text: str, good: bool) -> None:
    assert addresses.is_address(text) is good


def test_a_list_is_read_up_to_its_longest_and_to_a_thousand() -> None:
    many = ",".join(f"a{n}@b.example" for n in range(1_001))
    assert len(addresses.parse_list(many)) == 1_000
    first = f"{'x' * (addresses.LONGEST_LIST - 16)},"
    assert [one.address for one in addresses.parse_list(f"{first}a@b.example,ccc,d@e.example")] == [
        "a@b.example"
    ]


@pytest.mark.parametrize(
    ("value", "main", "found"),
    [
        ('text/plain; charset="utf-8"; CHARSET=latin1', "text/plain", {"charset": "utf-8"}),
        ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('a/b; name="x\\"y"', "a/b", {"name": 'x"y'}),
        ('a/b; name="open', "a/b", {"name": "open"}),
        ("a/b; name=plain (comment)", "a/b", {"name": "plain"}),
        ("a/b; n*0=one; n*1=two", "a/b", {"n": "onetwo"}),
        ("a/b; n*1=two; n*0=one", "a/b", {"n": "onetwo"}),
        ("a/b; n=plain; n*=utf-8''%C3%BC", "a/b", {"n": "ü"}),
        ("a/b; n=plain; n*0=one", "a/b", {"n": "one"}),
        ("a/b; n*=%41''b", "a/b", {"n": "b"}),
        ("a/b; n*0*=utf-8''%C3%BC; n*1=%41", "a/b", {"n": "ü%41"}),
        ("a/b; n*=plain'text", "a/b", {"n": "plain'text"}),
        ("a/b; n*=latin1'en'%FC", "a/b", {"n": "ü"}),
        ("a/b; n='q'x'", "a/b", {"n": "'q'x'"}),
        ("a/b; n*0=utf-8''%41; n*1=b", "a/b", {"n": "utf-8''%41b"}),
    ],
)
def test_parameters_are_joined_as_they_were_parted(value: str, main: str, found: dict[str, str]) -> None:
    assert parameters.parse(value) == (main, found)


def test_of_parameters_a_hundred_are_taken() -> None:
    _, found = parameters.parse("a/b" + "".join(f"; p{n}={n}" for n in range(101)))
    assert len(found) == 100
    assert "p99" in found


@pytest.mark.parametrize(
    ("declared", "known"),
    [("text", "text/plain"), ("html", "text/html"), ("multipart", "multipart/mixed"), ("nonsense", "text/plain"),
     (f"a/{'b' * 120}", f"a/{'b' * 120}"), (f"a/{'b' * 121}", "text/plain"), (f"{'a' * 80}/b", f"{'a' * 80}/b"), (f"{'a' * 81}/b", "text/plain")],
)  # fmt: skip
def test_a_type_is_taken_as_far_as_it_is_one(declared: str, known: str) -> None:
    assert parameters.of(message_from_string(f"Content-Type: {declared}\n\nx")).type == known


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"From: a@b.example\r\n\r\nx", ""),
        (b"From a@b Mon\nFrom: a@b.example\n\nx", ""),
        (b"From: a@b.example\nFrom a@b Mon\n\nx", "a line that is not a header field"),
        (b"From : a@b.example\n\nx", "a field with a blank before its colon"),
        (b"From: a@b.example\r\nTo: c@d.example\n\nx", "mixed line ends in the header block"),
        (b"From: a@b.example\rTo: c\n\nx", "a bare CR in the header block"),
        (b"From: a\0@b.example\n\nx", "a NUL in the header block"),
        (b"From: a@b.example\n", "the header block has no end"),
        (b" folded\n\nx", "a line that is not a header field"),
        (b"Sub\xfcject: x\n\nx", "a line that is not a header field"),
    ],
)
def test_a_header_block_is_faultless_or_told(raw: bytes, fault: str) -> None:
    assert header_block.of(raw).fault == fault


def test_a_header_block_at_its_longest_is_whole_and_a_longer_one_is_cut() -> None:
    def block(size: int) -> bytes:
        return b"X: " + b"a" * (size - 5) + b"\n\n"

    assert header_block.of(block(header_block.LONGEST)).fault == ""
    assert header_block.of(block(header_block.LONGEST + 1)).fault == "the header block is cut"
    assert header_block.of(b"X: a\n", cut=True).fault == "the header block is cut"


@pytest.mark.parametrize(
    ("from_", "author"),
    [
        (b"Anna <Anna+case-7@Oak.example>", "anna@oak.example"),
        (b"anna@oak.example", "anna@oak.example"),
        (b"A <x@y.example> <anna@oak.example>", "anna@oak.example"),
        (b"+49@oak.example", "+49@oak.example"),
    ],
)
def test_who_says_he_wrote_is_read_without_his_tag(from_: bytes, author: str) -> None:
    assert header_block.author(b"Subject: x\nFrom: " + from_ + b"\nFrom: eve@else.example\n\nx") == author
    assert header_block.author(b"Subject: x\n\nFrom: anna@oak.example\n") == ""


@pytest.mark.parametrize(
    ("text", "delete", "unfolded"),
    [
        ("a \nb\nc", False, "a b\nc"),
        ("a \nb", True, "ab"),
        ("> a \n> b\n>> c \n>> d", False, "> a b\n>> c d"),
        ("> a \nb", False, "> a \nb"),
        (">> a \n> b", False, ">> a \n> b"),
        ("a \n-- \nAnna", False, "a \n-- \nAnna"),
        (" >no quote", False, ">no quote"),
        ("  two", False, " two"),
        ("a ", False, "a "),
        ("a \r\nb\r", False, "a b"),
    ],
)
def test_soft_line_ends_join_within_a_depth_and_never_a_signature(
    text: str, delete: bool, unfolded: str
) -> None:
    assert flowed.unfold(text, delete) == unfolded


def uu(data: bytes) -> str:
    return "".join(binascii.b2a_uu(data[at : at + 45]).decode("ascii") for at in range(0, len(data), 45))


@pytest.mark.parametrize(
    ("text", "kept", "names"),
    [
        (f"see\nbegin 644 a.txt\n{uu(b'Cat')}`\nend\nbye", "see\nbye", ["a.txt"]),
        (f"begin 644 a.txt\n{uu(b'Cat')}`\nend\nbegin 0755 b.txt\n{uu(b'Dog')}end", "", ["a.txt", "b.txt"]),
        (f"begin 64 a.txt\n{uu(b'Cat')}end", f"begin 64 a.txt\n{uu(b'Cat')}end", []),
        (f"begin 648 a.txt\n{uu(b'Cat')}end", f"begin 648 a.txt\n{uu(b'Cat')}end", []),
        (f"begin 644 a.txt\n{uu(b'x' * 90)}This is a sentence that is no data at all.", "This is a sentence that is no data at all.", ["a.txt"]),
        (f"begin 644 a.txt\n{uu(b'x' * 45)}This is a sentence that is no data at all.", f"begin 644 a.txt\n{uu(b'x' * 45)}This is a sentence that is no data at all.", []),
        ("begin 644 a.txt\nend", "begin 644 a.txt\nend", []),
        (f"begin 644 a\nbegin 644 b\n{uu(b'Cat')}end", f"begin 644 a\nbegin 644 b\n{uu(b'Cat')}end", []),
        (f"begin 644 {'a' * 120}\n{uu(b'Cat')}end", "", ["a" * 120]),
        (f"begin 644 {'a' * 201}\n{uu(b'Cat')}end", "", ["a" * 120]),
        (f"begin 644 {'a' * 202}\n{uu(b'Cat')}end", f"begin 644 {'a' * 202}\n{uu(b'Cat')}end", []),
        (f"begin 644 a.txt  \r\n{uu(b'Cat')}end \nbye", "bye", ["a.txt"]),
    ],
)  # fmt: skip
def test_a_file_in_the_text_ends_with_its_end_or_has_lines_enough(
    text: str, kept: str, names: list[str]
) -> None:
    left, files = uuencode.cut_out(text, content=True)
    assert left == kept
    assert [one.name for one in files] == names
    assert all(one.content for one in files)


LINE = uu(b"x" * 45).rstrip("\n")


@pytest.mark.parametrize(
    ("lines", "kept", "held"),
    [
        ([LINE, LINE, LINE, ""], "", b"x" * 135),
        ([LINE, LINE, LINE], "", b"x" * 135),
        ([LINE, LINE, LINE[:-4]], "", b"x" * 132 + bytes(3)),
        ([LINE, LINE, LINE[:-5]], LINE[:-5], b"x" * 90),
        ([LINE, LINE, "THANKS"], "THANKS", b"x" * 90),
        ([LINE, LINE, "THANKS", LINE, "end"], "", b"x" * 90 + binascii.a2b_uu("THANKS") + b"x" * 45),
        ([LINE, "", LINE, "end", "bye"], "bye", b"x" * 90),
        ([LINE, LINE, LINE + "abcd", "end"], "", b"x" * 135),
        ([LINE, LINE, LINE + "abcde", "end"], f"{LINE}abcde\nend", b"x" * 90),
        ([LINE, LINE, LINE + "A" * 5, "end"], f"{LINE}AAAAA\nend", b"x" * 90),
        ([LINE, LINE, "#0V%T    ", "end"], "", b"x" * 90 + b"Cat"),
        ([LINE, LINE, "#0V%", "end"], "", b"x" * 90 + b"Ca@"),
        ([LINE, LINE, "Über", "end"], "Über\nend", b"x" * 90),
    ],
)  # fmt: skip
def test_a_file_in_the_text_is_its_data_lines_and_none_of_the_text_behind(
    lines: list[str], kept: str, held: bytes
) -> None:
    left, (file,) = uuencode.cut_out("\n".join(["begin 644 a.txt", *lines]), content=True)
    assert (left, file.content) == (kept, held)


@pytest.mark.parametrize("lines", [[LINE], [LINE, LINE], [LINE, ""]])
def test_a_file_in_the_text_without_its_end_needs_three_lines(lines: list[str]) -> None:
    text = "\n".join(["begin 644 a.txt", *lines])
    assert uuencode.cut_out(text) == (text, [])


@pytest.mark.parametrize(
    ("written", "data"),
    [
        (b"begin 644 a\n#0V%T\n`\nend", b"Cat"),
        (b"words\nbegin 644 a\n#0V%T\n#1&]G\nend \n#0V%T\n", b"CatDog"),
        (b"begin 644 a\n#0V%T", b"Cat"),
        (b"begin 644 a\n\n#0V%T\n\n", b"Cat"),
        (b"#0V%T\nend", b""),
        (b"begin 644 a\n#0V%Tx\n!80xxx\n#1&]G\nend", b"CataDog"),
        (b"begin 644 a\n" + LINE.encode() + b"zz\nend", b"x" * 45),
        (b"begin 644 a\n#0V%\xff\n#1&]G\nend", b"Dog"),
    ],
)
def test_uuencoded_lines_are_read_by_their_length_and_broken_ones_left_out(
    written: bytes, data: bytes
) -> None:
    assert transfer.uu(written) == data


@pytest.mark.parametrize(
    ("written", "data"),
    [
        (b"Q2F0", b"Cat"),
        (b"Q2\nF0", b"Cat"),
        (b"Q2F0\nRG9n\n", b"CatDog"),
        (b"Q2E=\nRG9n", b"CaDog"),
        (b"Q2E=\n-- a footer\n", b"Ca"),
        (b"Q2F0\nof a list here\n", b"Cat"),
        (b"Q2E=\n___\nof a list\n", b"Ca"),
        (b"Q2F", b"Ca"),
    ],
)
def test_base64_is_read_as_far_as_it_is_some(written: bytes, data: bytes) -> None:
    assert transfer.base64(written) == data
