"""What was typed comes out as it was typed, but for bold, links and lists that were meant (P33)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from triaged.letters import rich

PASTED = {
    "python": 'Traceback (most recent call last):\n  File "C:\\app\\__init__.py", line 3, in __main__\n    raise E(**kwargs, *args)\nE: a_b_c',
    "java": "java.lang.NullPointerException: x_y\n\tat com.foo.Bar$1.<init>(Bar.java:42)\n\t... 12 more\nCaused by: <none>",
    "javascript": "TypeError: a?.b is not a function\n    at Object.<anonymous> (/srv/app/_x_/index.js:1:2)\n    at async Promise.all (index 0)",
    "paths": "\\\\server\\share\\__old__\\*.log and C:\\tmp\\**\\x_y_z and ~/.config/*_rc and /a/**/b/**/c",
    "ids": "record_4711_a, CP-1042, zoid:60031122334, 5f_3c__9a, #_1_#, a*b*c*d, x**2 + y**3, 2 * 3 * 4",
    "crontab": "* * * * * /usr/bin/sync\n*/5 1-3 * * 1 x",
    "sql": "SELECT *, count(*) FROM t WHERE a <> 'b' -- * all *\nGROUP BY 1;",
    "markup": "<b>not bold</b> &amp; &lt; <!-- x --> [x](y) ![a](b) [a]: http",
    "headers": "# heading\n## heading\n> quoted\n---\n===\n| a | b |\n~~~\n`code` ``x``",
    "regex": r"^\*\*(\w+)\*\*$ and \[x\]\(y\) and (?<!\\)\_",
    "japanese": "「**」と＊＊と_を_含む\n　字下げ\n①一",
    "http": "GET /x?a=1&b=%2F_x_ HTTP/1.1\nHost: x.example\nCookie: a=**b**c",
    "diff": "@@ -1 +1 @@\n+added\n-removed\n--- a/x\n+++ b/x",
    "sums": "1.5 times\n2.0.1 is out\n100) x\n3 - 2 - 1",
}


def shown(text: str) -> str:
    """What a reader sees, line by line."""
    html = rich.page(text).replace("<br>\n", "\n").replace("&nbsp;", " ")
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("what", PASTED)
def test_p33_what_is_pasted_arrives_letter_by_letter(what: str) -> None:
    assert shown(PASTED[what]).split("\n") == PASTED[what].split("\n")
    assert shown(f"```\n{PASTED[what]}\n```").split("\n") == PASTED[what].split("\n")


@pytest.mark.parametrize(
    "link",
    [
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert)", "[x](java\nscript:alert(1))", "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,<script>)", "[x](vbscript:x)", "[x](file:///etc/passwd)", "[x](//evil.example)", "[x]( javascript:x)",
        "[x](ftp://x.example)", "[x](tel:1)", "[x](\x01javascript:x)", "[x](/sign-out)", "<javascript:x>",
    ],
)  # fmt: skip
def test_p33_only_the_web_and_mail_are_linked(link: str) -> None:
    assert "<a" not in rich.page(link) and shown(link).split("\n") == link.split("\n")


def test_p33_what_is_meant_is_taken() -> None:
    html = rich.page(
        "**Bold** and (**so**): [here](https://x.example/a_b) or mailto [us](mailto:a@b.example).\n\n- one\n- **two**"
    )
    assert html.count("<strong>") == 3 and 'href="https://x.example/a_b"' in html and "<li>one</li>" in html


def test_p33_numbers_stay_those_that_were_typed() -> None:
    html = rich.page("3. three\n4. four\n7. seven")
    assert re.findall(r"<li([^>]*)>", html) == [' value="3"', "", ' value="7"']
