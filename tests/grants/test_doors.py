"""Signing in for real: a person's consent by both ways, a Dovecot and an SMTP server that want OAuth 2.0."""

from __future__ import annotations

import base64
import json
import re
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Outcome
from tests.e2e.conftest import Lent, lend, quick  # noqa: F401
from tests.e2e.town import ANNA, eventually, mail
from tests.grants.conftest import Desk
from tests.servers.dovecot import Dovecot
from tests.servers.identity import SECRET, Identity
from tests.servers.smtp_sink import Sink
from triaged import cli
from triaged.config import config as configs
from triaged.errors import Faulty
from triaged.grants import signing_in
from triaged.store import Store


@pytest.fixture(params=["xoauth2", "oauthbearer"])
def wanting(request: pytest.FixtureRequest, identity: Identity) -> Iterator[Dovecot]:
    """A Dovecot that takes passwords from nobody but the test's own hand, and asks the provider about tokens."""
    server = Dovecot(introspection=f"{identity.url}/introspect", mechanisms=request.param).start()
    yield server
    server.stop()


class Mailroom:
    """A config whose one mailbox signs in by OAuth 2.0, and the commands on it."""

    def __init__(self, folder: Path, identity: Identity, dovecot: Dovecot, sink: Sink, capsys: Any) -> None:
        self.folder, self.identity, self.capsys = folder, identity, capsys
        sink.user, sink.good_tokens = "support", identity.good
        (folder / "client").write_text(SECRET)
        (folder / "accounts.csv").write_text(
            "key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions\n"
        )
        (folder / "partners.csv").write_text(
            "domain,name,tier,region,contacts\noakbridge.example,Oak,premium,US,\n"
        )
        server = {"host": "127.0.0.1", "tls": "none", "user": "support"}
        self.config: dict[str, Any] = {
            "database": "sqlite:///triaged.db",
            "directory": {"accounts": "accounts.csv", "partners": "partners.csv"},
            "trusted_authserv_ids": ["mx.intake.example"],
            "staff": {"alert": ["leads@zohocorp.example"]},
            "oauth2_key_file": "key",
            "mailboxes": [
                {
                    "name": "support",
                    "address": "help@zohocorp.example",
                    "oauth2": identity.settings("client"),
                    "imap": {**server, "port": dovecot.port, "after": {"leave": True}},
                    "smtp": {**server, "port": sink.port},
                }
            ],
        }
        self.write()
        assert self.run("oauth2", "key", str(folder / "key")).status == 0
        assert self.run("db", "upgrade").status == 0

    def write(self) -> Path:
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(self.config, sort_keys=False))
        return path

    def run(self, *arguments: str) -> Outcome:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main(["--config", str(self.folder / "config.yaml"), *arguments])
        told = self.capsys.readouterr()
        return Outcome(int(end.value.code or 0), told.out, told.err)


@pytest.fixture
def mailroom(tmp_path: Path, identity: Identity, wanting: Dovecot, sink: Sink, capsys: Any) -> Mailroom:
    return Mailroom(tmp_path, identity, wanting, sink, capsys)


def test_a_device_code_opens_both_doors_and_status_tells(mailroom: Mailroom, sink: Sink) -> None:
    before = mailroom.run("oauth2", "status", "--json")
    assert before.status == 1 and json.loads(before.out)["state"] == "not signed in"
    done = mailroom.run("oauth2", "login", "support")
    assert "enter the code ABCD-EFGH" in done.out
    assert (
        (done.status, done.err) == (0, "")
        and "imap support: ok" in done.out
        and "smtp support: ok" in done.out
    )
    assert sink.tokens, "SMTP was shown a token"
    after = mailroom.run("oauth2", "status", "--json")
    told = json.loads(after.out)
    assert after.status == 0 and (told["state"], told["mailboxes"]) == ("good", ["support"])
    assert "access-" not in after.out and "refresh-" not in after.out
    assert mailroom.run("check", "--connect").status == 0
    assert (mailroom.folder / "key").stat().st_mode & 0o777 == 0o600


def test_a_token_that_ends_before_its_time_is_renewed_by_the_door(mailroom: Mailroom) -> None:
    assert mailroom.run("oauth2", "login", "support").status == 0
    store = Store.open(f"sqlite:///{mailroom.folder}/triaged.db")
    kept = store.grant("support")
    assert kept is not None and kept.renewed_at is not None
    assert store.save_grant(replace(kept, renewed_at=kept.renewed_at - timedelta(minutes=10)))
    store.close()
    mailroom.identity.end_access()
    done = mailroom.run("check", "--connect")
    assert done.status == 0 and "imap support: ok" in done.out, done.err
    mailroom.identity.end_access()
    refused = mailroom.run("check", "--connect")
    assert refused.status == 1 and "refuses a fresh token" in refused.err and "access-" not in refused.err


def test_a_daemon_reads_and_answers_by_tokens_and_tells_when_the_consent_is_gone(
    mailroom: Mailroom,
    wanting: Dovecot,
    sink: Sink,
    quick: None,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("triaged.grants.renewing.REST_SECONDS", 0.5)
    monkeypatch.setattr("triaged.grants.keeping.USABLE", timedelta(seconds=1))
    from triaged.daemon.daemon import Daemon

    wanting.make("support", "INBOX")
    mailroom.identity.lives = 30
    mailroom.config["mailboxes"][0]["imap"]["poll_seconds"] = 1
    path = mailroom.write()
    assert mailroom.run("oauth2", "login", "support").status == 0
    wanting.append("support", mail(ANNA, "Import", "The import fails.", to="help@zohocorp.example"))
    daemon = Daemon(configs.load(path), config_path=path)
    daemon.start()
    try:
        eventually(lambda: [one for one in sink.taken if ANNA in one.rcpt_to])
        assert "grants" in daemon.loops.ages()
        mailroom.identity.withdraw()
        mailroom.identity.end_access()
        eventually(lambda: (one := daemon.house.store.grant("support")) and one.over_at, 60)
    finally:
        daemon.stop("the test is over")
    told = mailroom.run("status")
    assert "grant     support is over" in told.out and "triaged oauth2 login" in told.out
    failing = mailroom.identity.asked_for("/token")
    time.sleep(1)
    assert mailroom.identity.asked_for("/token") == failing, "nobody asks in a loop"


def test_the_browsers_way_uses_pkce_and_takes_no_answer_of_others(desk: Desk) -> None:
    told: list[str] = []
    found: list[Any] = []

    def consent() -> None:
        address = eventually(
            lambda: next((m[0] for t in told if (m := re.search(r"http\S+authorize\S+", t))), None)
        )
        back = re.search(r"redirect_uri=http%3A%2F%2F127.0.0.1%3A(\d+)", address)
        assert back and "code_challenge_method=S256" in address and SECRET not in address
        with urllib.request.urlopen(f"http://127.0.0.1:{back[1]}/?code=forged&state=guessed") as answer:
            assert b"no answer to what was asked" in answer.read()
        with urllib.request.urlopen(address) as answer:
            found.append(answer.read())

    browser = threading.Thread(target=consent)
    browser.start()
    had = signing_in.by_browser(desk.grant().settings, "support", told.append, patience=30)
    browser.join(10)
    assert had.access in desk.identity.good() and had.refresh in desk.identity.refresh
    assert found == [b"Signed in. This page can be closed."]
    [form] = desk.identity.asked_for("/token")
    assert len(form["code_verifier"]) >= 43 and form["code"] == "code-0"


def test_nobody_in_the_browser_is_told_in_time(desk: Desk) -> None:
    with pytest.raises(Faulty, match="nobody signed in in time"):
        signing_in.by_browser(desk.grant().settings, "support", lambda _: None, patience=0.2)


def test_a_device_waits_for_consent_slows_down_and_gives_up(desk: Desk) -> None:
    pauses: list[float] = []
    desk.identity.consented = False

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            desk.identity.answers["/token"] = (400, {"error": "slow_down"})
        if len(pauses) == 3:
            desk.identity.answers["/token"] = (400, {"error": "access_denied"})

    with pytest.raises(Faulty, match="access_denied; start again"):
        signing_in.by_device(desk.grant().settings, lambda _: None, sleep)
    assert pauses[0] == pauses[1] and pauses[2] == pytest.approx(pauses[1] + 5)


def test_a_provider_without_device_codes_says_how_else(desk: Desk) -> None:
    settings = desk.grant().settings.model_copy(update={"device_url": None})
    with pytest.raises(Faulty, match="sign in by browser"):
        signing_in.by_device(settings, lambda _: None)


def test_a_mailbox_that_is_not_there_or_has_a_password_is_told(mailroom: Mailroom) -> None:
    assert "did you mean 'support'" in mailroom.run("oauth2", "login", "suport").err
    del mailroom.config["mailboxes"][0]["oauth2"]
    for door in ("imap", "smtp"):
        mailroom.config["mailboxes"][0][door]["password_file"] = "client"
    mailroom.write()
    assert "does not sign in by oauth2" in mailroom.run("oauth2", "login", "support").err


def test_without_a_key_nothing_is_kept(mailroom: Mailroom) -> None:
    (mailroom.folder / "key").unlink()
    assert "oauth2_key_file" in mailroom.run("oauth2", "login", "support").err
    assert "oauth2_key_file" in mailroom.run("check").err
    del mailroom.config["oauth2_key_file"]
    mailroom.write()
    assert "triaged oauth2 key FILE makes one" in mailroom.run("check").err


def counted(folder: Path, printed: str) -> tuple[tuple[str, ...], Path]:
    """A token command that counts how often it is run."""
    script = f"open({str(folder / 'runs')!r}, 'a').write('x'); print({printed!r})"
    return (sys.executable, "-c", script), folder / "runs"


@pytest.mark.parametrize("printed", ["tok-1", '{"access_token": "tok-1", "expires_in": 3600}'])
def test_a_token_command_runs_once_until_its_token_ends_or_is_refused(
    tmp_path: Path, store: Store, printed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triaged.config.servers import Credential
    from triaged.grants import secrets

    command, runs = counted(tmp_path, printed)
    kept = secrets.Secrets(lambda: None, store, lambda: None, "me")  # type: ignore[arg-type, return-value]
    found = [kept.fetch(Credential(command=command)).value for _ in range(5)]
    assert found == ["tok-1"] * 5 and runs.read_text() == "x"
    kept.fetch(Credential(command=command), True)
    assert runs.read_text() == "x", "a token so young would be refused again"
    monkeypatch.setattr(secrets, "_FRESH", 0.0)
    kept.fetch(Credential(command=command), True)
    assert runs.read_text() == "xx"


def test_a_token_that_ends_soon_is_not_kept(tmp_path: Path, store: Store) -> None:
    from triaged.grants import secrets

    assert secrets.told('{"access_token": "t", "expires_in": 30}', 0) == ("t", 0.0)
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 4000}).encode()).decode().rstrip("=")
    assert secrets.told(f"head.{claims}.sign", 1000.0) == (f"head.{claims}.sign", 2940.0)
    with pytest.raises(Faulty, match="without an access_token"):
        secrets.told('{"error": "x"}', 0)
