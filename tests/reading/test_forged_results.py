"""Nobody talks our mail server into vouching for him: what strangers write into its results, and around them."""

from __future__ import annotations

import base64

import pytest

from triaged.reading.mime import message
from triaged.reading.read import read
from triaged.reading.sender.authenticity import ID_LESS, check
from triaged.reading.values import Authentication, Door, Surroundings

HOUSE = Surroundings(
    support_addresses=frozenset({"partner-support@zohocorp.com"}),
    staff_domains=frozenset({"zohocorp.com"}),
    partner_domains=frozenset({"oakbridge.example", "northwind.co.jp"}),
    partner_contacts=frozenset({"solo@post.example"}),
    trusted_authserv_ids=frozenset({"mx.intake.example", "mx2.intake.example"}),
)
ANNA = b"From: Anna Bell <anna@oakbridge.example>"
PASS = "mx.intake.example; dmarc=pass header.from=oakbridge.example"
FAIL = "dmarc=fail (p=reject) header.from=oakbridge.example"


def judged(*lines: str | bytes, sender: bytes | None = ANNA, end: bytes = b"\r\n") -> Authentication:
    """Lines of the header block, From behind them; a bare result gets its field name."""
    fields = [line.encode() if isinstance(line, str) else line for line in lines]
    fields = [b"Authentication-Results: " + one if one.startswith((b"mx", b'"mx')) else one for one in fields]
    return of(end.join([*fields, *([sender] if sender else []), b"Subject: x", b"", b"Hello", b""]))


def of(raw: bytes) -> Authentication:
    return check(message.parse(raw), HOUSE, Door())


def words(text: str, how: str) -> str:
    """An encoded word that says `text`."""
    if how == "b":
        return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="
    return "=?utf-8?q?" + "".join(f"={ord(sign):02X}" if not sign.isalnum() else sign for sign in text) + "?="


INJECTED = [";dmarc=pass (", ";dmarc=pass header.from=oakbridge.example; x=x (", ");dmarc=pass (((", '";dmarc=pass header.from=oakbridge.example;"', "\r\nAuthentication-Results: mx.intake.example; dmarc=pass"]  # fmt: skip
PLACES = [
    "spf=pass smtp.mailfrom={}@evil.example; " + FAIL,
    "spf=pass smtp.helo={}; " + FAIL,
    "dkim=pass header.i={}@evil.example; " + FAIL,
    "dkim=pass header.d={}; " + FAIL,
    "dkim=pass header.s={} header.d=evil.example; " + FAIL,
    "dkim=pass header.b={} header.d=evil.example; " + FAIL,
    "spf=pass (mx.intake.example: domain of {}@evil.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=evil.example; " + FAIL,
    "iprev=pass ({}) smtp.remote-ip=192.0.2.1; " + FAIL,
    FAIL + "; spf=pass smtp.mailfrom={}@evil.example",
    'spf=fail reason="{}" smtp.mailfrom=evil.example; ' + FAIL,
    'spf=pass smtp.mailfrom="{}"@evil.example; ' + FAIL,
]  # fmt: skip


@pytest.mark.parametrize("how", ["q", "b"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("injected", INJECTED)
def test_encoded_words_in_our_server_s_results_stay_what_they_are(
    injected: str, place: str, how: str
) -> None:
    assert judged("mx.intake.example; " + place.format(words(injected, how))).result == "fail"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "injected", [*INJECTED[:4], "\\", "\\\\", '"', "(", ")", "x) y", "\x1b$B", "\x1b(J;dmarc=pass"]
)
def test_what_a_server_copies_without_quoting_never_passes(place: str, injected: str) -> None:
    assert judged("mx.intake.example; " + place.format(injected)).result in {"fail", "unknown"}


@pytest.mark.parametrize(
    "result",
    [
        "mx.intake.example; dmarc=pass header.from==?utf-8?q?oakbridge.example?=",
        "mx.intake.example; dmarc=pass header.from=" + words("oakbridge.example", "b"),
        "mx.intake.example; =?utf-8?q?dmarc?==pass header.from=oakbridge.example",
        words("mx.intake.example", "q") + "; dmarc=pass header.from=oakbridge.example",
        "mx.intake.example " + words("; dmarc=pass header.from=oakbridge.example", "q"),
        "mx.intake.example; dmarc=pass header.from=oakbridge.example.evil.example",
        "mx.intake.example; dmarc=pass header.from=oakbridge.example,evil.example",
        "mx.intake.example; dmarc=pass header.from=evil.example header.from=oakbridge.example",
        "mx.intake.example; dmarc=pass header.from=oakbridge.example; dmarc=pass header.from=evil.example",
        "mx.intake.example; dmarc=pass smtp.from=oakbridge.example",
        "mx.intake.example; dmarc=pass header.from=",
        "mx.intake.example; dmarc=pass header.from= ; spf=pass",
        "mx.intake.example; dmarc=pass dmarc=fail header.from=oakbridge.example",
        "mx.intake.example; spf=pass smtp.mailfrom=x dmarc=pass header.from=oakbridge.example",
        "mx.intake.example; dmarc=pass header.from=oakbridge.example (",
        "mx.intake.example; dmarc=pass header.from=oakbridge.example )",
        'mx.intake.example; dmarc=pass header.from=oakbridge.example; x="',
        "mx.intake.example; dmarc=pass header.from=oakbridge.example; nonsense",
        "mx.intake.example; dmarc=pass header.from=oakbridge.example;; spf=pass",
        "mx.intake.example; dmarc=pass; header.from=oakbridge.example",
        "mx.intake.example; dmarc/2=pass header.from=oakbridge.example",
        "mx.intake.example 2; dmarc=pass header.from=oakbridge.example",
        "mx.intake.example dmarc=pass header.from=oakbridge.example",
        "mx.intake.example x y; dmarc=pass header.from=oakbridge.example",
        "mx.intake.example; dmarc=passed header.from=oakbridge.example",
        "mx.intake.example; none; dmarc=pass header.from=oakbridge.example",
        "mx.intake.example; dmarc=pass header.from=\uff4fakbridge.example",
        "mx.intake.example; dmarc=pass header.from=oakbridge\u3002example\u00a0",
        b"mx.intake.example; dmarc=pass header.from=oakbridge.example; spf=pass smtp.mailfrom=\xff@x.example",
        "mx.intake.example; dmarc=pass header.from=oakbridge.example" + " ; spf=pass" * 3_000,
        "mx.intake.example; " + "(" * 3_000 + ")" * 2_999 + "dmarc=pass header.from=oakbridge.example",
    ],
)  # fmt: skip
def test_a_result_that_cannot_be_read_in_one_way_is_unknown(result: str | bytes) -> None:
    found = judged(result)
    assert found.result == "unknown"
    assert found.why


@pytest.mark.parametrize(
    "result",
    [
        "mx.intake.example; dmarc = pass (p=none) header . from = oakbridge.example",
        "mx.intake.example 1 ; DMARC/1 = Pass (a (nested) comment) Header.From=OakBridge.Example",
        "mx.intake.example (our door) 1; dmarc=pass(p=REJECT,sp=NONE) header.from=oakbridge.example;",
        "mx.intake.example;\r\n\tspf=pass (sender IP is 192.0.2.1) smtp.mailfrom=oakbridge.example;\r\n dkim=pass (signature was verified)\r\n header.d=oakbridge.example;dmarc=pass action=none\r\n header.from=oakbridge.example;compauth=pass reason=100",
        'mx.intake.example; dkim=pass (2048-bit key; unprotected) header.d=oakbridge.example header.i=@oakbridge.example header.b="a/b+c="; dkim-atps=neutral; dmarc=pass header.from=oakbridge.example',
        "mx.intake.example; spf=pass smtp.mailfrom=SRS0=aB=cd=far.example=bo@oakbridge.example; dmarc=pass header.from=oakbridge.example",
        "mx.intake.example; spf=none smtp.mailfrom=<> smtp.helo=; dmarc=pass header.from=oakbridge.example",
        "mx.intake.example; iprev=pass (h.example) smtp.remote-ip=2001:db8::1; arc=pass (i=1 spf=pass); dmarc=pass header.from=oakbridge.example",
        'mx.intake.example; dkim=fail ("body hash did not verify") header.d=x.example; dmarc=pass header.from=oakbridge.example',
        "mx.intake.example; x-ptr=pass smtp.helo=a policy.ptr=a; dmarc=pass policy.published-domain-policy=none policy.evaluated-disposition=none header.from=oakbridge.example x-bits=2048",
        '"mx.intake.example"; dmarc=pass reason="a ; b \\" c" header.from="oakbridge.example"',
        "mx.intake.example; dmarc=pass header.from=anna@oakbridge.example",
    ],
)  # fmt: skip
def test_what_real_servers_write_is_read(result: str) -> None:
    found = judged(result)
    assert found.result == "pass", found.why


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["mx.intake.example; dkim=pass header.d=x.example", PASS], "pass"),
        (["mx.intake.example; spf=pass", "mx2.intake.example; dkim=none", PASS], "pass"),
        (["Received: from a by mx.intake.example", "mx.intake.example; spf=pass", PASS], "pass"),
        (["mx.intake.example; spf=pass", "X-Spam: no", "Received-SPF: pass", PASS], "pass"),
        (["mx.intake.example; spf=pass", "Received: from evil by mx.intake.example", PASS], "none"),
        (["mx.intake.example; spf=pass", "RECEIVED: from evil", PASS], "none"),
        (["mx.intake.example; spf=pass", "mx.evil.example; spf=pass", PASS], "none"),
        (["mx.intake.example; spf=pass", "Authentication-Results: =?x?=; spf=pass", PASS], "none"),
        (["mx.intake.example; spf=pass", "Authentication-Results:", PASS], "none"),
        (["mx.evil.example; spf=pass", PASS], "unknown"),
        (["Authentication-Results:", PASS], "unknown"),
        (["mx.intake.example; spf=pass (", PASS], "unknown"),
        ([PASS, "mx.intake.example; spf=pass ("], "unknown"),
        ([PASS, "Received: from evil", "mx.intake.example; dmarc=fail ("], "pass"),
        (["X-Authentication-Results: " + PASS], "unknown"),
        (["ARC-Authentication-Results: i=1; " + PASS], "unknown"),
    ],
)
def test_only_results_of_ours_that_stand_together_on_top_count(fields: list[str], expected: str) -> None:
    assert judged(*fields).result == expected


LOGIN = "mx.intake.example; auth=pass {}"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([LOGIN.format("smtp.auth=anna@oakbridge.example")], "pass"),
        ([LOGIN.format("(LOGIN) smtp.auth=Anna@OakBridge.example smtp.mailfrom=x@far.example")], "pass"),
        ([LOGIN.format('(a (b)) smtp.auth="anna@oakbridge.example"')], "pass"),
        ([LOGIN.format("smtp.auth=anna@oakbridge.example; spf=fail smtp.mailfrom=x")], "pass"),
        ([LOGIN.format("smtp.auth=anna@oakbridge.example; dmarc=none header.from=oakbridge.example")], "pass"),
        (["mx.intake.example; spf=none", LOGIN.format("smtp.auth=anna@oakbridge.example")], "pass"),
        ([LOGIN.format("smtp.auth=anna")], "none"),
        ([LOGIN.format("smtp.auth=ben@oakbridge.example")], "none"),
        ([LOGIN.format("smtp.auth=anna@mail.oakbridge.example")], "none"),
        ([LOGIN.format("smtp.auth=oakbridge.example")], "none"),
        ([LOGIN.format("smtp.auth=<anna@oakbridge.example>")], "none"),
        ([LOGIN.format("smtp.mailfrom=anna@oakbridge.example")], "none"),
        ([LOGIN.format("smtp.auth=" + words("anna@oakbridge.example", "q"))], "none"),
        (["mx.intake.example; auth=fail smtp.auth=anna@oakbridge.example"], "none"),
        (["mx.evil.example; auth=pass smtp.auth=anna@oakbridge.example"], "unknown"),
        ([LOGIN.format("smtp.auth=ben@oakbridge.example"), PASS], "pass"),
        ([LOGIN.format("smtp.auth=anna"), PASS], "pass"),
        ([LOGIN.format("smtp.auth=anna@oakbridge.example; " + FAIL)], "unknown"),
        ([LOGIN.format("smtp.auth=anna@oakbridge.example; dmarc=pass header.from=evil.example")], "unknown"),
        ([LOGIN.format("smtp.auth=anna@oakbridge.example smtp.auth=ben@x.example")], "unknown"),
        ([LOGIN.format("smtp.auth=ben@x.example"), LOGIN.format("smtp.auth=anna@oakbridge.example")], "unknown"),
        ([LOGIN.format("smtp.auth=anna@oakbridge.example; auth=fail smtp.auth=anna@oakbridge.example")], "unknown"),
        (["mx.intake.example; spf=pass smtp.mailfrom=x auth=pass smtp.auth=anna@oakbridge.example"], "unknown"),
    ],
)  # fmt: skip
def test_a_password_counts_for_exactly_the_from_address(results: list[str], expected: str) -> None:
    assert judged(*results).result == expected


EVIL = b"From: Eve <eve@oakbridge.example>"
HIDDEN = {
    "another From": [ANNA, EVIL],
    "another case": [ANNA, b"FROM: eve@oakbridge.example"],
    "a blank before the colon": [ANNA, b"From : eve@oakbridge.example"],
    "a tab before the colon": [ANNA, b"From\t: eve@oakbridge.example"],
    "a blank before the first colon": [b"From : eve@oakbridge.example", ANNA],
    "a name folded before its colon": [ANNA, b"From", b" : eve@oakbridge.example"],
    "behind a line that is no field": [ANNA, b"no field at all", EVIL],
    "behind a name in 8 bit": [ANNA, b"X-\xc3\xbc: x", EVIL],
    "behind an mbox line": [ANNA, b"From eve@far.example Mon Nov 23 09:00:00 2026", EVIL],
    "behind an obsolete field": [b"X-One : x", ANNA],
    "behind a bare CR": [ANNA + b"\rSubject: x", b"X: y"],
    "a bare CR that makes a field": [b"X-One: y\rFrom: eve@oakbridge.example", ANNA],
    "a bare CR that ends the block": [b"X-One: y\r\r", ANNA],
    "a bare LF that ends the block": [b"X-One: y\n\nz: a", ANNA],
    "a bare LF before a field": [b"X-One: y\n" + EVIL, ANNA],
    "a bare LF as the empty line": [ANNA, b"X-One: y\r\n\nz: a"],
    "a NUL in a value": [b"X-One: y\0", ANNA],
    "a NUL in a name": [b"X-\0One: y", ANNA],
    "a NUL behind the address": [b"From: anna@oakbridge.example\0@evil.example"],
    "beyond two thousand fields": [ANNA, *[b"X-N: y"] * 2_100, EVIL],
    "beyond what is judged": [ANNA, b"X-Long: " + b"y" * 300_000, EVIL],
    "beyond many long fields": [ANNA, *[b"X-Long: " + b"y" * 900] * 400],
}
FORMS = {
    "two addresses": b"From: anna@oakbridge.example, eve@oakbridge.example",
    "two addresses without a comma": b"From: <anna@oakbridge.example> <eve@oakbridge.example>",
    "two addresses on two lines": b"From: anna@oakbridge.example,\r\n eve@oakbridge.example",
    "a semicolon between": b"From: anna@oakbridge.example; eve@oakbridge.example",
    "a group": b"From: Desk: anna@oakbridge.example;",
    "a group of two": b"From: Desk: anna@oakbridge.example, eve@oakbridge.example;",
    "an empty group": b"From: undisclosed:;",
    "a group in front": b"From: Desk:; anna@oakbridge.example",
    "a route": b"From: <@evil.example,@b.example:anna@oakbridge.example>",
    "brackets in quotes": b'From: "Eve <eve@oakbridge.example>" <anna@oakbridge.example>',
    "brackets in a comment": b"From: anna@oakbridge.example (<eve@oakbridge.example>)",
    "an unclosed quote": b'From: "Eve <anna@oakbridge.example>',
    "an unclosed comment": b"From: Anna <anna@oakbridge.example> (x",
    "a comment closed twice": b"From: Anna (x)) <anna@oakbridge.example>",
    "a comment in the domain": b"From: anna@oak(x)bridge.example",
    "an encoded address": b"From: =?utf-8?q?anna=40oakbridge.example?=",
    "an encoded address in brackets": b"From: Anna <=?utf-8?b?YW5uYUBvYWticmlkZ2UuZXhhbXBsZQ==?=>",
    "another charset's brackets": b"From: \x1b$B<eve@oakbridge.example>,\x1b(B <anna@oakbridge.example>",
    "nothing": b"From:",
    "no address": b"From: Anna Bell",
}


@pytest.mark.parametrize("lines", HIDDEN.values(), ids=HIDDEN.keys())
@pytest.mark.parametrize("result", [PASS, LOGIN.format("smtp.auth=anna@oakbridge.example")])
def test_a_header_block_that_can_be_read_in_two_ways_proves_nobody(lines: list[bytes], result: str) -> None:
    found = judged(result, *lines, sender=None)
    assert found.result == "unknown"
    assert "From" in found.why or "header" in found.why or "field" in found.why


@pytest.mark.parametrize("sender", FORMS.values(), ids=FORMS.keys())
def test_a_from_that_can_be_read_in_two_ways_proves_nobody(sender: bytes) -> None:
    assert judged(PASS, sender=sender).result == "unknown"
    assert judged(LOGIN.format("smtp.auth=anna@oakbridge.example"), sender=sender).result == "unknown"


@pytest.mark.parametrize(
    "sender",
    [
        b"From: anna@oakbridge.example",
        b"From: Bell, Anna <anna@oakbridge.example>",
        b'From: "Bell, Anna (Oak)" <anna@oakbridge.example>',
        b'From: "ben@oakbridge.example" <anna@oakbridge.example>',
        b"From: anna@oakbridge.example <anna@oakbridge.example>",
        b"From: anna@oakbridge.example (Anna Bell)",
        b"From: =?utf-8?q?Anna=2C_eve=40far=2Eexample_=3C?= <anna@oakbridge.example>",
        b"From: =?utf-8?q?An?=\r\n =?utf-8?q?na?= <anna@oakbridge.example>",
        b"from:Anna<ANNA@OakBridge.example>",
        b"From: M\xfcller <anna@oakbridge.example>",
        "From: Jürgen <anna@oakbridge.example>".encode(),
        b"From: \x1b$B>.Ln\x1b(B <anna@oakbridge.example>",
    ],
)
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_what_real_people_s_programs_write_as_from_proves_them(sender: bytes, end: bytes) -> None:
    found = judged(PASS, sender=sender.replace(b"\r\n", end), end=end)
    assert found.result == "pass", found.why


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n%b\r\n%b\r\n\r\nHi",
        b"\xef\xbb\xbf%b\r\n%b\r\n\r\nHi",
        b" folded\r\n%b\r\n%b\r\n\r\nHi",
        b"%b\r\n%b\r\n",
        b"%b\r\n%b\r\nSubject: x",
        b"%b\r\n\r\n%b\r\n\r\nHi",
    ],
)
def test_a_block_without_its_beginning_or_end_proves_nobody(raw: bytes) -> None:
    filled = raw % (b"Authentication-Results: " + PASS.encode(), ANNA)
    assert of(filled).result == "unknown"


def test_a_mail_whose_headers_alone_are_read_is_proven_by_whole_ones_only() -> None:
    head = b"Authentication-Results: " + PASS.encode() + b"\r\n" + ANNA + b"\r\n"
    whole = message.of_headers(head + b"\r\nHi", 10_000)
    cut = message.of_headers(head, 10_000)
    assert check(whole, HOUSE, Door()).result == "pass"
    assert check(cut, HOUSE, Door()).result == "unknown"


def test_from_in_the_body_of_a_mail_is_nobody_s() -> None:
    raw = b"Authentication-Results: " + PASS.encode() + b"\r\n" + ANNA + b"\r\n\r\nFrom: eve@far.example\r\n"
    assert of(raw).result == "pass"


def test_a_mail_without_our_own_form_of_microsoft_s_is_not_microsoft_s() -> None:
    house = Surroundings(trusted_authserv_ids=frozenset({ID_LESS}))
    raw = (
        b"Authentication-Results: microsoft365; dmarc=pass header.from=oakbridge.example\r\n"
        + ANNA
        + b"\r\n\r\nHi"
    )
    assert check(message.parse(raw), house, Door()).result == "unknown"


FIELDS = ("Authentication-Results", "From", "To", "Cc", "Reply-To", "Sender", "Return-Path", "Message-ID", "In-Reply-To", "References", "Received", "Auto-Submitted", "Precedence", "List-Id", "List-Post", "List-Unsubscribe", "Delivered-To", "X-Failed-Recipients", "X-Auto-Response-Suppress", "X-Spam-Flag", "Content-Type", "Date")  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_fields_with_a_grammar_are_read_undecoded(name: str) -> None:
    mail = message.parse(f"{name}: {words('<a@b.example>', 'q')}\r\n\r\nHi".encode())
    assert "a@b.example" not in mail.headers.get(name)
    assert not any([mail.from_, mail.to, mail.cc, mail.reply_to, mail.sender, mail.delivered_to])
    assert not [
        one for one in (mail.message_id, *mail.references, *mail.in_reply_to) if one == "<a@b.example>"
    ]


def test_prose_and_display_names_are_decoded() -> None:
    raw = "Subject: {0}\r\nFrom: {0} <anna@oakbridge.example>\r\n\r\nHi".format(words("Süd, Ost", "b"))
    reading = read(raw.encode(), Door(), HOUSE)
    assert (reading.subject, reading.from_[0].name) == ("Süd, Ost", "Süd, Ost")
    assert reading.sender.address == "anna@oakbridge.example"


@pytest.mark.parametrize("name", ["Auto-Submitted", "Precedence", "X-Spam-Flag"])
def test_no_encoded_word_makes_a_mail_automatic(name: str) -> None:
    value = {"Auto-Submitted": "auto-replied", "Precedence": "auto_reply"}.get(name, "YES")
    raw = f"{name}: {words(value, 'q')}\r\nFrom: anna@oakbridge.example\r\nSubject: CRM is slow\r\n\r\nPlease help us."
    assert read(raw.encode(), Door(), HOUSE).automatic is None
