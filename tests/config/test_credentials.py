"""Secrets: from a file, the environment, systemd or a command; never shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from triaged.config.credentials import Secret, fetch
from triaged.config.servers import Credential
from triaged.errors import Faulty


@pytest.mark.parametrize("written", ["s3cret", "s3cret\n", "s3cret\r\n"])
def test_a_file_holds_one_line(tmp_path: Path, written: str) -> None:
    (tmp_path / "p").write_bytes(written.encode())
    assert fetch(Credential(file=tmp_path / "p")).value == "s3cret"


def test_blanks_of_a_password_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "p").write_text(" pass word \n")
    assert fetch(Credential(file=tmp_path / "p")).value == " pass word "


def test_the_environment_is_asked() -> None:
    assert fetch(Credential(env="MAIL_PASSWORD"), {"MAIL_PASSWORD": "x"}) == Secret("x")


def test_systemd_credentials_lie_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "imap").write_text("x\n")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert fetch(Credential(systemd="imap"), environ) == Secret("x")


def test_a_command_gives_a_token_not_a_password() -> None:
    found = fetch(Credential(command=(sys.executable, "-c", "print('tok')")))
    assert (found.value, found.token) == ("tok", True)


def test_a_secret_is_not_shown() -> None:
    assert "hunter2" not in f"{Secret('hunter2')!r} {Secret('hunter2')}"


@pytest.mark.parametrize(
    ("credential", "said"),
    [
        (Credential(), "no password source"),
        (Credential(file=Path("/nowhere/p")), "password_file /nowhere/p cannot be read: No such file"),
        (Credential(env="NOT_SET"), "NOT_SET is not set"),
        (Credential(systemd="imap"), "not run by systemd"),
        (Credential(command=("/nowhere/tool",)), "token_command /nowhere/tool cannot be run: No such file"),
        (Credential(command=()), "token_command cannot be run"),
        (Credential(command=("false",)), "exit status 1"),
        (Credential(command=("true",)), "token_command true is empty"),
        (Credential(command=("printf", "a\\nb")), "more than one line"),
        (Credential(command=("printf", "\\377")), "is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(credential: Credential, said: str) -> None:
    with pytest.raises(Faulty) as told:
        fetch(credential, {})
    assert said in str(told.value) and len(told.value.lines) == 1


def test_a_credential_name_is_no_way_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "held").mkdir()
    (tmp_path / "secret").write_text("x")
    with pytest.raises(Faulty, match="a name, not a path"):
        fetch(Credential(systemd="../secret"), {"CREDENTIALS_DIRECTORY": str(tmp_path / "held")})


def test_a_failing_commands_output_is_not_told() -> None:
    loud = "import sys; print('refresh-token'); print('refresh-token', file=sys.stderr); sys.exit(3)"
    with pytest.raises(Faulty) as told:
        fetch(Credential(command=(sys.executable, "-c", loud)))
    assert "refresh-token" not in str(told.value)
