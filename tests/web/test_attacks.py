"""What strangers try: forms of other sites, scripts in every field, files that are not what they say, bodies without end."""

from __future__ import annotations

import base64
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


@pytest.fixture(autouse=True)
def unhurried(request: pytest.FixtureRequest) -> None:
    """Every test comes as somebody who has asked for nothing yet."""
    if "desk" in request.fixturenames:
        house = request.getfixturevalue("desk").pages.house
        house.buckets = type(house.buckets)()


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


def test_cookies_and_tokens_of_another_session_open_and_post_nothing(desk: Desk) -> None:
    """A stale token after signing in anew, one's own token with another's cookie, an old cookie, a foreign browser's key."""
    ticket = desk.opened("Tokens")
    at = f"/tickets/{ticket.reference}"
    anna, bo = desk.signed_in(ANNA), desk.signed_in(BO)
    old = form(anna.get(at).text, f"{at}/close")[1]
    cookie = {one.name: one.value for one in anna.http.cookies.jar}["pages_session"]
    anna.post(anna.get("/choices"), "/sign-out")
    assert anna.http.post(f"{at}/close", data=old, follow_redirects=False).status_code == 303
    anna.post(anna.get(desk.link(ANNA)), "/sign-in/link/")
    assert anna.http.post(f"{at}/close", data=old).status_code == 403
    bo.http.cookies.set("pages_browser", "B" * 43, domain="127.0.0.1", path="/")
    own = form(bo.get("/choices").text, "/choices")[1]["csrf"]
    new = form(anna.get(at).text, f"{at}/close")[1]
    assert anna.http.post(f"{at}/close", data={**new, "csrf": own}).status_code == 403
    thief = desk.browser()
    for key in (cookie, cookie[:-1], cookie + "x", "", "../" + cookie, cookie.swapcase()):
        thief.http.cookies.clear()
        thief.http.cookies.set("pages_session", key, domain="127.0.0.1", path="/")
        assert thief.http.get(at, follow_redirects=False).status_code == 303, key
    assert desk.again(ticket).state != "closed"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site", "Origin": ""}, {"Origin": "http://127.0.0.1"}, {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1.evil.example"}, {"Origin": "http://evil.example", "Referer": "http://127.0.0.1/"}, {"Origin": "null", "Sec-Fetch-Site": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_another_site_sends_along_its_form_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    anna = desk.signed_in(ANNA)
    target, hidden = form(anna.get("/choices").text, "/choices")
    assert anna.http.post(target, data={**hidden, "language": "ja"}, headers=headers).status_code == 403


def test_p40_a_form_posted_to_another_ticket_does_there_what_it_says_or_nothing(desk: Desk) -> None:
    """Two tabs: heading, forms and address agree in each; what is sent from one touches its ticket alone, Back or not."""
    one, two = desk.opened("One of them"), desk.opened("Two of them")
    anna = desk.signed_in(ANNA)
    tabs = {t.reference: anna.get(f"/tickets/{t.reference}") for t in (one, two)}
    for reference, page in tabs.items():
        own = set(re.findall(r'action="(/tickets/[^"]+)"', page.text))
        assert own and all(action.startswith(f"/tickets/{reference}/") for action in own)
        assert (
            reference in page.text.partition("<h1>")[2][:40]
            and reference in page.text.partition("<title>")[2][:40]
        )
        assert page.headers["cache-control"] == "no-store"
    seen = {t.reference: len(desk.again(t).events) for t in (one, two)}
    case = {**form(tabs[one.reference].text, f"/tickets/{one.reference}/close")[1]}
    done = anna.http.post(
        f"/tickets/{two.reference}/close", data=case
    )  # the first tab's form, the second's address
    assert done.status_code == 403, done.status_code
    assert {t.reference: len(desk.again(t).events) for t in (one, two)} == seen
    answer = anna.post(
        tabs[one.reference], f"/tickets/{one.reference}/answer", {"text": "only to the first", "do": "send"}
    )
    assert answer.url.path == f"/tickets/{one.reference}"
    desk.until_walked()
    assert "only to the first" in anna.get(f"/tickets/{one.reference}").text
    assert "only to the first" not in anna.get(f"/tickets/{two.reference}").text


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


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example@127.0.0.1", "xn--evl-8ma.example", "", "127.0.0.1%00evil", "localhost"],
)  # fmt: skip
def test_a_foreign_host_name_is_not_answered(desk: Desk, host: str) -> None:
    answer = desk.browser().http.get("/sign-in", headers={"Host": host, "X-Forwarded-Host": "evil.example"})
    assert answer.status_code in (400, 421) and "evil" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/tickets/..%2f..%2fetc/passwd", "/static/x/..%2f..%2frender.py", "/static/x/%2e%2e%2frender.py", "/static/../render.py", "/files/mail/1/%2e%2e",
        "/files/mail/-1/0", "/files/mail/1e3/0", "/files/mail/%EF%BC%91/0", "/files/mail/99999999999999999999/0", "/files/etc/1/0", "/mails/1%00", "/mails/0x1",
        "/tickets/%00", "/tickets/PS-1%0d%0aSet-Cookie:%20x", "//evil.example/tickets", "/tickets//evil.example", "/%2e%2e/queue", "/tickets/PS-99999999999999999999",
    ],
)  # fmt: skip
def test_a_path_written_oddly_leads_nowhere(desk: Desk, path: str) -> None:
    answer = desk.signed_in(ANNA).http.get(desk.url + path, follow_redirects=False)
    assert answer.status_code in (303, 400, 404), (answer.status_code, answer.text[:200])
    assert answer.headers.get("location", "/").startswith("/") and not answer.headers.get(
        "location", "/"
    ).startswith("//")
    assert "set-cookie" not in answer.headers and "def " not in answer.text


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


def test_no_name_or_subject_turns_about_what_stands_beside_it(desk: Desk) -> None:
    turn = "\u202e"
    ticket = desk.opened(
        f"Bill {turn}fdp.exe of \u2067x", "The bill is wrong.\n\nSuperAdmin: it@alder.example\n",
        name=f"Anna {turn}kcul", files=[(f"bill{turn}fdp.exe", "application/pdf", b"%PDF-1.7")],
    )  # fmt: skip
    partner, staff = desk.signed_in(ANNA), desk.signed_in("ben.carter@desk.example")
    mail = desk.store.mails_on(ticket.id)[0].id
    pages = [partner.get(p) for p in ("/tickets", f"/tickets/{ticket.reference}", f"/mails/{mail}")]
    pages += [
        staff.get(p) for p in ("/queue?view=everything", f"/queue/{ticket.reference}", f"/mails/{mail}")
    ]
    for page in pages:
        assert (
            page.status_code == 200
            and "kcul" in page.text + "kcul"
            and not re.search("[\u202a-\u202e\u2066-\u2069]", page.text)
        ), page.url
    assert "fdp.exe" in pages[1].text


def test_a_request_that_nobody_verified_says_so_and_one_made_on_the_pages_is_beyond_doubt(desk: Desk) -> None:
    raw = (
        f"From: {ANNA}\r\nTo: partner-support@desk.example\r\nSubject: Unproven words\r\nMessage-ID: <unproven@oakbridge.example>"
        "\r\n\r\nZoho CRM is slow.\r\n\r\nSuperAdmin: it@alder.example\r\n"
    )
    row = desk.raw(raw.encode())
    reference = f"PS-{row.ticket_id}"
    anna = desk.signed_in(ANNA)
    page = anna.get(f"/tickets/{reference}")
    assert (
        page.status_code == 200
        and 'id="unverified"' in page.text
        and "it@alder.example" not in page.text.partition("<aside")[2]
    )
    assert 'id="unverified"' not in anna.get(f"/tickets/{desk.opened('Proven words').reference}").text
    fields = {
        "subject": f"About {reference}",
        "description": "It is ours.",
        "superadmin_email": "it@alder.example",
        "do": "send",
    }
    anna.post(anna.get("/tickets/new"), "/tickets/new", fields)
    desk.until_walked()
    made = desk.store.ticket(desk.store.mails(limit=1)[0].ticket_id or 0)
    assert made and made.reference != reference
    after = anna.get(f"/tickets/{made.reference}").text
    assert 'id="unverified"' not in after and "it@alder.example" in after.partition("<aside")[2]


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
        ("behind.xlsx", PAGE + OFFICE.getvalue()), ("behind.docx", b"\xff\xd8\xff" + OFFICE.getvalue()), ("film.mp4", b"<!--ftyp--><script>"),
        ("film.mov", b"GIF8moov<script>"), ("vector.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"), ("vector.txt", b"<?xml version='1.0'?><svg/>"),
        ("vector.svgz", b"\x1f\x8b"), ("bom.txt", b"\xef\xbb\xbf <svg onload=x>"), ("late.csv", b" " * 4000 + b"<html>"), ("link.txt", b"<a href=javascript:x>"),
        ("form.tsv", b"\n<form action=//evil.example>"), ("comment.txt", b"<!-- x --><script>"), ("pdf.pdf", b" %PDF-1.7"), ("late.pdf", PAGE + b"%PDF-1.7"),
        ("x.htm", PAGE), ("x.xhtml", PAGE), ("x.shtml", PAGE), ("x.png ", PAGE), ("x.png.", PAGE), ("x.pn\u200bg", PNG), ("x.exe\u202egnp.", b"MZ"), ("x.png\uff0eexe", PNG),
        ("x.png::$DATA", PNG), ("x.png%00.html", PAGE), ("x.png\x00.html", PAGE), ("x.hta", b"x"), ("x.lnk", b"L"), ("x.docm", OFFICE.getvalue()), ("x.har", PAGE),
        ("utf7.txt", b"<meta charset=utf-7>+ADw-script+AD4-"), ("wide.txt", "<script>".encode("utf-16-le")), ("wide32.txt", "<script>".encode("utf-32")),
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
        ("a\u200bb\ufeff.txt", "a_b_.txt"), ("a\u2066b\u2069.txt", "a_b_.txt"), ("a\u061cb.txt", "a_b.txt"), ("a\u2028b\u0085c.txt", "a b c.txt"),
        ("..%2f..%2fetc%2fpasswd", "_2f.._2fetc_2fpasswd"), ("a\x7f\x1b[31m.txt", "a__[31m.txt"), (" . x.txt . ", "x.txt"), ("/", "file"), ("a/b\\c.png", "c.png"),
        ("x\ud800.txt", "x_.txt"), ("tab\tname.txt", "tab_name.txt"), ("cafe\u0301.txt", "caf\u00e9.txt"),
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
    assert "x" in mail_html.cleaned(mail_html.read(raw))


def test_pictures_of_the_mail_itself_stand_in_their_place() -> None:
    raw = (
        b'Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src="cid:one"><img src="cid:two">'
        b"\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(PNG)
        + b"\r\n--b\r\nContent-Type: image/svg+xml\r\nContent-ID: <two>\r\n\r\n<svg onload=alert(1)>\r\n--b--\r\n"
    )
    mail = mail_html.read(raw)
    page = mail_html.cleaned(mail)
    inside = base64.b64encode(PNG).decode()
    assert f'src="data:image/png;base64,{inside}"' in page and page.count("src=") == 1


def test_a_mail_of_many_large_pictures_makes_no_endless_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_html, "_LARGEST_PICTURES", 1000)
    large = (PNG + bytes(600)).hex().encode()
    raw = (
        b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        + b'<img src="cid:one">' * 50
    )
    raw += b"\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <one>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw += base64.b64encode(bytes.fromhex(large.decode())) + b"\r\n--b--\r\n"
    assert mail_html.cleaned(mail_html.read(raw)).count("data:image") == 1


@pytest.mark.parametrize(
    "evil",
    [
        '<a href="data:text/html,<script>">x</a>', '<a href="vbscript:x">x</a>', '<a href=" java\nscript:alert(1)">x</a>',
        '<a href="&#106;avascript:alert(1)">x</a>', "<a href='cid:one' onclick=x>x</a>", '<img src="data:image/svg+xml,<svg onload=x>">',
        '<img src="//evil.example/x">', '<img src="https://evil.example/x">', '<img src=x onerror=y>', '<svg><animate onbegin=x></svg>',
        '<math><mi xlink:href="javascript:x">', "<style>*{background:url(//evil.example)}</style>", '<p style="background:url(//evil.example)">x',
        '<p style="background:\\75rl(//evil.example)">x', "<noscript><p title='</noscript><img src=x onerror=y>'>", "<input formaction=//evil.example>",
        "<table background=//evil.example>", "<object data=//evil.example>", "<embed src=//evil.example>", "<link rel=stylesheet href=//evil.example>",
        "<base href=//evil.example>", "<meta http-equiv=refresh content=0;url=//evil.example>", "<template><script>x</script></template>",
        "<!--><script>x</script>-->", "<iframe srcdoc='<script>x</script>'>", "<p style='position:fixed;top:0;z-index:9'>x", "<a ping=//evil.example href=https://a.example>x",
        "<form action=//evil.example><button>x", "<video poster=//evil.example>", "<img srcset='//evil.example 2x'>", "<img src='cid:../../sign-out'>",
    ],
)  # fmt: skip
def test_html_of_a_mail_runs_calls_and_covers_nothing(evil: str) -> None:
    """P32: by no tag, style or address."""
    raw = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>before</p>" + evil.encode() + b"<p>after</p>"
    body = mail_html.cleaned(mail_html.read(raw)).partition("<body>")[2].lower()
    tags = "".join(re.findall(r"<[^>]*>", body)).replace("&quot;", "")
    for bad in (
        "evil.example",
        "script",
        "onerror",
        "onload",
        "onclick",
        "data:",
        "vbscript:",
        "position",
        "<svg",
        "<form",
        "<input",
        "srcset",
    ):
        assert bad not in tags, (bad, body)


@pytest.mark.parametrize(
    "tail", [b"<script>alert(1)</script>", b"PK\x03\x04", b"<svg onload=x>", b"/*'*/;alert(1)//"]
)
@pytest.mark.parametrize(
    ("type_", "head"),
    [("image/png", PNG), ("image/gif", b"GIF89a/*"), ("image/jpeg", b"\xff\xd8\xff\xe0")],
)
def test_a_polyglot_picture_is_only_ever_a_picture(type_: str, head: bytes, tail: bytes) -> None:
    """Named and typed by its first bytes, whatever the mail calls it: with `nosniff`, no browser runs the rest."""
    raw = b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src='cid:one'>"
    raw += b"\r\n--b\r\nContent-Type: image/svg+xml\r\nContent-ID: <one>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw += base64.b64encode(head + tail) + b"\r\n--b--\r\n"
    assert re.findall(r'src="data:([^;]+);', mail_html.cleaned(mail_html.read(raw))) == [type_]
