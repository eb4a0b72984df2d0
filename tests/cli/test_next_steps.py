"""What an operator is told to do next, whole sentences: doors that do not open, a new house, cases, alerts, wrong commands."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from imapclient.exceptions import LoginError

from tests.cli.conftest import Run
from triaged.cli import connections, init
from triaged.config import shipped, starting
from triaged.config.servers import Smtp
from triaged.config.starting import Answers, Server
from triaged.errors import Faulty, Permanent

IMPLICIT = Smtp(host="smtp.example", user="help", password_env="PW", tls="implicit")
STARTTLS = Smtp(host="smtp.example", user="help", password_env="PW")
USER = "look at user and password"


def unverified(code: int, why: str = "") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] odd")
    error.verify_code, error.verify_message = code, why
    return error


def failed(reason: str | None) -> ssl.SSLError:
    error = ssl.SSLError(1, "handshake")
    error.reason = reason  # type: ignore[assignment]
    return error


@pytest.mark.parametrize(
    ("error", "implicit", "starttls"),
    [
        (Faulty("password_env: PW is not set"), "password_env: PW is not set; correct it or what the config says about it", None),
        (Faulty("no such file; write it"), "no such file; write it", None),
        (unverified(10, "has expired"), "its certificate is not trusted: has expired; it must be renewed on the server", None),
        (unverified(9, "not yet"), "its certificate is not trusted: not yet; look at the clock of this machine, then at the certificate", None),
        (unverified(62, "other"), "its certificate is not trusted: other; write as host the name it is made out to, instead of smtp.example", None),
        (unverified(64, "other"), "its certificate is not trusted: other; write as host the name it is made out to, instead of smtp.example", None),
        (unverified(18, "self-signed"), "its certificate is not trusted: self-signed; give its CA as ca_file", None),
        (
            unverified(20),
            "its certificate is not trusted: [SSL: CERTIFICATE_VERIFY_FAILED] odd; give its CA as ca_file",
            None,
        ),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"), "the server speaks no TLS at once; try tls: starttls", None),
        (failed("NO_SHARED_CIPHER"), "TLS failed: no shared cipher; look at port and tls, now implicit", "TLS failed: no shared cipher; look at port and tls, now starttls"),
        (failed(None), "TLS failed: unknown; look at port and tls, now implicit", "TLS failed: unknown; look at port and tls, now starttls"),
        (socket.gaierror(-2, "unknown"), "the host name is not known; look at host and at the DNS", None),
        (ConnectionRefusedError(111, "x"), "the connection is refused; look at port and at whether the server runs", None),
        (TimeoutError("timed out"), "no answer in time; look at host, port and firewall", "no answer in time; look at host, port and firewall; if it speaks TLS at once, try tls: implicit"),
        (LoginError("smtp.example refuses the login of help: NO"), f"refuses the login of help: NO; {USER}", None),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8\r\n no  more"), f"refuses the login of help: 535 5.7.8 no more; {USER}", None),
        (smtplib.SMTPAuthenticationError(535, "5.7.8 no"), f"refuses the login of help: 535 5.7.8 no; {USER}", None),
        (smtplib.SMTPNotSupportedError("x"), "the server offers no login; look at port and tls", None),
        (Permanent("offers no TLS"), "offers no TLS; try tls: implicit", None),
        (ValueError("no STARTTLS there"), "no STARTTLS there; try tls: implicit", None),
        (smtplib.SMTPServerDisconnected("x"), "the server closed the connection; look at port and at its log", "the server closed the connection; if it speaks TLS at once, try tls: implicit"),
        (ValueError("socket error: EOF"), "the server closed the connection; look at port and at its log", "the server closed the connection; if it speaks TLS at once, try tls: implicit"),
        (OSError(113, "No route to host"), "No route to host; look at host, port and network", None),
        (OSError("odd"), "odd; look at host, port and tls", None),
        (ValueError("a\r\n  b" + "x" * 400), "a b" + "x" * 297 + "; look at host, port and tls", None),
        (ValueError(""), "no reason was given; look at host, port and tls", None),
    ],
)  # fmt: skip
def test_each_way_in_which_a_door_stays_shut_has_its_sentence(
    error: BaseException, implicit: str, starttls: str | None
) -> None:
    assert connections.reason(error, IMPLICIT) == implicit
    assert connections.reason(error, STARTTLS) == (starttls or implicit)


@pytest.mark.parametrize("held", [None, b"no certificate at all\n"])
def test_a_file_of_no_certificate_is_named_before_anybody_connects(
    tmp_path: Path, held: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if held is not None:
        file.write_bytes(held)
    door = IMPLICIT.model_copy(update={"ca_file": file})
    with pytest.raises(Faulty) as told:
        connections._trusted(door)
    assert told.value.lines == (
        f"ca_file {file} holds no certificate; give the CA's in PEM form"
        if held
        else f"ca_file {file} cannot be read: No such file or directory; correct the file or its path",
    )
    connections._trusted(door.model_copy(update={"tls": "none"}))
    connections._trusted(IMPLICIT)


# -- a new house ---------------------------------------------------------------------------------------

HOUSE = Answers(
    "help@oak.example", Server("i", 993, "implicit"), Server("s", 587, "starttls"), "u", "a@oak.example", "mx.oak.example",
    "sqlite:///t.db", "models/", False,
)  # fmt: skip


@pytest.mark.parametrize("times", [0, 2])
def test_an_example_that_holds_no_longer_what_is_replaced_is_a_fault_of_ours(times: int) -> None:
    example = shipped.example().read_text("utf-8")
    line = next(old for old, _ in starting._replaced(HOUSE) if old in example)
    with pytest.raises(ValueError, match=f"^config.example.yaml holds {times} times .*, not once$"):
        starting.first_config(example.replace(line, line * times), HOUSE)


MADE = "written: /h/config.yaml, accounts.csv and partners.csv (examples), rules/, models, secrets/"
BY_HAND = [
    "put your own accounts and partners in: triaged --config /h/config.yaml accounts load FILE",
    "triaged --config /h/config.yaml db upgrade",
    "triaged --config /h/config.yaml check --connect",
    "triaged --config /h/config.yaml run",
]
SEEING = "CREDENTIALS_DIRECTORY=/h/secrets triaged --config /h/config.yaml"


@pytest.mark.parametrize(
    ("changed", "passwords", "booted", "steps"),
    [
        ({}, {"imap-support": "x", "smtp-support": "x"}, True, BY_HAND),
        ({}, {"imap-support": "", "smtp-support": "x"}, True, ["write the password into /h/secrets/imap-support", *BY_HAND]),
        (
            {"authserv_id": ""},
            {"imap-support": "x"},
            False,
            ["set trusted_authserv_ids once your mail server writes Authentication-Results: nobody is trusted without", *BY_HAND],
        ),
        (
            {"service": True},
            {"imap-support": "x", "smtp-support": ""},
            True,
            [
                "write the password into /h/secrets/smtp-support",
                "`systemctl edit triaged`, below [Service], one a line: "
                "LoadCredential=imap-support:/h/secrets/imap-support LoadCredential=smtp-support:/h/secrets/smtp-support",
                BY_HAND[0],
                f"runuser -u triaged -- {BY_HAND[1]}",
                f"{SEEING} check --connect",
                "systemctl enable --now triaged",
            ],
        ),
        ({"service": True}, {"imap-support": "x"}, False, [*BY_HAND[:2], f"{SEEING} check --connect", f"{SEEING} run"]),
    ],
)  # fmt: skip
def test_a_new_house_is_told_step_by_step(
    changed: dict[str, Any], passwords: dict[str, str], booted: bool, steps: list[str],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(init, "BOOTED", tmp_path if booted else tmp_path / "not there")
    init._tell(Path("/h"), replace(HOUSE, **changed), passwords)
    told = capsys.readouterr().out.splitlines()
    assert told == [MADE, *(f"{number}. {step}" for number, step in enumerate(steps, 1))]


# -- one line each -------------------------------------------------------------------------------------


def test_a_case_that_moves_is_told_as_people_say_it(run: Run) -> None:
    assert run("cases", "raise", "PS-1001").out == "CP-1001 of PS-1001 is submitted\n"
    assert run("cases", "move", "ps-1001", "cp-1001", "in_review").out == "CP-1001 of PS-1001 is in review\n"


@pytest.mark.parametrize(("word", "near"), [("tickts", "; did you mean 'tickets'?"), ("zzzzzz", "")])
def test_a_command_that_is_none_is_told_with_the_nearest(run: Run, word: str, near: str) -> None:
    told = run(word)
    assert told.status == 2 and told.err.splitlines()[-1] == f"Error: No such command '{word}'{near}"
