"""Our form comes back filled in: by every mail program and in every language of the letters."""

from __future__ import annotations

import html as escaping
from dataclasses import replace
from itertools import product

import pytest

from triaged.config import shipped
from triaged.letters import samples
from triaged.letters.forms import forms
from triaged.reading.read import read
from triaged.reading.values import Door, Reading, Surroundings
from triaged.walk import rulebook_folder

BOOK = rulebook_folder.load_folder(shipped.rules())
LANGUAGES = tuple(BOOK.letters.words_by_language)
SUPPORT, ANNA = "partner-support@zohocorp.com", "anna@oakbridge.example"
AROUND = Surroundings(
    support_addresses=frozenset({SUPPORT}),
    staff_domains=frozenset({"zohocorp.com"}),
    partner_domains=frozenset({"oakbridge.example"}),
    services=BOOK.services,
    forms=forms(BOOK.letters),
)
ADDRESS, ZOID, ZUID = "it@willow.example", "60077788899", "70077788899"
VALUES = {0: ADDRESS, 1: "Zoho Desk", 2: ZOID, 3: ZUID}  # by the row of the form
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def letter(language: str, kind: str = "missing_information", **more: object) -> str:
    """A letter of ours as it leaves; the question in English below, where it is asked in another language."""
    context = replace(samples.BARE, salutation="Hello Anna,", **more)
    written = [
        BOOK.letters.write(kind, one, replace(context, form=BOOK.letters.words(one).form)).body
        for one in dict.fromkeys((language, "en"))
    ]
    return ("\n" + "-" * 30 + "\n\n").join(written[: 2 if kind == "missing_information" else 1])


def form_rows(language: str) -> list[str]:
    return [row for row in BOOK.letters.words(language).form.splitlines() if row.strip()]


def filled(text: str, language: str, values: dict[int, str], below: bool = False) -> str:
    """The letter with values behind the first rows of the form, or on a line of their own below."""
    for row, value in values.items():
        label = form_rows(language)[row]
        assert f"{label}\n" in text
        text = text.replace(f"{label}\n", f"{label}{chr(10) if below else ' '}{value}\n", 1)
    return text


def gmail(text: str) -> str:
    return f"On Thu, Nov 26, 2026 at 2:02 PM Partner Support <{SUPPORT}> wrote:\n\n" + "\n".join(
        f"> {row}".rstrip() for row in text.split("\n")
    )


def thunderbird_tight(text: str) -> str:
    return "Am 26.11.2026 um 14:02 schrieb Partner Support:\n" + "\n".join(
        f">{row}" for row in text.split("\n")
    )


def outlook(text: str) -> str:
    return (
        f"Filled in below.\n\n-----Original Message-----\nFrom: Partner Support <{SUPPORT}>\n"
        f"Sent: Thursday, November 26, 2026 2:02 PM\nTo: Anna <{ANNA}>\nSubject: [PS-1001] Re: Filter\n\n{text}"
    )


def loose(text: str) -> str:
    return outlook("\n\n".join(text.split("\n")))


def wrapped(text: str) -> str:
    """Every long line broken at the next blank behind 60 characters, as some programs do before quoting."""
    rows = []
    for row in text.split("\n"):
        while len(row) > 60 and (cut := row.find(" ", 50)) > 0:
            rows.append(row[:cut])
            row = row[cut + 1 :]
        rows.append(row)
    return gmail("\n".join(rows))


def in_html(text: str) -> str:
    rows = "<br>".join(escaping.escape(row) for row in text.split("\n"))
    return (
        f'<div dir="ltr"><br></div><div class="gmail_quote"><div class="gmail_attr">On Thu, Nov 26, 2026 at 2:02 PM '
        f"Partner Support &lt;{SUPPORT}&gt; wrote:<br></div><blockquote class=gmail_quote style='border-left:1px solid'>"
        f"{rows}</blockquote></div>"
    )


def outlook_html(text: str) -> str:
    rows = "".join(f"<p class=MsoNormal>{escaping.escape(row) or '&nbsp;'}</p>" for row in text.split("\n"))
    return (
        "<html><body><p class=MsoNormal>See below.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
        f"<p class=MsoNormal><b>From:</b> Partner Support &lt;{SUPPORT}&gt;<br><b>Sent:</b> Thursday, 26 November 2026<br>"
        f"<b>To:</b> Anna &lt;{ANNA}&gt;<br><b>Subject:</b> [PS-1001] Re: Filter</p></div>{rows}</body></html>"
    )


def copied_on_top(text: str) -> str:
    return text + "\n\n" + gmail("Hello Anna,\n\nplease fill it in.")


def arrives(body: str, subject: str = "Re: [PS-1001] Re: Filter") -> Reading:
    kind = "html" if "</" in body else "plain"
    head = (
        f"From: Anna Holm <{ANNA}>\nTo: {SUPPORT}\nSubject: {subject}\nMessage-ID: <1@oakbridge.example>\n"
        f"MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return read((head + body).encode(), Door(), AROUND)


CLIENTS = (gmail, thunderbird_tight, outlook, loose, wrapped, in_html, outlook_html)


@pytest.mark.parametrize(("language", "client"), list(product(LANGUAGES, CLIENTS)))
@pytest.mark.parametrize("below", [False, True])
def test_a_line_our_letter_left_empty_and_that_now_has_a_value_is_new(language, client, below) -> None:
    given = arrives(client(filled(letter(language), language, VALUES, below)))
    found = given.identifiers
    assert (found.superadmin_email, found.zoid, found.zuid) == (ADDRESS, (ZOID,), (ZUID,)), given.new_text
    assert given.service == "Zoho Desk"
    assert given.parts.asked and given.defects == ()


@pytest.mark.parametrize(("language", "row"), list(product(LANGUAGES, VALUES)))
def test_each_line_alone_is_enough(language, row) -> None:
    given = arrives(gmail(filled(letter(language), language, {row: VALUES[row]})))
    found = given.identifiers
    got = (found.superadmin_email, given.service, *found.zoid, *found.zuid)
    assert [value for value in got if value] == [VALUES[row]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quote_cut_down_to_the_one_line_is_enough(language) -> None:
    for row, value in ((0, ADDRESS), (2, ZOID)):
        given = arrives(gmail(f"{form_rows(language)[row]} {value}"))
        assert value in (given.identifiers.superadmin_email, *given.identifiers.zoid)


@pytest.mark.parametrize("language", LANGUAGES)
def test_full_width_digits_and_groups_count(language) -> None:
    text = filled(letter(language), language, {2: ZOID.translate(FULL_WIDTH), 3: "700 777 888 99"})
    found = arrives(outlook(text)).identifiers
    assert (found.zoid, found.zuid) == ((ZOID,), (ZUID,))


@pytest.mark.parametrize(("language", "client"), list(product(LANGUAGES, CLIENTS)))
def test_the_form_as_we_sent_it_says_nothing_but_that_we_asked(language, client) -> None:
    given = arrives(client(letter(language)))
    found = given.identifiers
    assert (found.superadmin_email, found.zoid, found.zuid, found.customer_emails) == (None, (), (), ())
    assert given.parts.asked
    assert "ZOID" not in given.new_text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_letter_printed_with_a_value_is_not_new(language) -> None:
    words = BOOK.letters.words(language)
    told = tuple(
        samples.Labelled(words.identifiers[n], v)
        for n, v in (("superadmin_email", ADDRESS), ("zoid", ZOID), ("zuid", ZUID))
    )
    for kind in ("acknowledgment", "details_received"):
        text = letter(language, kind, understood=told)
        for client in CLIENTS:
            found = arrives(client(text)).identifiers
            assert (found.superadmin_email, found.zoid, found.zuid) == (None, (), ()), (kind, client)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_acknowledgment_asks_for_is_answered_in_its_own_list(language) -> None:
    words = BOOK.letters.words(language)
    text = letter(
        language, "acknowledgment", missing=(words.identifiers["zuid"],),
        understood=(samples.Labelled(words.identifiers["zoid"], ZOID),),
    )  # fmt: skip
    assert text.count(words.identifiers["zuid"]) == 1
    answer = text.replace(words.identifiers["zuid"], f"{words.identifiers['zuid']}: {ZUID}")
    found = arrives(gmail(answer)).identifiers
    assert (found.zoid, found.zuid) == ((), (ZUID,))


def test_a_description_filled_in_is_the_senders_own_words() -> None:
    row = form_rows("en").index(next(r for r in form_rows("en") if r.startswith("Description")))
    text = filled(letter("en"), "en", {row: "The export has stopped for all users.\nNobody can work."})
    assert "The export has stopped for all users.\nNobody can work." in arrives(outlook(text)).parts.own


def test_another_mail_below_our_letter_stays_out() -> None:
    old = "SuperAdmin: root@other.example\nZOID: 60011111111"
    form = filled(letter("en"), "en", {0: "root@other.example", 2: "60011111111"})
    for who in (
        "Am 25.11.2026 um 09:00 schrieb Anna Holm:",
        f"On Wed, Nov 25, 2026 at 9:00 AM Anna Holm <{ANNA}> wrote:",
    ):
        for below in (old, form):
            quoted = "\n".join(f"> {row}" for row in below.split("\n"))
            found = arrives("Kommt morgen.\n\n" + gmail(f"{letter('de')}\n\n{who}\n{quoted}")).identifiers
            assert (found.superadmin_email, found.zoid) == (None, ())
            unmarked = f"{letter('de')}\n\nFrom: Anna Holm <{ANNA}>\nSent: Wednesday\nTo: {SUPPORT}\nSubject: Filter\n\n{below}"
            found = arrives(outlook(unmarked)).identifiers
            assert (found.superadmin_email, found.zoid) == (None, ())


def test_a_form_the_partner_sent_before_is_old_in_his_own_quote() -> None:
    form = "\n".join(f"> {row} {VALUES.get(n, '')}" for n, row in enumerate(form_rows("en")))
    for who in (
        f"On Wed, Nov 25, 2026 at 9:00 AM Anna Holm <{ANNA}> wrote:",
        "Le 25 nov. 2026 à 09:00, Anna Holm a écrit :",
    ):
        assert arrives(f"Any news?\n\n{who}\n\n{form}").identifiers.zoid == ()


def test_staff_who_tell_what_they_see_ask_nothing() -> None:
    told = f"We see this account:\nSuperAdmin: {ADDRESS}\nZOID: {ZOID}\nService name: Zoho Desk\n\nIs it the one?"
    found = arrives("No, another one.\n\n" + gmail(told)).identifiers
    assert (found.superadmin_email, found.zoid, found.unnamed) == (None, (), ())


@pytest.mark.parametrize("client", [gmail, outlook, loose, in_html])
def test_a_form_in_other_words_of_an_operators_own_counts_where_lines_were_left_empty(client) -> None:
    text = f"Hello Anna,\n\nplease fill in:\n\nSuperAdmin:\nZOID: {ZOID}\nZUID:\n\nPartner Support"
    given = arrives(client(text))
    assert given.identifiers.zoid == (ZOID,)
    assert given.parts.asked


def test_a_copy_on_top_counts_as_it_always_did() -> None:
    top = "\n".join(f"{row} {VALUES.get(n, '')}" for n, row in enumerate(form_rows("fr")))
    found = arrives(copied_on_top(top)).identifiers
    assert (found.superadmin_email, found.zoid, found.zuid) == (ADDRESS, (ZOID,), (ZUID,))


@pytest.mark.parametrize(
    "text", ["ZOID:\n" * 20_000, ("> " * 50 + "Service name: x\n") * 2_000, "Description:" * 30_000]
)
def test_hostile_quotes_cost_no_time(text) -> None:
    assert arrives(gmail(text)).defects == ()


def test_every_language_of_the_letters_asks_by_labels_that_are_understood() -> None:
    for form in forms(BOOK.letters):
        assert form.labels
        assert form.sentences or form.heading


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["missing_information", "missing_information_reminder"])
def test_our_whole_letter_copied_without_its_head_and_filled_in_is_an_answer(language, kind) -> None:
    given = arrives(filled(letter(language, kind), language, VALUES))
    found = given.identifiers
    assert (given.automatic, found.superadmin_email, found.zoid) == (None, ADDRESS, (ZOID,))


def test_a_form_that_staff_quoted_counts_too() -> None:
    ours = gmail(filled(letter("en"), "en", {2: ZOID}))
    nested = gmail(f"Hi Anna, could you fill it in?\n\nBen\n\n{ours}")
    assert arrives(f"Done.\n\n{nested}").identifiers.zoid == (ZOID,)


@pytest.mark.parametrize("shape", ["{0} = {1}", "{0} {1}", "*{0}:* *{1}*", "{0}: -> {1}", "ZOID: {1}"])
def test_a_value_beside_its_label_in_another_shape_counts(shape) -> None:
    label = form_rows("en")[2].rstrip(":")
    text = letter("en").replace(f"{label}:", shape.format(label, ZOID), 1)
    assert arrives(gmail(text)).identifiers.zoid == (ZOID,)
