"""New text at its borders: banners, last blocks of signatures, forwards whose every line is quoted."""

from __future__ import annotations

import pytest

from triaged.reading.new_text import quotes
from triaged.reading.values import NewText

SUPPORT = frozenset({"partner-support@zohocorp.com"})
WORDS = "The report is empty since Monday."
BANNER = "CAUTION: This email originated from outside of the organization."


def cut(text: str, subject: str = "A question") -> NewText:
    return quotes.cut(text, subject=subject, support_addresses=SUPPORT)


@pytest.mark.parametrize(
    ("text", "own", "signature"),
    [
        (f"{BANNER}\n\n{WORDS}", WORDS, BANNER),
        (f"{BANNER}\nb\nc\nd\ne\n\n{WORDS}", WORDS, f"{BANNER}\nb\nc\nd\ne"),
        (f"{BANNER}\nb\nc\nd\ne\nf\n\n{WORDS}", f"b\nc\nd\ne\nf\n\n{WORDS}", BANNER),
        (f"{WORDS}\n\nRegards,\nAnna\n{'x' * 120}", WORDS, f"Regards,\nAnna\n{'x' * 120}"),
        (f"{WORDS}\n\nRegards,\nAnna\n{'x' * 121}", f"{WORDS}\n\nRegards,\nAnna\n{'x' * 121}", ""),
        (f"{WORDS}\n\nRegards,\nAnna\n\nOakbridge\n\nx", WORDS, "Regards,\nAnna\n\nOakbridge\n\nx"),
        (f"{WORDS}\n\nRegards,\nAnna\n\nOakbridge\n\n```\nx = 1\n```", f"{WORDS}\n\n```\nx = 1\n```", "Regards,\nAnna\n\nOakbridge"),
        (f"{WORDS}\n\n{'━' * 16}", WORDS, "━" * 16),
        (f"Affected accounts\n{'━' * 16}", f"Affected accounts\n{'━' * 16}", ""),
        (f"{'a' * 40}\n{'-' * 20}\nTel. 030 5550 1234", f"{'a' * 40}\n{'-' * 20}\nTel. 030 5550 1234", ""),
        (f"{'a' * 41}\n{'-' * 20}\nTel. 030 5550 1234", "a" * 41, f"{'-' * 20}\nTel. 030 5550 1234"),
    ],
)  # fmt: skip
def test_what_is_banner_and_signature_ends_where_words_begin(text: str, own: str, signature: str) -> None:
    found = cut(text)
    assert (found.own, found.signature) == (own, signature)


HEAD = "> From: {}\n> Sent: Tuesday, 10 November 2026 10:14\n> To: Anna <anna@oak.example>\n> Subject: Re: x\n>\n> We fixed it. ZOID: 77700011122"
OURS = HEAD.format("Partner Support <partner-support@zohocorp.com>")
THEIRS = HEAD.format("Cy <cy@alder.example>")
ATTRIBUTED = "> On Tue, Nov 10, 2026 at 10:14 AM {} wrote:\n>> We fixed it."
MARK = "-------- Forwarded Message --------\n"


@pytest.mark.parametrize(
    ("quoted", "subject", "kind"),
    [
        (MARK + OURS, "Fwd: x", "quoted"),
        (MARK + THEIRS, "Fwd: x", "forwarded"),
        (OURS, "Fwd: x", "quoted"),
        (THEIRS, "Fwd: x", "forwarded"),
        (THEIRS, "Re: x", "quoted"),
        (ATTRIBUTED.format("Partner Support <partner-support@zohocorp.com>"), "Fwd: x", "quoted"),
        (ATTRIBUTED.format("Cy <cy@alder.example>"), "Fwd: x", "forwarded"),
        (ATTRIBUTED.format("Cy <cy@alder.example>"), "Re: x", "quoted"),
        (">\n>", "Fwd: x", "quoted"),
    ],
)
def test_a_mail_whose_every_line_is_quoted_is_passed_on_or_only_answered(
    quoted: str, subject: str, kind: str
) -> None:
    found = cut(f"Please see.\n\n{quoted}\n\nAnd now?", subject)
    assert found.own == "Please see.\n\nAnd now?"
    assert bool(found.forwarded) is (kind == "forwarded")
    assert found.is_reply is (kind == "quoted")
    if "fixed" in quoted:
        assert ("We fixed it." in found.forwarded) is (kind == "forwarded")
        assert ("We fixed it." in found.quoted) is (kind == "quoted")


@pytest.mark.parametrize(
    ("line", "own"),
    [
        ("On 10 Nov 2026 at 10:14, host mx.oak.example[192.0.2.7] said:", True),
        ("On 10 Nov 2026 at 10:14, Cy <cy@alder.example> said:", False),
    ],
)
def test_what_a_server_said_is_no_mail_that_is_answered(line: str, own: bool) -> None:
    found = cut(f"{WORDS}\n\n{line}\n> 550 5.1.1 denied")
    assert (line in found.own) is own


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (WORDS, [("own", WORDS)]),
        (
            f"{WORDS}\n\nOn Tue, Nov 10, 2026 at 10:14 AM Cy <cy@alder.example> wrote:\n> old",
            ["own", "quote"],
        ),
        (f"{WORDS}\n\nRegards,\nAnna", [("own", f"{WORDS}\n\nRegards,\nAnna")]),
    ],
)
def test_the_runs_of_a_body_come_in_order_with_signatures_still_in_them(
    text: str, kinds: list[object]
) -> None:
    found = quotes.runs(text, subject="Re: x", support_addresses=SUPPORT)
    told = [(one.kind, one.text.strip()) for one in found]
    assert [one if isinstance(kinds[0], tuple) else one[0] for one in told] == kinds
