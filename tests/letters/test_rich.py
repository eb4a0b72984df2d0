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


REL = 'rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>"),
        ("  a", "<p>&nbsp;&nbsp;a</p>"),
        ("    code\n    more\ntext", "<pre>    code\n    more</pre>\n<p>text</p>"),
        ("\tcode", "<pre>\tcode</pre>"),
        ("```\n**x**\n```", "<pre>**x**</pre>"),
        ("```\nopen", "<pre>open</pre>"),
        ("- a\n- b\n\n* c", "<ul><li>a</li><li>b</li></ul>\n<ul><li>c</li></ul>"),
        ("1. a\n2) b", "<ol><li>a</li><li>b</li></ol>"),
        ("2. a\n2. b\n9. c", "<ol><li value=\"2\">a</li><li value=\"2\">b</li><li value=\"9\">c</li></ol>"),
        ("99. a\n100. b", "<ol><li value=\"99\">a</li></ol>\n<p>100. b</p>"),
        ("   - a", "<ul><li>a</li></ul>"),
        ("    - a", "<pre>    - a</pre>"),
        ("-a", "<p>-a</p>"),
        ("- ", "<p>- </p>"),
        ("* * *", "<p>* * *</p>"),
        ("- - x", "<p>- - x</p>"),
        ("**b**", "<p><strong>b</strong></p>"),
        ("**b", "<p>**b</p>"),
        ("a**b**", "<p>a**b**</p>"),
        ("**b**c", "<p>**b**c</p>"),
        ("** b**", "<p>** b**</p>"),
        ("**b **", "<p>**b **</p>"),
        ("***b***", "<p>***b***</p>"),
        ("**a**b **c**", "<p>**a**b <strong>c</strong></p>"),
        ("/**b**", "<p>/**b**</p>"),
        ("\\**b**", "<p>\\**b**</p>"),
        ("**b** **c**", "<p><strong>b</strong> <strong>c</strong></p>"),
        ("[a](https://x.example/1) b", "<p><a href=\"https://x.example/1\" REL>a</a> b</p>"),
        ("[**a**](mailto:a@b.example)", "<p><a href=\"mailto:a@b.example\" REL><strong>a</strong></a></p>"),
        ("[a](https://x.example/1 )", "<p>[a](<a href=\"https://x.example/1\" REL>https://x.example/1</a> )</p>"),
        ("see https://x.example/a.", "<p>see <a href=\"https://x.example/a\" REL>https://x.example/a</a>.</p>"),
        ("(https://x.example/a)", "<p>(<a href=\"https://x.example/a\" REL>https://x.example/a</a>)</p>"),
        ("https://x.example/<b>", "<p><a href=\"https://x.example/\" REL>https://x.example/</a>&lt;b&gt;</p>"),
        ("<b>&\"'", "<p>&lt;b&gt;&amp;&quot;&#x27;</p>"),
        ("a\r\nb\rc", "<p>a<br>\nb<br>\nc</p>"),
        ("", ""),
        ("\n\n", ""),
        ("a\n- b\nc", "<p>a</p>\n<ul><li>b</li></ul>\n<p>c</p>"),
        ("- [a](https://x.example/1)", "<ul><li><a href=\"https://x.example/1\" REL>a</a></li></ul>"),
        ("1. a\n\n2. b", "<ol><li>a</li></ol>\n<ol><li value=\"2\">b</li></ol>"),
        ("0. a\n1. b", "<ol><li value=\"0\">a</li><li>b</li></ol>"),
        ("- a\n1. b", "<ul><li>a</li></ul>\n<ol><li>b</li></ol>"),
    ],
)  # fmt: skip
def test_what_was_typed_becomes_paragraphs_lists_blocks_and_links(text: str, html: str) -> None:
    assert rich.page(text) == html.replace(" REL", f" {REL}")


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (f"**{'x' * 1_000}**", True),
        (f"**{'x' * 1_001}**", False),
        (f"[{'w' * 300}](https://x.example)", True),
        (f"[{'w' * 301}](ftp://x.example)", False),
        (f"[x](mailto:{'a' * 1_000})", True),
        (f"[x](mailto:{'a' * 1_001})", False),
    ],
)
def test_a_mark_is_taken_up_to_its_longest(text: str, taken: bool) -> None:
    assert ("<strong>" in rich.page(text) or "<a " in rich.page(text)) is taken


def test_of_what_was_typed_ten_times_the_longest_is_shown() -> None:
    assert rich.page("x" * (10 * rich.LONGEST + 1)) == f"<p>{'x' * 10 * rich.LONGEST}</p>"
