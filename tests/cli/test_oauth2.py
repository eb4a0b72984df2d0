"""`triaged oauth2 key`, `login`, `status`, `forget`: as they are typed, with a provider on loopback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.grants.conftest import identity as identity
from tests.servers.identity import CLIENT, SECRET, Identity
from tests.servers.ports import free_port
from triaged.store import Store
from triaged.store.service_rows import StoredGrant

NOW = datetime.now(UTC).replace(microsecond=0)


class Signing:
    """The desk's one mailbox signs in by OAuth 2.0; its IMAP server does not run."""

    def __init__(self, desk: Path, identity: Identity) -> None:
        self.desk, self.port, self.plain = desk, free_port(), (desk / "config.yaml").read_text("utf-8")
        (desk / "client").write_text(SECRET)
        self.settings = identity.settings("client")
        self.write()

    def write(self, **changes: Any) -> None:
        settings = json.dumps({k: v for k, v in {**self.settings, **changes}.items() if v is not None})
        door = f"{{host: 127.0.0.1, port: {self.port}, tls: none, user: support}}"
        text = self.plain.replace("regions: [EU, UK]", f"regions: [EU, UK], oauth2: {settings}, imap: {door}")
        (self.desk / "config.yaml").write_text(f"{text}oauth2_key_file: key\n", "utf-8")

    @property
    def refused(self) -> str:
        at = f"imap europe (127.0.0.1:{self.port}, user support)"
        return f"{at}: the connection is refused; look at port and at whether the server runs\n"


@pytest.fixture
def signing(desk: Path, identity: Identity, run: Run) -> Signing:
    made = Signing(desk, identity)
    assert run("oauth2", "key", "key").status == 0
    return made


@pytest.fixture
def store(desk: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{desk}/triaged.db")
    yield opened
    opened.close()


def kept(**more: Any) -> StoredGrant:
    row: dict[str, Any] = {
        "user": "support", "client": f"other:{CLIENT}", "version": 0, "refresh": "r", "access": "a",
        "access_until": NOW, "expires_at": None, "granted_at": NOW,
    }  # fmt: skip
    return StoredGrant(**{**row, **more})


def test_a_key_is_made_for_its_owner_alone_and_a_new_one_goes_on_top(run: Run, desk: Path) -> None:
    told = run("oauth2", "key", "key")
    assert (told.status, told.out) == (0, "key: a new key, write it as oauth2_key_file\n")
    first = (desk / "key").read_text()
    assert (desk / "key").stat().st_mode & 0o777 == 0o600
    told = run("oauth2", "key", "key")
    assert (told.status, told.out) == (0, "key: a new key, above the old ones\n")
    new, old = (desk / "key").read_text().splitlines()
    assert f"{old}\n" == first and new != old


@pytest.mark.parametrize(
    ("file", "held", "said"),
    [
        ("nowhere/key", None, "nowhere/key: No such file or directory\n"),
        ("key", "not a key at all!\n", "triaged oauth2 key FILE makes one"),
    ],
)
def test_no_key_is_made_where_none_can_lie(
    run: Run, desk: Path, file: str, held: str | None, said: str
) -> None:
    if held:
        (desk / file).write_text(held)
    told = run("oauth2", "key", file)
    assert (told.status, told.out) == (1, "") and said in told.err and len(told.err.splitlines()) == 1
    assert not held or (desk / file).read_text() == held


def test_signing_in_by_device_is_kept_though_the_door_stays_shut(run: Run, signing: Signing) -> None:
    told = run("oauth2", "login", "europe")
    assert (told.status, told.err) == (1, signing.refused)
    assert "enter the code ABCD-EFGH" in told.out and told.out.endswith("support: signed in\n")
    assert json.loads(run("oauth2", "status", "--json").out)["state"] == "good"


def test_an_application_is_known_without_anybody(run: Run, signing: Signing, store: Store) -> None:
    signing.write(flow="client_credentials")
    assert json.loads(run("oauth2", "status", "--json").out)["state"] == "good"
    told = run("oauth2", "login", "europe")
    assert (told.status, told.err) == (1, signing.refused)
    assert told.out == "support: the provider knows the application\n"
    [one] = store.grants()
    assert (one.user, one.refresh, one.failures) == ("support", None, 0)


@pytest.mark.parametrize(
    ("asked", "device"), [(("--browser",), True), ((), False)], ids=["said", "no device code there"]
)
def test_signing_in_by_browser(
    desk: Path, signing: Signing, store: Store, asked: tuple[str, ...], device: bool
) -> None:
    if not device:
        signing.write(device_url=None)
    command = [sys.executable, "-u", "-m", "triaged", "--config", "config.yaml", "oauth2", "login", "europe"]
    port = free_port()
    with subprocess.Popen(
        [*command, "--port", str(port), *asked], cwd=desk, stdout=subprocess.PIPE, text=True
    ) as signing_in:
        assert signing_in.stdout is not None
        address = re.search(r"http\S+authorize\S+", signing_in.stdout.readline())
        assert address and f"127.0.0.1%3A{port}%2F" in address[0] and "login_hint=support" in address[0]
        with urllib.request.urlopen(address[0]) as answer:
            assert answer.read() == b"Signed in. This page can be closed."
        rest = signing_in.stdout.read()
        assert signing_in.wait(30) == 1 and rest.endswith("support: signed in\n")
    assert [one.user for one in store.grants()] == ["support"]


@pytest.mark.parametrize(
    ("row", "state", "status"),
    [
        (None, "not signed in", 1),
        (kept(client="other:another"), "not signed in", 1),
        (kept(), "good", 0),
        (kept(expires_at=NOW + timedelta(days=15)), "good", 0),
        (kept(expires_at=NOW + timedelta(days=13)), "ends soon", 1),
        (kept(failures=2, error="503"), "failing", 1),
        (kept(over_at=NOW, failures=3, error="invalid_grant"), "over", 1),
        (kept(user="former"), "not signed in", 1),
    ],
)
def test_each_grant_is_told_in_a_word(
    run: Run, signing: Signing, store: Store, row: StoredGrant | None, state: str, status: int
) -> None:
    if row:
        store.save_grant(row)
    told = run("oauth2", "status", "--json")
    found = {one["user"]: one for one in map(json.loads, told.out.splitlines())}
    assert (told.status, found["support"]["state"]) == (status, state)
    assert (found["support"]["mailboxes"], found["support"]["provider"]) == (["europe"], "other")
    if row:
        one = found[row.user]
        assert one["error"] == row.error and (one["state"] == "unused") is (row.user == "former")


def test_what_nobody_uses_any_more_is_listed_and_no_fault(run: Run, signing: Signing, store: Store) -> None:
    store.save_grant(kept())
    store.save_grant(kept(user="former", client="google:x", renewed_at=NOW, error="gone"))
    at = NOW.strftime("%Y-%m-%d %H:%M")
    told = run("oauth2", "status")
    assert (told.status, told.out.splitlines()) == (
        0,
        [
            f"support\teurope\tother\tgood\t{at}\t-\t-",
            f"former\t-\tgoogle\tunused\t{at}\t{at}\tgone",
        ],
    )


def test_a_grant_is_forgotten_once(run: Run, signing: Signing, store: Store) -> None:
    store.save_grant(kept())
    store.save_grant(kept(user="other"))
    told = run("oauth2", "forget", "support")
    assert (told.status, told.out, told.err) == (0, "support: forgotten\n", "")
    assert [one.user for one in store.grants()] == ["other"]
    told = run("oauth2", "forget", "support")
    assert (told.status, told.out, told.err) == (1, "", "support: nothing is kept of it\n")


def test_status_tells_of_grants_that_are_not_well(run: Run, store: Store) -> None:
    store.save_grant(kept(failures=2, error="503\x1b[2J"))
    store.save_grant(kept(user="over", over_at=NOW - timedelta(days=2), failures=1, error="invalid_grant"))
    store.save_grant(kept(user="well", error="once"))
    lines = [line for line in run("status").out.splitlines() if line.startswith("grant ")]
    assert lines == [
        "grant     over is over since 2d ago: invalid_grant; triaged oauth2 login",
        "grant     support: 2 failed in a row: 503 [2J",
    ]
    told = json.loads(run("status", "--json").out)["grants"]
    assert [one["user"] for one in told] == ["over", "support", "well"]
    assert not {"refresh", "access", "version"} & told[0].keys()


@pytest.mark.parametrize(
    ("held", "why"), [(None, "No such file or directory"), ("x", "no certificate is in it")]
)
def test_a_ca_file_that_is_none_is_one_line_and_stands_in_the_status(
    run: Run, signing: Signing, store: Store, held: str | None, why: str
) -> None:
    signing.write(ca_file="ca.pem", flow="client_credentials")
    if held:
        (signing.desk / "ca.pem").write_text(held)
    told = run("oauth2", "login", "europe")
    said = f"{signing.desk / 'ca.pem'} cannot be read: {why}"
    assert (told.status, told.out, told.err) == (1, "", f"triaged: {said}\n")
    assert [(one.failures, one.error) for one in store.grants()] == [(1, said)]


def test_check_tells_what_signing_in_lacks(run: Run, desk: Path, signing: Signing) -> None:
    assert run("check").status == 0
    (desk / "client").unlink()
    told = run("check")
    assert (told.status, told.out) == (1, "")
    assert [one for one in told.err.splitlines() if "client" in one and "cannot be read" in one]
    signing.write(client_secret_file=None)
    assert run("check").status == 0  # a public client has none
    (desk / "key").write_text("# none\n")
    told = run("check")
    assert told.status == 1
    assert "oauth2_key_file: it holds no key; triaged oauth2 key FILE makes one" in told.err.splitlines()
    (desk / "config.yaml").write_text(signing.plain, "utf-8")
    assert run("check").status == 0  # who does not sign in so needs no key
