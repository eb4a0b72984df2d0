"""What a field of Authentication-Results says, word by word, and why it says nothing."""

from __future__ import annotations

import pytest

from triaged.reading.sender.results import LONGEST, Result, Results, parse

MX = "mx.oak.example"
PASS = Result("dmarc", "pass")
TWICE = "it contradicts itself: two values of a"
OPEN, BOTH = "quotes or comments do not match", "a comment does not end, or can be read in two ways"


@pytest.mark.parametrize(
    ("value", "authserv_id", "fault", "id_less"),
    [
        (f"{MX}; dmarc=pass", MX, "", False),
        ("MX.Oak.example 1; DMARC=Pass;", MX, "", False),
        ('"Mx.oak.example"; dmarc=pass', MX, "", False),
        (f"{MX}(c); dmarc(d)=(e)pass(f (g) h)", MX, "", False),
        (f"{MX}; dmarc = pass", MX, "", False),
        (f"{MX}; dmarc/1=pass", MX, "", False),
        (f"{MX} 2; dmarc=pass", MX, "its version is 2", False),
        (f"{MX} {'2' * 21}; dmarc=pass", MX, f"its version is {'2' * 20}", False),
        (f"{MX} 1 1; dmarc=pass", "", "it names no server", False),
        ("; dmarc=pass", "", "it names no server", False),
        ("dmarc=pass", "own", "", True),
    ],
)
def test_a_server_names_itself_and_its_version(
    value: str, authserv_id: str, fault: str, id_less: bool
) -> None:
    assert parse(value, "own") == Results(authserv_id, (PASS,), fault, id_less)


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("dmarc=pass header.from=Oak.example", Result("dmarc", "pass", {"header.from": "Oak.example"})),
        ("dmarc = pass header . from = Oak.example", Result("dmarc", "pass", {"header.from": "Oak.example"})),
        ("dkim=pass Header.i= @oak.example header.s=b", Result("dkim", "pass", {"header.i": "@oak.example", "header.s": "b"})),
        ("dmarc=pass(f)header.from=b", Result("dmarc", "pass", {"header.from": "b"})),
        ("spf=pass smtp .mailfrom=b", Result("spf", "pass", {"smtp.mailfrom": "b"})),
        ("spf=pass a= =b", Result("spf", "pass", {"a": "=b"})),
        ("dmarc=pass a=1 a=1", Result("dmarc", "pass", {"a": "1"})),
        ('dmarc=pass reason="a;\\"b" c=d', Result("dmarc", "pass", {"reason": 'a;"b', "c": "d"})),
        ('dmarc=pass reason=""', Result("dmarc", "pass", {"reason": ""})),
        ("dmarc=pass a=b\"c\"", Result("dmarc", "pass", {"a": 'b"c"'})),
    ],
)  # fmt: skip
def test_blanks_comments_and_quotes_change_nothing_of_a_result(said: str, result: Result) -> None:
    assert parse(f"{MX}; {said}") == Results(MX, (result,))


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        (";", ""),
        ("; None", ""),
        ("; none;", ""),
        ("", "it holds no result"),
        ("; none; dmarc=pass", "'none' is not a result"),
        (";; dmarc=pass", "a result is empty"),
        ("; dmarc/2=pass", "'dmarc/2=pass' is not a result"),
        ("; dmarc=", "'dmarc=' is not a result"),
        ("; dmarc", "'dmarc' is not a result"),
        ("; =pass", "'=pass' is not a result"),
        (f"; {'b' * 41}", f"'{'b' * 40}' is not a result"),
        ("; dmarc=pass header.from", "'header.from' is not a property of a result"),
        ("; dmarc=pass spf=fail", "'spf=fail' is not a property of a result"),
        ("; spf=pass smtp. mailfrom=b", "'smtp.' is not a property of a result"),
        ("; dkim=pass header.b=a= b", "'b' is not a property of a result"),
        (f"; dmarc=pass {'b' * 41}", f"'{'b' * 40}' is not a property of a result"),
        ("; dmarc=pass a=1 a=2", TWICE),
        ('; dmarc=pass reason="a', OPEN),
        ("; dmarc=pass a)", OPEN),
        ("; dmarc=pass \\a", OPEN),
        ("; dmarc=pass (a", BOTH),
    ],
)
def test_what_is_no_result_is_told(rest: str, fault: str) -> None:
    assert parse(f"{MX}{rest}") == Results(MX, (), fault)


def test_a_field_without_end_or_of_signs_that_nobody_sees_says_nothing() -> None:
    whole = f"{MX}; dmarc=pass a="
    longest = whole + "b" * (LONGEST - len(whole))
    assert (len(parse(longest).results), parse(longest).fault) == (1, "")
    assert parse(longest + "b") == Results("", (), "it is too long")
    assert parse(f"{MX}; dmarc=pass a=\x01") == Results("", (), "it holds control characters")
