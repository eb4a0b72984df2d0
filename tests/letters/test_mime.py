"""A letter as a mail: headers, threading, encodings, and nothing that a stranger could inject."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.world import at
from triaged.letters.mime import render
from triaged.reading.mime.flowed import unfold
from triaged.tickets.ticket import Letter

LETTER = Letter(
    "acknowledgment", "acknowledgment", "partner", "global", ("anna@oakbridge.example",), "[PS-1042] Re: Sync",
    "Hello,\n\nreceived.\n", cc=("bo@oakbridge.example",), in_reply_to="<m2@oakbridge.example>",
    references=("<m1@oakbridge.example>",),
)  # fmt: skip


def sent(letter: Letter, **fields):
    basis = {
        "from_address": "support@desk.example",
        "from_name": "Partner Support",
        "message_id": "<ps.42.aaaa.bbbb@desk.example>",
        "date": at("2026-11-20 16:00"),
    }
    raw = render(letter, **(basis | fields))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    return message_from_bytes(raw, policy=default)


def text_of(mail) -> str:
    """The plain text, its soft line ends joined."""
    part = mail.get_body(("plain",))
    text = part.get_content().replace("\r\n", "\n")
    return unfold(text, delete_space=False) if part.get_param("format") == "flowed" else text


def test_the_headers_say_who_wrote_it_and_to_which_thread_it_belongs():
    mail = sent(LETTER)
    assert mail["From"] == "Partner Support <support@desk.example>"
    assert (mail["To"], mail["Cc"], mail["Reply-To"]) == (
        "anna@oakbridge.example",
        "bo@oakbridge.example",
        mail["From"],
    )
    assert mail["In-Reply-To"] == "<m2@oakbridge.example>"
    assert mail["References"] == "<m1@oakbridge.example> <m2@oakbridge.example>"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert mail["X-Triaged-Letter"] == "acknowledgment"
    assert mail["Message-ID"] == "<ps.42.aaaa.bbbb@desk.example>"
    assert mail["Date"].datetime == at("2026-11-20 16:00")
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail) == LETTER.body


@pytest.mark.parametrize("kind", ["waiting_reminder", "at_risk", "digest"])
def test_what_nobody_asked_for_is_generated_not_replied(kind):
    assert sent(replace(LETTER, kind=kind))["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("Plain.\n", "7bit"),
        ("Grüße aus Köln und noch ein Satz.\n", "quoted-printable"),
        ("受付番号で承りました。\n", "base64"),
        ("x" * 5000 + "\n", "quoted-printable"),
    ],
)
def test_bodies_come_back_as_they_were(body, encoding):
    mail = sent(replace(LETTER, body=body))
    plain = mail.get_body(("plain",))
    assert plain["Content-Transfer-Encoding"] == encoding
    assert text_of(mail) == body
    staff = sent(replace(LETTER, body=body, audience="staff"))
    assert staff["Content-Transfer-Encoding"] == encoding and text_of(staff) == body


def test_japanese_subjects_come_back_whole():
    subject = "[PS-1042] Re: " + "ログインできません。" * 9
    assert sent(replace(LETTER, subject=subject))["Subject"] == subject


def test_references_are_bounded_and_foreign_rubbish_is_left_out():
    many = tuple(f"<m{n}@oakbridge.example>" for n in range(200))
    chain = sent(replace(LETTER, references=many))["References"].split()
    assert len(chain) == 20 and chain[0] == "<m0@oakbridge.example>" and chain[-1] == "<m2@oakbridge.example>"
    odd = sent(
        replace(
            LETTER,
            references=("<a b>", "x" * 2000, "<é@x>", "bare@x.example"),
            in_reply_to="<evil\r\nBcc: a@b>",
        )
    )
    assert odd["References"] == "<bare@x.example>" and odd["In-Reply-To"] is None


def test_an_address_that_is_none_is_refused():
    for address in ("anna", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", ""):
        with pytest.raises(ValueError, match="is not an address to write to"):
            sent(replace(LETTER, to=(address,)))


HEADERS = ["From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Triaged-Letter", "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=80), st.text(max_size=200))
def test_nothing_that_is_put_in_makes_another_header(subject, body, name, reference):
    mail = sent(replace(LETTER, subject=subject, body=body, references=(reference,)), from_name=name)
    assert set(mail.keys()) <= set(HEADERS)
    assert len(mail.keys()) == len(set(mail.keys()))
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_staff_get_text_alone_their_quotes_unbroken():
    body = "Look:\n\n> " + "Nobody can log in since nine this morning. " * 4 + "\n"
    mail = sent(replace(LETTER, audience="staff", body=body))
    assert mail.get_content_type() == "text/plain" and mail.get_param("format") == "flowed"
    lines = mail.get_content().split("\n")
    assert max(map(len, lines)) <= 78 and sum(line.startswith("> ") for line in lines) == 3
    assert text_of(mail).split() == body.split()


def test_japanese_lines_are_cut_hard_and_not_marked_as_flowing():
    body = "お問い合わせありがとうございます。受付番号 PS-1042 で承りました。今後のご連絡の際は、件名にこの番号を残してください。\n"
    plain = sent(replace(LETTER, body=body, language="ja")).get_body(("plain",))
    assert plain.get_param("format") is None
    lines = plain.get_content().splitlines()
    assert "".join(lines) == body.strip() and len(lines) == 2


def test_the_page_says_the_same_loads_nothing_and_keeps_the_readers_colours():
    body = "##- Please write above this line -##\n\nHello <b>&,\n\n- one: 1\n- two: https://desk.example/rate/x?a=1&b=2.\n\nEnd\n"
    page = sent(replace(LETTER, body=body)).get_body(("html",)).get_content()
    assert "Hello &lt;b&gt;&amp;," in page and "<li>one: 1</li>" in page
    assert '<a href="https://desk.example/rate/x?a=1&amp;b=2">' in page
    assert 'content="light dark"' in page and '<html lang="en">' in page
    assert "src=" not in page and "url(" not in page and "color:" not in page.replace("color-scheme:", "")
