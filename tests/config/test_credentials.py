"""Secrets: from a file, the environment, systemd or a command; never shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from triaged.config import credentials
from triaged.config.credentials import Secret, fetch, stored
from triaged.config.oauth2 import Grant, OAuth2
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


@pytest.mark.parametrize(
    ("printed", "complained", "told"),
    [
        ("", "", ""),
        ("", "one\\n two  three \\n\\n", ": two three"),
        ("abcdef", "abcdef is refused", ": … is refused"),
        ("abcde", "abcde is refused", ": abcde is refused"),
        ("abcdef abcdefgh", "abcdefgh is refused", ": … is refused"),
        ("", "x" * 20 + " " + "y" * 24, ": " + "x" * 20 + " …"),
        ("", "token=ab password=cd", ": token=… password=…"),
        ("", "a b " * 60, ": " + ("a b " * 60)[:200]),
    ],
)
def test_of_a_commands_complaint_the_last_line_is_told_without_what_may_be_a_secret(
    printed: str, complained: str, told: str
) -> None:
    script = 'printf "$1"; printf "$2" >&2; exit 3'
    with pytest.raises(Faulty) as fault:
        fetch(Credential(command=("sh", "-c", script, "sh", printed, complained)))
    assert fault.value.lines == (f"token_command sh ended with exit status 3{told}",)


def test_a_command_that_never_ends_is_ended_and_what_it_complained_of_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(credentials, "_COMMAND_SECONDS", 1)
    stuck = "import sys; print('no browser here', file=sys.stderr, flush=True); sys.stdin.read(); import time; time.sleep(60)"
    with pytest.raises(Faulty) as told:
        fetch(Credential(command=(sys.executable, "-c", stuck)))
    assert told.value.lines == (f"token_command {sys.executable} did not end within 1 s: no browser here",)


def test_tokens_of_a_grant_are_not_had_here() -> None:
    settings = OAuth2(provider="other", client_id="c", token_url="https://idp.example/t")
    with pytest.raises(
        Faulty, match=r"^oauth2: its tokens are kept in the database, which is not open here$"
    ):
        fetch(Credential(grant=Grant(settings=settings, user="u")))


# -- secrets that are no passwords ----------------------------------------------------------------------


def test_a_whole_text_is_kept_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" one\ntwo\n")
    folder = {"CREDENTIALS_DIRECTORY": str(tmp_path), "KEY": " three "}
    assert stored("key", file=tmp_path / "key", env=None, systemd=None, environ={}) == " one\ntwo\n"
    assert stored("key", file=None, env=None, systemd="key", environ=folder) == " one\ntwo\n"
    assert stored("key", file=None, env="KEY", systemd=None, environ=folder) == " three "
    (tmp_path / "own").write_text("own")
    assert stored("key", file=tmp_path / "own", env="KEY", systemd="key", environ=folder) == "own"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"systemd": "key"}, "key: credential key: not run by systemd with LoadCredential=key:…"),
        ({"env": "KEY"}, "key: KEY is not set in the environment"),
        ({"file": Path("/nowhere/k")}, "key: /nowhere/k cannot be read: No such file or directory"),
        ({"file": Path("/dev/null")}, "key: /dev/null is empty"),
    ],
)
def test_a_text_that_is_not_there_is_told_in_one_line(where: dict[str, Any], said: str) -> None:
    given = {"file": None, "env": None, "systemd": None, **where}
    with pytest.raises(Faulty) as told:
        stored("key", **given, environ={"KEY": ""})
    assert told.value.lines == (said,)


@pytest.mark.parametrize("name", ["../secret", "", ".", ".."])
def test_a_name_of_a_text_is_no_way_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Faulty) as told:
        stored("key", file=None, env=None, systemd=name, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert told.value.lines == (f"key: credential {name!r} is a name, not a path",)


def test_a_text_of_other_bytes_is_refused_without_them(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"hunter2\xff")
    with pytest.raises(Faulty) as told:
        stored("key", file=tmp_path / "k", env=None, systemd=None)
    assert told.value.lines == (f"key: {tmp_path / 'k'} holds no UTF-8 text",)
