"""New text at its borders: banners, last blocks of signatures, forwards whose every line is quoted."""

from __future__ import annotations

import pytest

from triaged.reading.new_text import quotes
from triaged.reading.new_text.attributions import person_of
from triaged.reading.values import Address, NewText

SUPPORT = frozenset({"partner-support@zohocorp.com"})
WORDS = "The report is empty since Monday."
BANNER = "CAUTION: This email originated from outside of the organization."


def cut(text: str, subject: str = "A question", senders: tuple[Address, ...] = ()) -> NewText:
    return quotes.cut(text, subject=subject, support_addresses=SUPPORT, senders=senders)


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


DONE = "Thank you, it works."
FIXED = "> We fixed it."
ON = "On Tue, Nov 10, 2026 at 10:14 AM"


@pytest.mark.parametrize(
    ("head", "is_cut"),
    [
        (f"{ON} Cy <cy@alder.example\n> wrote:", True),
        (f"{ON} Cy <cy@alder.example\n> {'w' * 21} wrote:", True),
        (f"{ON} Cy <cy@alder.example\n> {'w' * 22} wrote:", False),
        (f"{ON} Cy <cy@alder.example>\n> wrote:", False),
        (f"{ON} Cy <cy@alder-\nbeech.example> wrote:", True),
        (f"{ON} Cy Alder-\nBeech wrote:", True),
        (f"{ON} {'C' * 220}\n{'y' * 20} <cy@alder.example>\nwrote:", True),
        (f"{ON} {'C' * 260}\n{'y' * 20} <cy@alder.example>\nwrote:", False),
        ("Cy\nAlder wrote:", False),
    ],
)
def test_an_attribution_may_be_wrapped_as_mail_programs_wrap_it(head: str, is_cut: bool) -> None:
    found = cut(f"{DONE}\n\n{head}\n\n{FIXED}")
    first, _, rest = head.partition("\n")
    assert found.own == (DONE if is_cut else f"{DONE}\n\n{first}")
    assert found.quoted == f"{head if is_cut else rest}\n\n{FIXED}"


@pytest.mark.parametrize(
    ("line", "quotes_us"),
    [
        ("You wrote:", True),
        ("On 10 Nov 2026 support wrote:", True),
        ("From 10 Nov 2026:", True),
        ("cy on 10 Nov 2026 wrote:", True),
        ("cy@alder.example wrote:", True),
        ("Cy wrote:", True),
        ("cy@alder.example:", False),
        ("Cy wrote this:", False),
        ("Our customer says:", False),
        ("Our customer wrote on 10 Nov 2026:", False),
        ("Customer on 10 Nov 2026:", False),
    ],
)
def test_a_line_over_quoted_ones_says_whose_they_are(line: str, quotes_us: bool) -> None:
    text = f"{line}\n{FIXED}"
    found = cut(text)
    assert (found.own, found.quoted, found.is_reply) == (("", text, True) if quotes_us else (text, "", False))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (f"{ON} Cy Alder <cy@alder.example> wrote:", "Cy Alder"),
        ("On Tue, Nov 10, 2026 at 10:14\u202fPM amy <cy@alder.example> wrote:", "amy"),
        ("On Tue, Nov 10, 2026 at 10:14 a.m., Cy Alder <cy@alder.example> wrote:", "Cy Alder"),
        ("Am 10.11.2026 um 10:14 schrieb Cy Alder <cy@alder.example>:", "Cy Alder"),
        ("Am Di., 10. Nov. 2026 um 10:14 Uhr schrieb Ed Schrieb <cy@alder.example>:", "Ed Schrieb"),
        ("Op di 10 nov 2026 om 10:14 schreef Cy Alder <cy@alder.example>:", "Cy Alder"),
        ("Den tis 10 nov. 2026 kl 10:14 skrev Cy Alder <cy@alder.example>:", "Cy Alder"),
        (f"{ON} Cy Alder-\nBeech <cy@alder.example> wrote:", "Cy Alder-Beech"),
        ("10 Kas 2026 Sal 10:14 tarihinde Cy Alder <cy@alder.example> şunu yazdı:", "Cy Alder"),
        ("On Tue, 10 Nov 2026 10:14 Am Nguyen <cy@alder.example> wrote:", "Am Nguyen"),
        ("On Tue, 10 Nov 2026 at 10:14, PM Smith <cy@alder.example> wrote:", "PM Smith"),
        ("On Tue, 10 Nov 2026 at 10:14, pm <cy@alder.example> wrote:", "pm"),
        ("On Tue, 10 Nov 2026 at 10:14, Cy from Alder <cy@alder.example> wrote:", "Cy from Alder"),
    ],
)
def test_who_wrote_what_is_passed_on_bears_his_name_and_no_word_of_the_line(said: str, name: str) -> None:
    found = cut(f"Please see.\n\n{said}\n> The invoice is wrong.\n\nThanks", "Fwd: Invoices")
    assert (found.own, found.forwarded, found.is_forward) == (
        "Please see.\n\nThanks",
        "The invoice is wrong.",
        True,
    )
    assert found.forward_authors == (Address(name, "cy@alder.example"),)


ANNA = (Address("Anna Berg", "anna@oak.example"),)
INFO = (Address("", "info@oak.example"),)
PHONE = "Tel. 030 5550 1234"


@pytest.mark.parametrize(
    ("card", "senders", "is_his"),
    [
        ("Anna Berg", ANNA, True),
        ("Anna", ANNA, True),
        ("Annabelle", ANNA, False),
        ("Anna Berg", (), False),
        ("Oakbridge\nanna@oak.example", ANNA, True),
        (f"Anna Berg\n{PHONE}", ANNA, True),
        (f"Anna Berg\n{PHONE}", (), False),
        (f"Anna Berg\n{PHONE}\nwww.oak.example", (), True),
        ("Anna Berg\nanna@oak.example\nwww.oak.example", (), False),
        (f"Anna Berg\n{PHONE}\nour customer\nwww.oak.example", (), False),
        (f"Anna Berg\n{PHONE}\nberg@oak.example", INFO, True),
        (f"Anna Berg\n{PHONE}\nberg@elm.example", INFO, False),
        (f"Anna Berg\n{PHONE}\nberg@elm.example", (), True),
        (f"anna berg\n{PHONE}\nwww.oak.example", (), False),
    ],
)
def test_a_last_paragraph_is_a_card_by_its_senders_name_or_by_two_ways_to_reach_it(
    card: str, senders: tuple[Address, ...], is_his: bool
) -> None:
    found = cut(f"{WORDS}\n\n{card}", senders=senders)
    assert (found.own, found.signature) == ((WORDS, card) if is_his else (f"{WORDS}\n\n{card}", ""))
    found = cut(f"Their contact:\n\n{card}", senders=senders)
    assert (found.own, found.signature) == (f"Their contact:\n\n{card}", "")


CY = Address("Cy Alder", "cy@alder.example")


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        ("From: Cy Alder\n <cy@alder.example>\nTo: Anna <anna@oak.example>;\n bob@oak.example", True),
        (
            "From: Cy Alder <cy@alder.example>\nTo: Anna <a@oak.example>;\n partner-support@zohocorp.com",
            False,
        ),
        ("From: Cy Alder <cy@alder.example>\nCc: Anna <a@oak.example>;\n b@oak.example", True),
        ("From:\nCy Alder <cy@alder.example>\nTo:\nAnna <anna@oak.example>", True),
        ("From:\nPartner Support <partner-support@zohocorp.com>\nTo:\nAnna <anna@oak.example>", False),
        ("From: Cy Alder <cy@alder.example>\nTo:\npartner-support@zohocorp.com", False),
    ],
)
def test_a_forwards_head_is_read_over_its_wrapped_and_empty_fields(head: str, kept: bool) -> None:
    whole = f"{MARK}{head}\nSubject: Invoices\n\nThey are wrong."
    found = cut(f"Please see.\n\n{whole}", "Fwd: Invoices")
    assert (found.own, found.is_reply) == ("Please see.", not kept)
    assert (found.forwarded, found.quoted) == (
        ("Subject: Invoices\n\nThey are wrong.", "") if kept else ("", whole)
    )
    assert found.forward_authors == ((CY,) if kept else ())


def test_zoho_mails_mark_above_and_below_the_head_is_no_word_of_the_forward() -> None:
    mark = "============ Forwarded message ============"
    head = (
        "From: Cy Alder <cy@alder.example>\nTo: <anna@oak.example>\nDate: Tue, 10 Nov 2026\nSubject: Invoices"
    )
    found = cut(f"Please see.\n\n{mark}\n{head}\n{mark}\n\nThey are wrong.", "Fwd: Invoices")
    assert (found.own, found.forwarded, found.quoted) == (
        "Please see.",
        "Subject: Invoices\n\nThey are wrong.",
        "",
    )
    assert found.forward_authors == (CY,)


@pytest.mark.parametrize(
    ("text", "own", "signature"),
    [
        (f"{WORDS}\n\n```\nRegards,\nAnna\n```\nMore.", f"{WORDS}\n\n```\nRegards,\nAnna\n```\nMore.", ""),
        (f"{WORDS}\n\n```\nx = 1\n```\n\nRegards,\nAnna", f"{WORDS}\n\n```\nx = 1\n```", "Regards,\nAnna"),
        (f"{WORDS}\n--\nAnna", WORDS, "--\nAnna"),
        ("ZOID:\n--\nAnna", "ZOID:\n--\nAnna", ""),
        ("Customer name\n--\nAnna", "Customer name", "--\nAnna"),
        (f"{WORDS}\n\n-Anna", WORDS, "-Anna"),
        (f"{WORDS}\n\n-Anna\n\nSent from my iPhone", WORDS, "-Anna\n\nSent from my iPhone"),
        (f"{WORDS}\n\n-Anna\n\nOne more: it hurts.", f"{WORDS}\n\n-Anna\n\nOne more: it hurts.", ""),
        ("These:\n\n-Anna", "These:\n\n-Anna", ""),
        (f"{WORDS}\n-Anna", f"{WORDS}\n-Anna", ""),
    ],
)  # fmt: skip
def test_a_mark_or_a_dash_before_a_name_signs_unless_it_answers_or_lists(
    text: str, own: str, signature: str
) -> None:
    found = cut(text)
    assert (found.own, found.signature) == (own, signature)


@pytest.mark.parametrize(
    ("quoted", "below", "goes_with_it"),
    [(63, "wrapped end", True), (62, "wrapped end", False), (63, "Wrapped end", False), (65, "a b", False), (69, "a b", True)],
)  # fmt: skip
def test_a_line_that_lost_its_mark_by_wrapping_stays_quoted(
    quoted: int, below: str, goes_with_it: bool
) -> None:
    line = f"> {'w' * quoted}"
    found = cut(f"{line}\n{below}", "Re: x")
    assert (found.own, found.quoted) == (("", f"{line}\n{below}") if goes_with_it else (below, line))


FROM, TO, SUBJECT = "From: Cy Alder <cy@alder.example>", "To: Anna <anna@oak.example>", "Subject: Invoices"
DATE, RULE, WRONG = "Date: Tue, 10 Nov 2026", "_" * 32, "They are wrong."


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (f"{RULE}\n{FROM}\n{TO}\n{SUBJECT}", SUBJECT),
        (f"{RULE}\n{FROM}\n{TO}", ""),
        (f"{RULE}\n\n\n{FROM}\n{TO}", ""),
        (f"{MARK}\n\n\n{FROM}\n{TO}", ""),
        (f"{FROM}\n{TO}\n{SUBJECT}", SUBJECT),
        (f"From: Cy Alder cy@alder.example\nTo: Anna\n{SUBJECT}", SUBJECT),
        (f"{FROM}\n\n{DATE}\n\n{TO}\n\n{SUBJECT}", SUBJECT),
        (f"{FROM}\n{TO}\n{SUBJECT} and\n {'m' * 99}", f"{SUBJECT} and\n {'m' * 99}"),
        (f"{FROM}\n{TO}\n{SUBJECT} and\n\tmore\n\tstill", f"{SUBJECT} and\n\tmore\n\tstill"),
        (f"{FROM}\n{SUBJECT} and\n more\n{TO}", f"{SUBJECT} and\n more"),
        (f"{FROM}\n{TO}\nSubject:\n{'m' * 119}", f"Subject:\n{'m' * 119}"),
        (f"{FROM}\n{SUBJECT}\nTo: Anna <anna@oak.example>,\nbob@oak.example", SUBJECT),
        (f"{FROM} Sent: Tuesday, 10 November 2026 {TO} {SUBJECT} ZOID 60031122334", f"{SUBJECT} ZOID 60031122334"),
    ],
)  # fmt: skip
def test_a_forwards_head_shows_its_subject_whole_and_nothing_else(head: str, shown: str) -> None:
    found = cut(f"{DONE}\n\n{head}\n\n{WRONG}", "Fwd: x")
    assert (found.own, found.quoted, found.is_reply) == (DONE, "", False)
    assert found.forwarded == (f"{shown}\n\n{WRONG}" if shown else WRONG)
    assert [author.address for author in found.forward_authors] == ["cy@alder.example"]


@pytest.mark.parametrize(
    ("head", "behind"),
    [
        (f"{FROM}\n{TO}\n{SUBJECT} and\nmore", "more"),
        (f"{FROM}\n{TO}\n{SUBJECT} and\n {'m' * 100}", f"{'m' * 100}"),
        (f"{FROM}\n{TO}\nSubject:\n{'m' * 120}", "m" * 120),
        (f"{FROM}\n{TO}\n{SUBJECT}\nImportance:\nmore", "more"),
        (f"{FROM}\n{SUBJECT}\nTo: Anna <anna@oak.example>,\nBob", "Bob"),
        (f"{FROM}\n{SUBJECT}\nTo: Anna <anna@oak.example>\nbob@oak.example is wrong", "bob@oak.example is wrong"),
        (f"{FROM}\n{TO}\n{SUBJECT}\nFrom: here on it is wrong", "From: here on it is wrong"),
        (f"{FROM}\n{TO}\n{SUBJECT}\n\n{DATE}", DATE),
    ],
)  # fmt: skip
def test_a_forwards_head_ends_where_its_words_begin(head: str, behind: str) -> None:
    found = cut(f"{DONE}\n\n{head}\n\n{WRONG}", "Fwd: x")
    assert found.own == DONE
    first, _, rest = found.forwarded.partition("\n\n")
    assert first.startswith("Subject:")
    assert rest.lstrip() == f"{behind}\n\n{WRONG}"


@pytest.mark.parametrize(
    "head",
    [
        f"{RULE}\n{FROM}",
        RULE,
        f"{FROM}\n{TO}",
        f"{FROM}\n\n{TO}",
        f"From: Cy\nTo: Anna\n{SUBJECT}",
        f"{TO}\n{DATE}\n{SUBJECT}",
    ],
)
def test_lines_that_only_look_like_a_head_are_the_senders_own(head: str) -> None:
    text = f"{DONE}\n\n{head}\n\n{WRONG}"
    found = cut(text, "Fwd: x")
    assert (found.own, found.forwarded, found.quoted, found.is_forward) == (text, "", "", False)


@pytest.mark.parametrize(
    ("above", "is_announced"),
    [
        ("The customer wrote this:", True),
        ("See the mail below.", True),
        ("See the mail below.\n\nThanks", True),
        ("See the mail below.\n\nThanks\n\nBye", False),
        ("Here it is:", True),
        ("Here it is:\n\nHello.", False),
        ("It works.", False),
    ],
)
def test_a_head_without_a_mark_is_passed_on_where_the_words_above_say_so(
    above: str, is_announced: bool
) -> None:
    found = cut(f"{above}\n\n{FROM}\n{TO}\n{SUBJECT}\n\n{WRONG}")
    assert found.is_forward is is_announced
    assert found.is_reply is not is_announced
    assert (WRONG in found.forwarded, WRONG in found.quoted) == (is_announced, not is_announced)


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Cy Alder <cy@alder.example>", "Cy Alder", "cy@alder.example"),
        ("*Cy Alder* <CY@alder.example>", "Cy Alder", "cy@alder.example"),
        ('"Alder, Cy" <cy@alder.example>', "Alder, Cy", "cy@alder.example"),
        ("Alder, Cy [mailto:cy@alder.example]", "Alder, Cy", "cy@alder.example"),
        ("Cy Alder 3rd <mailto:cy@alder.example>", "Cy Alder 3rd", "cy@alder.example"),
        ("4 Seasons <cy@alder.example>", "4 Seasons", "cy@alder.example"),
        ("'Cy Alder' via Sales <sales@alder.example>", "'Cy Alder' via Sales", "sales@alder.example"),
        ("cy@alder.example (Cy Alder)", "Cy Alder", "cy@alder.example"),
        ("<cy@alder.example> (Cy Alder)", "Cy Alder", "cy@alder.example"),
        ("Cy <cy@alder.example> (Sales)", "Cy", "cy@alder.example"),
        ("Cy <cy@alder.example> on behalf of Dee <dee@alder.example>", "Cy", "cy@alder.example"),
        ("cy@alder.example", "", "cy@alder.example"),
        ("cy@alder.example <mailto:cy@alder.example>", "", "cy@alder.example"),
        ('"boss@oak.example" <cy@alder.example>', "", "cy@alder.example"),
        (f"{'C' * 99} <cy@alder.example>", "C" * 90, "cy@alder.example"),
        ("佐藤 健 <cy@alder.example>", "佐藤 健", "cy@alder.example"),
        ('"', "", ""),
        ("Cy Alder", "", ""),
    ],
)
def test_a_from_line_names_its_person_whole(value: str, name: str, address: str) -> None:
    assert person_of(value) == Address(name, address)
    if address:
        found = cut(f"Please see.\n\n{MARK}From: {value}\n{TO}\n{SUBJECT}\n\n{WRONG}", "Fwd: x")
        assert found.forward_authors == (Address(name, address),)


YAHOO = "----- Forwarded Message -----"
GLUED = f"{FROM}{TO}Sent: Tuesday, November 10, 2026 at 10:14:00 AM GMT+1{SUBJECT}"


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        (f"   {YAHOO} {GLUED}\n {WRONG}", f"{SUBJECT}\n\n {WRONG}"),
        (f"{YAHOO}\n{GLUED}\n {WRONG}", f"{SUBJECT}\n\n {WRONG}"),
        (f"{YAHOO} {GLUED} {WRONG}", f"{SUBJECT} {WRONG}"),
        (f"{YAHOO} {FROM}\n{TO}\n{SUBJECT}\n\n{WRONG}", f"{SUBJECT}\n\n{WRONG}"),
        (f"{YAHOO} {GLUED.replace('Sent:', 'Cc: Bo <bo@oak.example>Sent:')}\n{WRONG}", f"{SUBJECT}\n\n{WRONG}"),
        (f"---- Weitergeleitete Nachricht ---- {FROM}\n{TO}\n{SUBJECT}\n\n{WRONG}", f"{SUBJECT}\n\n{WRONG}"),
    ],
)  # fmt: skip
def test_a_mark_and_a_head_glued_into_one_line_are_a_forward(head: str, shown: str) -> None:
    found = cut(f"{DONE}\n\n{head}", "Fwd: x")
    assert (found.own, found.forwarded, found.quoted) == (DONE, shown, "")
    assert found.forward_authors == (CY,)


def test_a_glued_head_of_a_mail_to_support_is_a_quote() -> None:
    head = f"   {YAHOO} {GLUED.replace('anna@oak.example', 'partner-support@zohocorp.com')}"
    found = cut(f"{DONE}\n\n{head}\n{WRONG}", "Fwd: x")
    assert (found.own, found.forwarded, found.is_reply) == (DONE, "", True)
    assert found.quoted == f"{YAHOO}\n{head.strip().removeprefix(YAHOO).strip()}\n{WRONG}"


@pytest.mark.parametrize(
    "line",
    [
        f"{YAHOO} as your template calls it",
        f"see the {YAHOO} From: line",
        "From: Berlin to: Paris, sent: Monday",
        "From: Berlin subject: to: and date: come behind",
    ],
)
def test_a_line_that_speaks_of_marks_and_heads_is_none(line: str) -> None:
    found = cut(f"{DONE}\n\n{line}\n\n{WRONG}", "Fwd: x")
    assert (found.own, found.is_forward, found.is_reply) == (f"{DONE}\n\n{line}\n\n{WRONG}", False, False)


HELP = "Partner Support <partner-support@zohocorp.com>"
BELOW = "We fixed it. ZOID 77700011122"


@pytest.mark.parametrize(
    "quote",
    [
        f">>> {HELP} 10/11/2026 10:14 >>>\n{BELOW}",
        f">>> Partner Support 10.11.26 10.14 Uhr >>>\n{BELOW}\n\n>>> Anna 2026-11-09 09:00 >>>\nIt fails.",
        f'"Partner Support" ---10/11/2026 10:14:02---We fixed it.\n\nFrom: {HELP}\nTo: Anna\nDate: 10/11/2026\nSubject: x\n\n{BELOW}',
        f"Partner Support---2026-11-10 10:14---{BELOW}",
        f"Partner Support ---10.11.2026 10:14:02 AM---We fixed it.\n\n{BELOW}",
    ],
)  # fmt: skip
def test_groupwise_and_notes_name_whom_they_quote_and_mark_no_line(quote: str) -> None:
    found = cut(f"{DONE}\n\n{quote}", "Re: x")
    assert (found.own, found.quoted, found.is_reply) == (DONE, quote, True)


@pytest.mark.parametrize(
    "line",
    [
        "The console says 10/11/2026 >>>",
        "Backup ---2026-11-10--- has failed",
        "---10/11/2026 10:14--- is what the log says",
        "Range 1---3 of the report is empty",
    ],
)
def test_dates_between_dashes_and_brackets_are_no_quotes_head(line: str) -> None:
    assert cut(f"{DONE}\n\n{line}\n\n{WRONG}", "Re: x").own == f"{DONE}\n\n{line}\n\n{WRONG}"


@pytest.mark.parametrize(
    "by", ["via Superhuman", "via Superhuman iOS", "with Shortwave", "with Tuta", "from Missive"]
)
def test_what_a_mail_program_says_of_itself_is_no_word_of_the_sender(by: str) -> None:
    found = cut(f"{DONE}\n\nSent {by}\n\n{ON} {HELP} wrote:\n\n{FIXED}", "Re: x")
    assert (found.own, found.signature) == (DONE, f"Sent {by}")


PROTON = f"------- Forwarded Message -------\n{FROM}\n{DATE}\nSubject: Re: Invoices\n{TO}\n\n\n"


@pytest.mark.parametrize(
    ("body", "forwarded", "quoted"),
    [
        (f"> {WRONG}\n>\n> ZOID 60031122334", f"{WRONG}\n\nZOID 60031122334", ""),
        (f"> {WRONG}\n\n\n", WRONG, ""),
        (f"> {WRONG}\n>\n> {ON} Bo <bo@oak.example> wrote:\n>\n> > Old", WRONG, f"{ON} Bo <bo@oak.example> wrote:\n\n> Old"),
        (f"> Old\n\n{WRONG}", WRONG, "> Old"),
    ],
)  # fmt: skip
def test_a_forward_whose_head_alone_is_unmarked_is_read_one_level_in(
    body: str, forwarded: str, quoted: str
) -> None:
    found = cut(f"{DONE}\n\n{PROTON}{body}", "Fwd: x")
    assert (found.own, found.is_forward, found.forward_authors) == (DONE, True, (CY,))
    assert (found.forwarded, found.quoted) == (f"Subject: Re: Invoices\n\n{forwarded}", quoted)


@pytest.mark.parametrize(
    ("mark", "labels"),
    [
        ("------ Forwarded Message ------", ("From", "To", "Date", "Subject")),
        ("------ Originalnachricht ------", ("Von", "An", "Datum", "Betreff")),
    ],
)
def test_a_head_without_colons_is_read_under_its_mark(mark: str, labels: tuple[str, ...]) -> None:
    values = (
        '"Cy Alder" <cy@alder.example>',
        '"Anna" <anna@oak.example>',
        "10/11/2026 10:14",
        "from Oak, invoices",
    )
    head = "\n".join(f"{label} {value}" for label, value in zip(labels, values, strict=True))
    found = cut(f"{DONE}\n\n{mark}\n{head}\n\n{WRONG}", "Fwd: x")
    assert (found.own, found.quoted, found.forward_authors) == (DONE, "", (CY,))
    assert found.forwarded == f"{labels[3]} from Oak, invoices\n\n{WRONG}"
    found = cut(f"{DONE}\n\n{head}\n\n{WRONG}", "Fwd: x")
    assert (found.own, found.is_forward) == (f"{DONE}\n\n{head}\n\n{WRONG}", False)
    ours = head.replace("cy@alder.example", "partner-support@zohocorp.com")
    assert cut(f"{DONE}\n\n{mark}\n{ours}\n\n{WRONG}", "Fwd: x").quoted == f"{mark}\n{ours}\n\n{WRONG}"


def test_a_wrapped_subject_may_go_on_with_the_name_of_a_field() -> None:
    found = cut(f"{DONE}\n\n{FROM}\n{TO}\n{SUBJECT}\n from Oak\n\n{WRONG}", "Fwd: x")
    assert found.forwarded == f"{SUBJECT}\n from Oak\n\n{WRONG}"


@pytest.mark.parametrize(
    "said",
    [
        "út 10. 11. 2026 v 10:14 odesílatel Cy Alder <cy@alder.example> napsal:",
        "בתאריך יום ג׳, 10 בנוב׳ 2026 ב-10:14 מאת Cy Alder <cy@alder.example>:",
        "في الثلاثاء، 10 نوفمبر 2026 في 10:14 ص تمت كتابة ما يلي بواسطة Cy Alder <cy@alder.example>:",
        "Pada tanggal Sel, 10 Nov 2026 pukul 10.14 Cy Alder <cy@alder.example> menulis:",
        "вт, 10 лист. 2026 р. о 10:14 Cy Alder <cy@alder.example> пише:",
    ],
)
def test_who_is_passed_on_is_named_without_the_words_of_his_language(said: str) -> None:
    found = cut(f"{DONE}\n\n{said}\n\n> {WRONG}", "Fwd: x")
    assert (found.own, found.forwarded, found.forward_authors) == (DONE, WRONG, (CY,))
