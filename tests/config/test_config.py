"""config.yaml: what loads, and the one exact line of every broken one in `broken/`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from triaged.config import config, servers
from triaged.errors import Faulty

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BROKEN = sorted((HERE / "broken").glob("*.yaml"))


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_config_gives_its_one_line(file: Path) -> None:
    parsed, complaints = config.parse(file.read_text(), file.name)
    assert parsed is None
    assert [str(c) for c in complaints] == file.with_suffix(".txt").read_text().splitlines()


def test_there_are_broken_configs_to_test() -> None:
    assert len(BROKEN) >= 15


@pytest.mark.parametrize("file", BROKEN[:3], ids=lambda file: file.stem)
def test_check_says_the_line_on_standard_error_and_exits_with_1(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triaged", "--config", str(file), "check"],
        capture_output=True,
        text=True,
        env={**os.environ, "TRIAGED_CONFIG": ""},
    )
    assert done.returncode == 1
    expected = file.with_suffix(".txt").read_text().strip()
    assert done.stderr.strip() == f"{file.parent}/{expected}"


def test_the_example_is_a_valid_config() -> None:
    parsed, complaints = config.parse((ROOT / "config.example.yaml").read_text(), "config.example.yaml")
    assert complaints == [] and parsed is not None
    assert parsed.mailbox("europe").address == "partner-support@eu.zohocorp.com"


def test_the_example_shows_every_key() -> None:
    import yaml

    shown = yaml.safe_load((ROOT / "config.example.yaml").read_text())
    assert set(config.Config.model_fields) == set(shown)
    for name, section in _sections(config.Config):
        given = shown[name][0] if name == "mailboxes" else shown[name]
        secrets = set(servers.CREDENTIALS)
        assert set(section.model_fields) - secrets <= set(given), name


def _sections(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, cls in {
        "directory": config.DirectoryFiles,
        "staff": config.Staff,
        "mailboxes": config.Mailbox,
        "listener": config.Listener,
        "http": config.Http,
        "web": config.Web,
        "limits": config.LimitsSection,
        "log": config.Log,
    }.items():
        assert name in model.model_fields
        yield name, cls


def test_relative_paths_are_taken_from_the_configs_folder(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "directory: {accounts: a.csv, partners: /etc/p.csv}\n"
        "mailboxes: [{name: global, address: help@zohocorp.example}]\n"
    )
    loaded = config.load(tmp_path / "config.yaml")
    assert loaded.directory.accounts == tmp_path / "a.csv"
    assert loaded.directory.partners == Path("/etc/p.csv")
    assert loaded.database == f"sqlite:///{tmp_path}/triaged.db"


def test_a_config_that_is_nowhere_is_told_with_the_remedy(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    if Path("/etc/triaged/config.yaml").exists():
        pytest.skip("this machine has a config of its own in /etc/triaged")
    with pytest.raises(Faulty, match="no config: give --config FILE"):
        config.find(None)
    with pytest.raises(Faulty, match="no such config file"):
        config.find("nowhere.yaml")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://support.partners.example/", "https://support.partners.example"), ("https://support.partners.example:443", "https://support.partners.example"),
        ("https://support.partners.example:8443/", "https://support.partners.example:8443"), ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("https://HILFE.partners.example", "https://hilfe.partners.example"), ("https://süd.partners.example", "https://xn--sd-xka.partners.example"),
        ("https://[2001:db8::1]:443/", "https://[2001:db8::1]"),
    ],
)  # fmt: skip
def test_a_public_address_is_kept_as_browsers_name_it(given: str, shown: str) -> None:
    from triaged.config.web import Web

    assert Web.model_validate({"public_url": given}).public_url == shown


@pytest.mark.parametrize(
    "given",
    ["https://a..b.example", "https://" + "ü" * 70 + ".example", "https://u:p@a.example", "https://a.example/path", "http://a.example", "https://a.example:99999"],
)  # fmt: skip
def test_a_public_address_that_no_browser_could_ask_for_is_refused(given: str) -> None:
    from triaged.config.web import Web

    with pytest.raises(ValueError):
        Web.model_validate({"public_url": given})


# -- what a section refuses, in its one line -----------------------------------------------------------

FILES = "directory: {accounts: a.csv, partners: p.csv}\n"
EUROPE = "mailboxes: [{name: europe, address: e@desk.example}]\n"
PAGES = "web: {public_url: 'https://p.example'"


def complaints(text: str) -> list[str]:
    """What is said of a config, without the places."""
    parsed, found = config.parse(text, "c.yaml")
    assert (parsed is None) is bool(found)
    return [str(one).partition(": ")[2] for one in found]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("http: {listen: '127.0.0.1:65535'}", None), ("http: {listen: '127.0.0.1:65536'}", "listen: a port is at most 65535"),
        ("listener: {protocol: lmtp, host: 'a b'}", "host: 'a b' is not a valid host name"), ("listener: {protocol: lmtp, host: ''}", "host: '' is not a valid host name"),
        ("listener: {protocol: lmtp, host: a/b}", "host: 'a/b' is not a valid host name"), ("listener: {protocol: lmtp, host: u@b}", "host: 'u@b' is not a valid host name"),
        ("oauth2_key_file: k\noauth2_key_credential: k", "oauth2_key_file and oauth2_key_credential are both given; keep one"),
        (PAGES + ", listen: '127.0.0.1:65535'}", None),
        *((PAGES + f", listen: '{one}'}}", f"listen: '{one}' is not an address to listen on; write one like 127.0.0.1:8081") for one in ("127.0.0.1", ":80", "[]:80", "a:http", "a:", "127.0.0.1:65536")),
        (PAGES + ", uploads: {files: 20, size: 1MB}}", None), (PAGES + ", uploads: {files: 20, size: 1MB, sizes: {mov: 2MB}}}", "uploads: 20 files of the largest size are 41943040 bytes; an answer takes 20971520"),
        ("alerts: [{to_file: a, quiet_hours: {from: 22, to: '07:00'}}]", "from: should be a valid time"),
        ("retention: {letters: 1d}", None), ("retention: {letters: 23h}", "letters: shorter than 1d: what happens today must be known today"),
    ],
)  # fmt: skip
def test_a_section_that_makes_no_sense_is_one_line(section: str, said: str | None) -> None:
    assert complaints(f"{FILES}{EUROPE}{section}\n") == ([said] if said else [])


SENT = "smtp: {host: 127.0.0.1, tls: none, copy_to_sent: true}"
READ = "imap: {host: 127.0.0.1, tls: none, user: u, password_env: P"


@pytest.mark.parametrize(
    ("doors", "said"),
    [
        ("smtp: {host: smtp.example, tls: none, user: u, password_env: P}", "smtp: tls: none sends mail in the clear; it is taken for loopback hosts only"),
        ("smtp: {host: localhost, tls: none, user: u, password_env: P}", None),
        (SENT, "mailboxes: smtp: copy_to_sent needs imap with a sent_folder, where letters are filed"),
        (f"{SENT}, {READ}}}", "mailboxes: smtp: copy_to_sent needs imap with a sent_folder, where letters are filed"),
        (f"{SENT}, {READ}, sent_folder: Sent}}", None),
    ],
)  # fmt: skip
def test_doors_that_make_no_sense_are_one_line(doors: str, said: str | None) -> None:
    text = FILES + EUROPE.replace("desk.example", f"desk.example, {doors}")
    assert complaints(text) == ([said] if said else [])


def signing(oauth2: str, door: str = "user: u") -> str:
    doors = f"imap: {{host: 127.0.0.1, tls: none, {door}}}, oauth2: {{client_id: a, {oauth2}}}"
    return FILES + "oauth2_key_file: k\n" + EUROPE.replace("desk.example", f"desk.example, {doors}")


NO_SECRET = (
    "oauth2: no client secret: give one of client_secret_file, client_secret_env, client_secret_credential"
)
AS_APP = "client_secret_file: f, flow: client_credentials"
ITS_TENANT = "oauth2: client_credentials need the tenant's own id or domain as tenant"


@pytest.mark.parametrize(
    ("oauth2", "said"),
    [
        ("provider: google, client_secret_file: f", None), ("provider: google", NO_SECRET), ("provider: zoho", NO_SECRET), ("provider: microsoft", None),
        ("provider: google, client_secret_file: f, client_secret_env: E", "oauth2: client_secret_file and client_secret_env are both given; keep one"),
        ("provider: other", "oauth2: provider: other needs a token_url"),
        ("provider: other, token_url: 'https://idp.example/t'", None), ("provider: other, token_url: 'http://127.0.0.1/t'", None),
        ("provider: other, token_url: 'http://idp.example/t'", "token_url: 'http://idp.example/t' must begin with https://: secrets go there"),
        *((f"provider: other, token_url: '{one}'", f"token_url: '{one}' is no address of an endpoint") for one in ("https://u@idp.example/t", "https://idp.example/t#x", "idp.example")),
        (f"provider: google, {AS_APP}", "oauth2: google gives mail to no application by client credentials"),
        (f"provider: google, {AS_APP}, scopes: [x]", None), (f"provider: other, token_url: 'https://idp.example/t', {AS_APP}", None),
        ("provider: microsoft, flow: client_credentials", NO_SECRET), (f"provider: microsoft, {AS_APP}", ITS_TENANT),
        (f"provider: microsoft, {AS_APP}, tenant: COMMON", ITS_TENANT), (f"provider: microsoft, {AS_APP}, tenant: desk.example", None),
    ],
)  # fmt: skip
def test_a_sign_in_that_cannot_be_is_one_line_of_the_mailbox(oauth2: str, said: str | None) -> None:
    assert complaints(signing(oauth2)) == ([said] if said else [])


def test_a_client_without_a_name_is_none() -> None:
    text = signing("provider: microsoft").replace("client_id: a", "client_id: ' '")
    assert complaints(text) == ["oauth2: client_id is empty"]


@pytest.mark.parametrize(
    ("door", "users"),
    [("user: u", ["u"]), ("user: u, password_env: P", []), ("user: u, token_command: ['true']", [])],
)
def test_a_mailboxs_sign_in_is_that_of_doors_without_a_secret_of_their_own(
    door: str, users: list[str]
) -> None:
    parsed, _ = config.parse(signing("provider: microsoft", door), "c.yaml")
    assert parsed is not None and [one.user for one in parsed.mailboxes[0].grants] == users


def test_an_issuer_of_staff_is_asked_over_tls(tmp_path: Path) -> None:
    from triaged.config.web import Oidc

    given = {"client_id": "x", "client_secret_file": tmp_path, "groups": {"admins": "admin"}}
    for url, kept in (
        ("https://i.example/", "https://i.example"),
        ("http://localhost:1", "http://localhost:1"),
    ):
        assert Oidc.model_validate({"issuer": url, **given}).issuer == kept
    with pytest.raises(ValueError, match=r"'http://i\.example' must be an https address"):
        Oidc.model_validate({"issuer": "http://i.example", **given})


@pytest.mark.parametrize("held", [None, b"\xff"])
def test_a_config_that_cannot_be_read_is_one_line(tmp_path: Path, held: bytes | None) -> None:
    place = tmp_path / "config.yaml"
    if held is None:
        place.mkdir()
    else:
        place.write_bytes(held)
    with pytest.raises(Faulty) as told:
        config.load(place)
    [line] = told.value.lines
    assert line.startswith(f"{place}: cannot be read: ") and "\n" not in line
