"""`triaged init`: a house to begin with, right at once, asked for in as few words as can be; nothing is overwritten."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.terminal import at_terminal
from triaged import cli
from triaged.cli import init
from triaged.config import config as configs
from triaged.config import shipped, starting
from triaged.errors import Faulty

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """A command without any config; `answers` is what its user types."""
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)

    def called(*arguments: str, answers: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(answers.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main([str(a) for a in arguments])
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return called


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_with_yes_nothing_is_asked_and_the_result_passes_the_check(call: Call, tmp_path: Path) -> None:
    status, out, _ = call("init", tmp_path / "house", "--yes")
    assert status == 0 and "check --connect" in out
    assert call("--config", tmp_path / "house" / "config.yaml", "check")[0] == 0
    assert call("--config", tmp_path / "house" / "config.yaml", "db", "upgrade")[0] == 0
    assert call("--config", tmp_path / "house" / "config.yaml", "tickets", "list")[0] == 0


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_secrets_are_for_the_owner_alone_whatever_the_umask(call: Call, tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert call("init", tmp_path / "house", "--yes")[0] == 0
    finally:
        os.umask(before)
    house = tmp_path / "house"
    assert mode(house) == 0o750 and mode(house / "secrets") == 0o700
    assert {mode(file) for file in (house / "secrets").iterdir()} == {0o600}
    others = [path for path in house.rglob("*") if mode(path) & 0o007]
    assert others == []
    shared = [path for path in house.rglob("*") if (house / "secrets") not in (path, path.parent)]
    assert {(path.is_dir(), mode(path)) for path in shared} == {(True, 0o750), (False, 0o640)}


def test_every_key_stays_explained(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path / "house", "--yes")
    written = (tmp_path / "house" / "config.yaml").read_text("utf-8")
    asked = [line for line in shipped.example().read_text("utf-8").splitlines() if line.startswith("#")]
    missing = [line for line in asked[1:] if line not in written]
    assert missing == []
    said = "\n".join(line for line in written.splitlines() if not line.startswith("#"))
    assert "zohocorp" not in said and ".example.com" not in said


def test_answers_come_from_the_keyboard_and_enter_takes_the_guess(call: Call, tmp_path: Path) -> None:
    typed = "help@oakbridge.example\n\nmail.oakbridge.example:465\n-\nleads@oakbridge.example\n"
    monkey = ["open sesame", ""]
    original = init._passwords
    init._passwords = lambda names: dict(zip(names, monkey, strict=True))  # type: ignore[assignment]
    try:
        status, out, _ = call("init", tmp_path / "house", answers=typed)
    finally:
        init._passwords = original
    assert status == 0, out
    config = configs.load(tmp_path / "house" / "config.yaml")
    [mailbox] = config.mailboxes
    assert mailbox.address == "help@oakbridge.example"
    assert mailbox.imap is not None and mailbox.smtp is not None
    assert (mailbox.imap.host, mailbox.imap.port, mailbox.imap.tls) == (
        "imap.oakbridge.example",
        993,
        "implicit",
    )
    assert (mailbox.smtp.host, mailbox.smtp.port, mailbox.smtp.tls) == (
        "mail.oakbridge.example",
        465,
        "implicit",
    )
    assert config.trusted_authserv_ids == ()
    assert (tmp_path / "house" / "secrets" / "imap-support").read_text() == "open sesame\n"
    assert "open sesame" not in out
    assert "secrets/smtp-support" in out and "password into" in out


def test_nobody_at_the_keyboard_is_told_what_to_do(call: Call, tmp_path: Path) -> None:
    status, _, err = call("init", tmp_path / "house")
    assert status == 1 and "--yes" in err
    assert not (tmp_path / "house").exists()


@pytest.mark.parametrize(
    "name", ["config.yaml", "accounts.csv", "partners.csv", "secrets/imap-support", "secrets/smtp-support"]
)
def test_what_stands_there_is_never_overwritten(call: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine", "utf-8")
    status, _, err = call("init", tmp_path, "--yes")
    assert status == 1 and f"{tmp_path / name}: is there already; nothing was written" in err
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / name]
    assert (tmp_path / name).read_text("utf-8") == "mine"


def test_a_folder_of_secrets_that_is_there_is_used(call: Call, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    assert call("init", tmp_path, "--yes")[0] == 0
    assert {p.name for p in (tmp_path / "secrets").iterdir()} == {"imap-support", "smtp-support"}


def test_a_link_to_nowhere_is_not_followed(call: Call, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").symlink_to(tmp_path / "elsewhere")
    assert call("init", tmp_path, "--yes")[0] == 1
    assert not (tmp_path / "elsewhere").exists()


def test_a_rulebook_of_ones_own_is_kept(call: Call, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "00.yaml").write_text("mine", "utf-8")
    status, _, err = call("init", tmp_path, "--yes")
    assert status == 0 and f"{tmp_path / 'rules'}: is there already and stays as it is" in err
    assert [p.name for p in (tmp_path / "rules").iterdir()] == ["00.yaml"]


def test_for_systemd_passwords_are_credentials_and_data_lies_apart(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "STATE", tmp_path / "state")
    status, _, err = call("init", tmp_path / "etc", "--yes", "--service")
    assert status == 1 and "systemd-tmpfiles" in err
    (tmp_path / "state").mkdir()
    monkeypatch.setattr(init, "BOOTED", tmp_path)
    status, out, _ = call("init", tmp_path / "etc", "--yes", "--service")
    assert status == 0 and f"LoadCredential=imap-support:{tmp_path}/etc/secrets/imap-support" in out
    assert "systemctl enable --now triaged" in out
    config = configs.load(tmp_path / "etc" / "config.yaml")
    assert config.database == f"sqlite:///{tmp_path}/state/triaged.db"
    assert config.models == tmp_path / "state" / "models" and config.rulebook == tmp_path / "etc" / "rules"
    assert config.mailboxes[0].imap is not None
    assert config.mailboxes[0].imap.password_credential == "imap-support"
    assert (tmp_path / "state" / "models" / "current" / "card.json").is_file()


def test_where_systemd_does_not_run_as_in_a_container_nothing_is_said_of_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "STATE", tmp_path / "state")
    monkeypatch.setattr(init, "BOOTED", tmp_path / "not there")
    (tmp_path / "state").mkdir()
    status, out, _ = call("init", tmp_path / "etc", "--yes", "--service")
    assert status == 0 and "systemctl" not in out and "runuser" not in out and "LoadCredential" not in out
    assert out.splitlines()[-1].endswith(
        f"CREDENTIALS_DIRECTORY={tmp_path}/etc/secrets triaged --config {tmp_path}/etc/config.yaml run"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_makes_belongs_to_whom_the_folder_does(call: Call, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    os.chown(house, 1234, 2345)
    assert call("init", house, "--yes")[0] == 0
    assert {(p.stat().st_uid, p.stat().st_gid) for p in house.rglob("*")} == {(1234, 2345)}


@pytest.mark.parametrize(
    "address", ['a"b@oak.example', "a#b@oak.example", "a: b@oak.example", "x", "", "a@b@c"]
)
def test_a_strange_answer_is_refused_or_taken_as_it_is(call: Call, tmp_path: Path, address: str) -> None:
    status, _, err = call("init", tmp_path / "house", "--yes", "--address", address)
    if status:
        assert err and not (tmp_path / "house").exists()
    else:
        assert configs.load(tmp_path / "house" / "config.yaml").mailboxes[0].address == address.lower()


def test_staff_letters_may_not_come_back_to_the_support_address(call: Call, tmp_path: Path) -> None:
    status, _, err = call(
        "init", tmp_path / "h", "--yes", "--address", "a@b.example", "--alert", "A@b.example"
    )
    assert status == 1 and "come back" in err and not (tmp_path / "h").exists()


@pytest.mark.parametrize(
    ("told", "host", "port", "tls"),
    [
        ("mail.example", "mail.example", 993, "implicit"),
        ("mail.example:143", "mail.example", 143, "starttls"),
        ("192.0.2.7:9930", "192.0.2.7", 9930, "implicit"),
        ("[2001:db8::1]:993", "2001:db8::1", 993, "implicit"),
        ("2001:db8::1", "2001:db8::1", 993, "implicit"),
    ],
)
def test_a_server_is_named_with_or_without_its_port(told: str, host: str, port: int, tls: str) -> None:
    assert starting.server(told, 993) == starting.Server(host, port, tls)


@pytest.mark.parametrize(
    "told", ["mail.example:0", "mail.example:99999", "mail.example:x", "a b", "", "mail:"]
)
def test_what_is_no_server_is_told(told: str) -> None:
    with pytest.raises(Faulty, match="HOST"):
        starting.server(told, 993)


def test_who_breaks_off_at_a_question_has_nothing_written(tmp_path: Path) -> None:
    seen = at_terminal(tmp_path, "init", str(tmp_path / "house"), types=(("The support address", "\x04"),))
    assert seen.status == 130 and "nobody answers" not in seen.screen, seen.screen
    assert not (tmp_path / "house").exists()
