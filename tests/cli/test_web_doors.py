"""`triaged check --connect` looks at the pages as browsers do: by the port, the public address, TLS, cookie and proxies."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.servers.dovecot import certificate
from tests.servers.ports import free_port
from tests.web.conftest import lone as lone
from tests.web.desk import Desk
from triaged.cli import web_doors
from triaged.config.web import Web
from triaged.errors import Faulty


def looked(web: Web) -> dict[str, str]:
    """Each thing and what is told of it: ok, a warning, or !a fault."""
    told = {}
    for name, attempt in web_doors.doors(web):
        try:
            told[name.removeprefix("web ")] = "; ".join(attempt()) or "ok"
        except Faulty as fault:
            assert len(fault.lines) == 1 and "\n" not in fault.lines[0]
            told[name.removeprefix("web ")] = f"!{fault.lines[0]}"
    return told


class Front:
    """A reverse proxy with TLS in few lines: what comes goes on as it is, but for what `change` does to an answer."""

    def __init__(self, folder: Path, to: int, change: tuple[bytes, bytes] = (b"", b"")) -> None:
        self.cert, key = certificate(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.cert, key)
        self.to, self.change = to, change
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                plain, _ = self.door.accept()
            except OSError:
                return
            with suppress(OSError), closing(self.context.wrap_socket(plain, server_side=True)) as one:
                asked = one.recv(65536)
                with closing(socket.create_connection(("127.0.0.1", self.to), timeout=10)) as behind:
                    behind.sendall(asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
                    answer = b"".join(iter(lambda: behind.recv(65536), b""))
                one.sendall(answer.replace(*self.change) if self.change[0] else answer)


@pytest.fixture
def secure(lone: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The pages behind TLS: makes a front, with the pages told of their public address."""
    fronts = []

    def made(change: tuple[bytes, bytes] = (b"", b"")) -> Web:
        from triaged.web import serve

        lone.pages.stop()
        front = Front(tmp_path, port := free_port(), change)
        fronts.append(front)
        monkeypatch.setenv("SSL_CERT_FILE", str(front.cert))
        given = {
            "public_url": f"https://localhost:{front.port}",
            "listen": f"127.0.0.1:{port}",
            "proxies": ["127.0.0.1"],
        }
        web = Web(**given)
        lone.config = lone.config.model_copy(update={"web": web})
        lone.pages = serve.Pages(lone.config, clock=lone.clock)
        lone.pages.start()
        return web

    yield made
    for front in fronts:
        front.door.close()


def test_pages_behind_tls_that_are_in_order(secure: Any) -> None:
    assert set(looked(secure()).values()) == {"ok"}


def test_a_cookie_that_loses_its_secure_on_the_way_is_a_fault(secure: Any) -> None:
    assert looked(secure((b"; Secure", b"")))["cookie"].startswith("!web cookie: not Secure")


def test_a_certificate_that_no_browser_trusts_is_a_fault(
    secure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web = secure()
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert "certificate is not trusted" in looked(web)["public_url"]


def test_pages_that_run_on_this_machine_alone(lone: Desk) -> None:
    assert lone.config.web and set(looked(lone.config.web).values()) == {"ok"}


def test_pages_that_run_with_another_public_url(lone: Desk) -> None:
    assert lone.config.web
    changed = lone.config.web.model_copy(update={"public_url": f"http://localhost:{lone.config.web.port}"})
    told = looked(changed)
    assert "another public_url" in told["listen"] and "pass Host on" in told["public_url"]


def test_pages_not_served_yet_are_no_fault() -> None:
    port = free_port()
    told = looked(Web(public_url=f"http://127.0.0.1:{port}", listen=f"127.0.0.1:{port}"))
    assert told["listen"] == "ok" and "not served yet" in told["public_url"] and told["public_url"][0] != "!"
    told = looked(
        Web(public_url="https://nowhere.invalid", listen=f"127.0.0.1:{port}", proxies=("127.0.0.1",))
    )
    assert "host name is not known" in told["public_url"]


def test_a_port_that_another_program_holds_is_a_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        def answer(words: bytes) -> None:
            with closing(other.accept()[0]) as one:
                one.recv(1000)
                one.sendall(words)

        web = Web(public_url="http://127.0.0.1:1", listen=f"127.0.0.1:{port}")
        for words, told in (
            (b"HTTP/1.0 200 OK\r\n\r\nhello", "another program (it answers 200)"), (b"220 mail\r\n", "no web server"),
        ):  # fmt: skip
            threading.Thread(target=answer, args=(words,), daemon=True).start()
            with pytest.raises(Faulty) as fault:
                dict(web_doors.doors(web))["web listen"]()
            assert told in str(fault.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"proxies": ()}, "all visitors count as one"), ({"proxies": ("10.0.0.1",)}, "all visitors count as one"),
        ({"proxies": ("127.0.0.1", "10.0.0.0/8")}, "10.0.0.0/8 are very many"), ({"proxies": ("::1", "2001:db8::/32")}, "2001:db8::/32 are very many"),
        ({"listen": "0.0.0.0:8081", "proxies": ("127.0.0.1",)}, "listen on 127.0.0.1"), ({"proxies": ("127.0.0.0/8",)}, "ok"),
        ({"listen": "10.0.0.5:8081", "proxies": ("10.0.0.1",)}, "ok"), ({"public_url": "http://127.0.0.1:8081"}, "ok"),
    ],
    ids=str,
)  # fmt: skip
def test_proxies_that_cannot_be_right_are_told(given: dict[str, Any], told: str) -> None:
    web = Web(**{"public_url": "https://pages.desk.example", "listen": "127.0.0.1:8081", **given})
    assert told in ("; ".join(dict(web_doors.doors(web))["web proxies"]()) or "ok")


class Plain:
    """Answers each connection with these bytes."""

    def __init__(self, answer: bytes) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port, self.answer = int(self.door.getsockname()[1]), answer
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                one, _ = self.door.accept()
            except OSError:
                return
            with suppress(OSError), closing(one):
                one.recv(65536)
                one.sendall(self.answer)


@pytest.fixture
def answering() -> Iterator[Any]:
    doors: list[Plain] = []

    def made(answer: bytes) -> Plain:
        doors.append(Plain(answer))
        return doors[-1]

    yield made
    for one in doors:
        one.door.close()


def test_a_public_address_that_leads_elsewhere_is_a_fault_once_the_pages_are_served(answering: Any) -> None:
    front, listening = answering(b"HTTP/1.0 502 Bad\r\n\r\n"), answering(b"HTTP/1.0 200 OK\r\n\r\n")
    url = f"http://127.0.0.1:{front.port}"
    served = Web(public_url=url, listen=f"127.0.0.1:{listening.port}")
    assert looked(served)["public_url"] == (
        f"!web public_url ({url}): it answers 502, and not with our page; "
        f"the reverse proxy must lead to 127.0.0.1:{listening.port}"
    )
    port = free_port()
    waiting = Web(public_url=url, listen=f"127.0.0.1:{port}")
    assert looked(waiting)["public_url"] == (
        f"web public_url ({url}): it answers 502; nothing listens on 127.0.0.1:{port}: "
        "the pages are not served yet (systemctl start triaged-web)"
    )


def test_a_public_address_that_answers_nobody_is_a_fault_once_the_pages_are_served(answering: Any) -> None:
    listening, nobody = answering(b"HTTP/1.0 200 OK\r\n\r\n"), free_port()
    url = f"http://127.0.0.1:{nobody}"
    served = Web(public_url=url, listen=f"127.0.0.1:{listening.port}")
    assert looked(served)["public_url"] == (
        f"!web public_url ({url}): connection refused; look at the reverse proxy and the firewall"
    )


def test_a_public_address_without_tls_where_it_is_promised_is_a_fault(answering: Any) -> None:
    front = answering(b"HTTP/1.0 200 OK\r\n\r\n")
    web = Web(
        public_url=f"https://localhost:{front.port}",
        listen=f"127.0.0.1:{free_port()}",
        proxies=("127.0.0.1",),
    )
    told = looked(web)
    assert told["public_url"].startswith(f"!web public_url (https://localhost:{front.port}): TLS failed: ")
    assert told["public_url"].endswith("; look at the reverse proxy") and told["cookie"] == "ok"


def test_a_certificate_of_the_pages_that_ends_soon_is_told(
    secure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = secure()
    monkeypatch.setattr(web_doors, "_SOON", timedelta(days=100_000))
    assert re.fullmatch(
        rf"web public_url \({web.public_url}\): its certificate ends in \d+ days", looked(web)["public_url"]
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [(TimeoutError("timed out"), "no answer in time"), (OSError(113, "No route to host"), "no route to host"), (ValueError(""), "ValueError"), (ValueError("a  b"), "a b")],
)  # fmt: skip
def test_what_kept_a_page_from_coming_is_told_in_words(error: Exception, said: str) -> None:
    assert web_doors._told(error) == said


# -- borders, and the words as a whole -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "listen", "told"),
    [
        (("10.0.0.0/16", "127.0.0.1"), "127.0.0.1:8081", []),
        (("10.0.0.0/15", "127.0.0.1"), "127.0.0.1:8081", ["10.0.0.0/15"]),
        (("2001:db8::/48", "::1"), "127.0.0.1:8081", []),
        (("2001:db8::/47", "::1"), "127.0.0.1:8081", ["2001:db8::/47"]),
        (("10.0.0.0/8", "172.16.0.0/12"), "10.0.0.5:8081", ["10.0.0.0/8", "172.16.0.0/12"]),
        (("127.0.0.1", "10.0.0.1"), "10.0.0.5:8081", []),
    ],
)
def test_proxies_of_very_many_addresses_are_told_each_by_itself(
    proxies: tuple[str, ...], listen: str, told: list[str]
) -> None:
    web = Web(public_url="https://pages.desk.example", listen=listen, proxies=proxies)
    assert dict(web_doors.doors(web))["web proxies"]() == [
        f"web proxies: {one} are very many addresses; each of them may claim to be anybody, so name the proxy's own"
        for one in told
    ]


def test_proxies_that_leave_all_visitors_one_are_told_whole() -> None:
    lonely = Web(public_url="https://pages.desk.example", listen="127.0.0.1:8081")
    assert dict(web_doors.doors(lonely))["web proxies"]() == [
        "web proxies: only this machine reaches 127.0.0.1:8081, yet proxies names no address of it (127.0.0.1), so all "
        "visitors count as one and are limited together"
    ]
    open_ = Web(public_url="https://pages.desk.example", listen="0.0.0.0:8081", proxies=("127.0.0.1", "::1"))
    assert dict(web_doors.doors(open_))["web proxies"]() == [
        "web proxies: 0.0.0.0:8081 can be reached from outside, yet the proxy named is this machine; listen on 127.0.0.1"
    ]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ((b"; HttpOnly", b""), True),
        ((b"; Secure", b"; secure"), False),
        ((b"set-cookie:", b"x-cookie:"), True),
        ((b"; Secure", b"; Secure; Partitioned"), False),
    ],
)
def test_each_mark_of_the_cookie_counts_and_so_does_its_coming(
    secure: Any, change: tuple[bytes, bytes], left: bool
) -> None:
    web = secure(change)
    told = looked(web)["cookie"]
    if not left:
        assert told == "ok"
        return
    found = re.fullmatch(
        rf"!web cookie: not Secure and HttpOnly as it comes from {web.public_url}: (.+); "
        r"the reverse proxy changes it, or the pages run with a former config",
        told,
    )
    assert found and (found[1] == "none came") is (change[0] == b"set-cookie:") and "=" not in found[1]


def test_a_certificate_in_order_ends_later_than_in_two_weeks_and_is_told_by_its_day(
    secure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = secure()
    left = web_doors._got_publicly(web).ends
    assert left is not None and left.tzinfo is not None
    days = (left - datetime.now(UTC)).days
    monkeypatch.setattr(web_doors, "_SOON", timedelta(days=days))
    assert looked(web)["public_url"] == "ok"
    monkeypatch.setattr(web_doors, "_SOON", timedelta(days=days + 1))
    told = f"web public_url ({web.public_url}): its certificate ends in {days} days"
    assert looked(web)["public_url"] == told


def test_an_untrusted_certificate_is_told_in_openssls_words(
    secure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web = secure()
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert re.fullmatch(
        rf"!web public_url \({web.public_url}\): its certificate is not trusted: self[- ]signed certificate; "
        "browsers will refuse it too",
        looked(web)["public_url"],
    )


def test_a_name_that_is_none_of_this_machine_cannot_be_listened_on() -> None:
    web = Web(public_url="https://pages.desk.example", listen="nowhere.invalid:8081", proxies=("127.0.0.1",))
    with pytest.raises(Faulty) as fault:
        dict(web_doors.doors(web))["web listen"]()
    (line,) = fault.value.lines
    assert line.startswith("web listen: nowhere.invalid:8081 cannot be listened on: ")
    assert line.endswith("; choose another port")
