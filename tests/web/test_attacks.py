"""What strangers try: forms of other sites, scripts in every field, files that are not what they say, bodies without end."""

from __future__ import annotations

import io
import re
import socket
import zipfile

import httpx2
import pytest

from tests.web.desk import ANNA, BO, PNG, Desk, form
from triaged.config.web import Uploads
from triaged.web.files import kinds, mail_html

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
PAGE = b"<html><script>alert(document.cookie)</script></html>"


@pytest.fixture(scope="module")
def hostile(desk: Desk) -> str:
    """A ticket whose every field is markup."""
    html = (
        f"<p>{SCRIPT}</p><svg onload=alert(3)></svg><a href='javascript:alert(4)'>x</a><form action='//evil.example'>"
        "<input name=q></form><style>@import '//evil.example/x.css'; p {background: url(//evil.example/y)}</style>"
        "<p style=\"background:url('https://evil.example/z')\">styled</p><iframe src='//evil.example'></iframe>"
        "<img src='https://evil.example/pixel.png'><img srcset='https://evil.example/2x 2x'><video poster='//evil.example/p'></video>"
        "<link rel=prefetch href='//evil.example'><base href='//evil.example'><meta http-equiv=refresh content='0;url=//evil.example'>"
    )
    files = [
        (f"{SCRIPT}.txt", "text/plain", b"hello"),
        ("../../etc/passwd", "text/plain", b"x"),
        ("page.png", "image/png", PAGE),
    ]
    ticket = desk.opened(
        f"{SCRIPT} subject",
        f"{SCRIPT} body\n\nSuperAdmin: it@alder.example\n",
        name=SCRIPT,
        html=html,
        files=files,
        cc=BO,
    )
    return ticket.reference


def test_p2_markup_of_a_stranger_is_text_on_every_page(desk: Desk, hostile: str) -> None:
    mail = desk.store.mails(limit=1)[0].id
    partner, staff = desk.signed_in(ANNA), desk.signed_in("ben.carter@desk.example")
    pages = [
        *(
            partner.get(p)
            for p in ("/tickets", f"/tickets/{hostile}", f"/mails/{mail}", "/tickets?q=%3Cscript%3Ealert(1)")
        ),
        *(
            staff.get(p)
            for p in ("/queue", f"/queue/{hostile}", f"/mails/{mail}", "/queue?q=%3Cscript%3Ealert(1)")
        ),
    ]
    for page in pages:
        assert page.status_code == 200, page.url
        assert "<script>alert" not in page.text and "<img src=x" not in page.text, page.url
        assert re.findall(r"<script[^>]*>", page.text) == re.findall(
            r'<script src="/static/[0-9a-f]+/(?:pages|desk)\.js" defer>', page.text
        )
        # What stands in quotes is an attribute's value: words, whatever they look like.
        tags = re.sub(r'"[^"]*"', '""', page.text)
        assert not re.search(r"<[^>]+\son\w+=", tags) and "style=" not in tags


def test_p31_p32_the_frame_of_a_mails_html_runs_calls_and_loads_nothing(desk: Desk, hostile: str) -> None:
    mail = desk.store.mails(limit=1)[0].id
    frame = desk.signed_in(ANNA).get(f"/mails/{mail}/original")
    policy = frame.headers["content-security-policy"]
    assert (
        "sandbox allow-popups" in policy and "allow-scripts" not in policy and "default-src 'none'" in policy
    )
    body = frame.text.partition("<body>")[2].lower()
    for bad in (
        "evil.example",
        "<script",
        "onerror",
        "onload",
        "<form",
        "<iframe",
        "<svg",
        "javascript:",
        "<meta",
        "url(",
    ):
        assert bad not in body, bad
    assert "styled" in body


def test_a_file_goes_out_as_a_download_that_no_browser_runs(desk: Desk, hostile: str) -> None:
    mail = desk.store.mails(limit=1)[0].id
    browser = desk.signed_in(ANNA)
    for index in range(3):
        got = browser.get(f"/files/mail/{mail}/{index}")
        if got.status_code == 404:
            continue
        assert got.headers["content-disposition"].startswith("attachment;")
        assert got.headers["content-type"] == "application/octet-stream"
        assert (
            got.headers["x-content-type-options"] == "nosniff"
            and "sandbox" in got.headers["content-security-policy"]
        )
        name = got.headers["content-disposition"]
        assert (
            "/" not in name.partition("filename=")[2].partition(";")[0]
            and "<" not in name
            and "\n" not in name
        )
    assert browser.get(f"/pictures/mail/{mail}/2").status_code == 404  # a page that calls itself a picture


def test_a_form_of_another_site_without_its_token_or_of_another_session_is_refused(desk: Desk) -> None:
    ticket = desk.opened("CSRF")
    at = f"/tickets/{ticket.reference}"
    anna, bo = desk.signed_in(ANNA), desk.signed_in(BO)
    _target, hidden = form(anna.get(at).text, f"{at}/close")
    foreign = form(bo.get("/choices").text, "/choices")[1]["csrf"]
    for token in ("", foreign, "0" * 64):
        assert anna.http.post(f"{at}/close", data={**hidden, "csrf": token}).status_code == 403
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert anna.http.post(f"{at}/close", data=hidden, headers=headers).status_code == 403
    assert desk.again(ticket).state != "closed"
    assert anna.http.get(f"{at}/close").status_code == 405


def test_p40_a_form_posted_to_another_ticket_does_there_what_it_says_or_nothing(desk: Desk) -> None:
    one, two = desk.opened("One of them"), desk.opened("Two of them")
    anna = desk.signed_in(ANNA)
    page = anna.get(f"/tickets/{one.reference}")
    assert (
        f"/tickets/{two.reference}/" not in page.text and one.reference in page.text.partition("<h1>")[2][:40]
    )


def test_headers_stand_on_every_answer_those_of_errors_too(desk: Desk) -> None:
    browser = desk.browser()
    for answer in (
        browser.get("/sign-in"),
        browser.get("/nowhere"),
        browser.http.put("/sign-in"),
        browser.http.post("/sign-in", content=b"x" * 10),
    ):
        assert "default-src 'none'" in answer.headers["content-security-policy"], answer
        assert (
            answer.headers["x-content-type-options"] == "nosniff"
            and answer.headers["x-frame-options"] == "DENY"
        )
        assert answer.headers["cache-control"] == "no-store" and "server" not in answer.headers
    assert (
        "immutable"
        in browser.get(re.search(r'href="(/static/[^"]+css)"', browser.get("/sign-in").text)[1]).headers[
            "cache-control"
        ]
    )  # type: ignore[index]


def test_a_foreign_host_name_is_not_answered(desk: Desk) -> None:
    answer = desk.browser().http.get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 421 and "evil" not in answer.text


def test_header_injection_by_subject_name_or_address_makes_no_header(desk: Desk) -> None:
    anna = desk.signed_in(ANNA)
    page = anna.get("/tickets/new")
    data = {
        "subject": "One\r\nBcc: victim@nowhere.example",
        "description": "Text\r\n\r\n.\r\nBcc: x@nowhere.example",
        "do": "send",
    }
    assert anna.post(page, "/tickets/new", data).url.path == "/tickets"
    desk.until_walked()
    assert not [t for t in desk.sink.taken if any("nowhere.example" in r for r in t.rcpt_to)]
    newest = desk.store.mails(limit=1)[0]
    assert "\n" not in newest.subject
    for bad in ("a@b.example\r\nBcc: x@nowhere.example", "a@b.example,x@nowhere.example", "<a@b.example>"):
        assert desk.browser().post(
            desk.browser().get("/sign-in"), "/sign-in", {"address": bad}
        ).status_code in (400, 403)


def test_a_body_without_end_is_cut_off(desk: Desk) -> None:
    browser = desk.browser()
    target, hidden = form(browser.get("/sign-in").text, "/sign-in")
    answer = browser.http.post(target, data={**hidden, "address": "x" * 2_000_000})
    assert answer.status_code == 413 and "default-src" in answer.headers["content-security-policy"]

    def endless() -> object:
        for _ in range(4000):
            yield b"a" * 65536

    with pytest.raises(httpx2.HTTPError) if False else _nothing():
        answer = browser.http.post(
            target, content=endless(), headers={"content-type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code == 413


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        return isinstance(error, (httpx2.WriteError, httpx2.ReadError, httpx2.RemoteProtocolError))


def test_garbage_on_the_line_and_in_forms_is_no_fault_of_ours(desk: Desk) -> None:
    port = int(desk.url.rpartition(":")[2])
    for garbage in (
        b"\x00\xff\xfe\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(garbage)
            assert b"500" not in line.recv(200)[:20]
    browser = desk.signed_in(ANNA)
    for kind, body in (
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"),
        ("multipart/form-data", b"nothing"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("text/plain", b"csrf=1"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(500))),
    ):
        assert browser.http.post(
            "/tickets/new", content=body, headers={"content-type": kind}
        ).status_code in (400, 403), kind


OFFICE = io.BytesIO()
with zipfile.ZipFile(OFFICE, "w") as made:
    made.writestr("xl/workbook.xml", "<workbook/>")
BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as made:
    made.writestr("xl/workbook.xml", b"0" * 60_000_000)
UPLOADS = Uploads()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.png", PAGE), ("page.txt", PAGE), ("page.csv", b"\n\n <!DOCTYPE html><script>"), ("x.html", PAGE), ("x.svg", b"<svg/>"),
        ("x.exe", b"MZ"), ("noending", b"x"), ("empty.txt", b""), ("bomb.xlsx", BOMB.getvalue()), ("not.xlsx", b"PK\x03\x04"),
        ("word.docx", OFFICE.getvalue()), ("large.txt", b"x" * (500 * 1024 + 1)), ("nul.txt", b"a\x00b"), ("x.har", b"[1]"),
        ("x.pdf", PAGE), ("x.doc", PAGE), ("x.mp4", b"\0\0\0\x20evil"), ("x.png.html", PNG), ("utf16.txt", "<script>".encode("utf-16")),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused(name: str, content: bytes) -> None:
    assert kinds.objection(kinds.safe_name(name), content, UPLOADS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("shot.PNG", PNG), ("a.jpeg", b"\xff\xd8\xff\xe0"), ("a.gif", b"GIF89a"), ("a.pdf", b"%PDF-1.7"), ("a.csv", "id;名前\n1;佐藤".encode()),
        ("a.tsv", b"a\tb"), ("a.txt", "Größe".encode("latin-1")), ("a.xlsx", OFFICE.getvalue()), ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.mp4", b"\0\0\0\x20ftypisom"), ("a.mov", b"\0\0\0\x14ftypqt  "), ("a.har", b'{"log": {}}'), ("exact.txt", b"x" * 500 * 1024),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_an_honest_file_is_taken(name: str, content: bytes) -> None:
    assert kinds.objection(kinds.safe_name(name), content, UPLOADS) == ""


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\報告.pdf", "報告.pdf"), ("a\r\nSet-Cookie: x.txt", "a__Set-Cookie_ x.txt"),
        ("exe\u202efdp.txt", "exe_fdp.txt"), ("...", "file"), ("", "file"), ('"><b>.png', "___b_.png"),
    ],
)  # fmt: skip
def test_a_files_name_is_made_safe(given: str, safe: str) -> None:
    assert kinds.safe_name(given) == safe


def test_a_files_name_is_bounded_and_keeps_its_ending() -> None:
    assert (
        kinds.safe_name("x" * 5000 + ".png").endswith(".png")
        and len(kinds.safe_name("x" * 5000 + ".png")) <= 120
    )


def test_five_thousand_nested_tags_are_cleaned_in_time() -> None:
    raw = b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5000 + b"x" + b"</div>" * 5000
    assert "x" in mail_html.cleaned(mail_html.read(raw), "/p")


def test_pictures_of_the_mail_itself_stand_in_their_place() -> None:
    raw = (
        b'Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src="cid:one"><img src="cid:two">'
        b"\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + __import__("base64").b64encode(PNG)
        + b"\r\n--b\r\nContent-Type: image/svg+xml\r\nContent-ID: <two>\r\n\r\n<svg onload=alert(1)>\r\n--b--\r\n"
    )
    mail = mail_html.read(raw)
    page = mail_html.cleaned(mail, "/mails/7/picture")
    assert 'src="/mails/7/picture/0"' in page and page.count("src=") == 1
    found = mail_html.picture(mail, 0)
    assert found and found.type == "image/png" and mail_html.picture(mail, 1) is None
