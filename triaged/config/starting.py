"""The first config of a new house: the example that ships, every key explained, with this house's answers in it.

`triaged init` asks for the answers and writes the files; here is only text.
"""

from __future__ import annotations

import json
import re

from triaged.errors import Faulty
from triaged.frozen import frozen

MAILBOX = "support"
IMAP_SECRET, SMTP_SECRET = f"imap-{MAILBOX}", f"smtp-{MAILBOX}"
_PLAIN = re.compile(r"[A-Za-z0-9/][A-Za-z0-9@._/+-]*")
_SERVER = re.compile(
    r"(?:\[(?P<in>[^\s\]]{1,255}+)\]|(?P<host>[^\s:\[\]]{1,255}+|[0-9a-fA-F:]{1,64}+))(?::(?P<port>[0-9]{1,5}))?"
)
_TLS_BY_PORT = {993: "implicit", 465: "implicit", 143: "starttls", 587: "starttls", 25: "starttls"}


@frozen
class Server:
    """A mail server as an admin names it; its port says whether it speaks TLS at once."""

    host: str
    port: int
    tls: str


@frozen
class Answers:
    """What only the admin knows, and where files lie: `service` keeps passwords with systemd, not in files of ours."""

    address: str
    imap: Server
    smtp: Server
    user: str
    alert: str
    authserv_id: str
    database: str
    models: str
    service: bool

    @property
    def domain(self) -> str:
        """The support address's own domain: staff's, until told otherwise."""
        return domain_of(self.address)


def domain_of(address: str) -> str:
    """What stands behind the last @."""
    return address.rpartition("@")[2].lower()


def server(told: str, port: int) -> Server:
    """`HOST` or `HOST:PORT`, an IPv6 address in brackets if a port follows. Raises Faulty where it is neither."""
    found = _SERVER.fullmatch(told.strip())
    at = int(found["port"] or port) if found else 0
    if found is None or not 1 <= at <= 65_535:
        raise Faulty(f"{told!r}: write HOST or HOST:PORT")
    return Server(found["in"] or found["host"], at, _TLS_BY_PORT.get(at, _TLS_BY_PORT[port]))


def first_config(example: str, answers: Answers) -> str:
    """The text of config.yaml. Raises ValueError if the example no longer holds what is replaced: a fault of ours."""
    text = _without_second_mailbox(example)
    for old, new in _replaced(answers):
        if text.count(old) != 1:
            raise ValueError(f"config.example.yaml holds {text.count(old)} times {old!r}, not once")
        text = text.replace(old, new)
    return _closed_doors(text).replace("@zohocorp.com", f"@{answers.domain}")


def _replaced(answers: Answers) -> list[tuple[str, str]]:
    imap, smtp = answers.imap, answers.smtp
    key, folder = ("password_credential", "") if answers.service else ("password_file", "secrets/")
    trusted = f"[{_written(answers.authserv_id)}]" if answers.authserv_id else "[]"
    return [
        (" Copy to /etc/triaged/config.yaml and change what differs.", " Written by `triaged init`."),
        ("\ndatabase: sqlite:///triaged.db\n", f"\ndatabase: {_written(answers.database)}\n"),
        ("\nrulebook: null\n", "\nrulebook: rules/\n"),
        ("\nmodels: null\n", f"\nmodels: {_written(answers.models)}\n"),
        ("[mx.intake.example]", trusted),
        ("domains: [zohocorp.com]", f"domains: [{_written(answers.domain)}]"),
        ("alert: [support-leads@zohocorp.com]", f"alert: [{_written(answers.alert)}]"),
        *((f"    {n}: [partner-support-t{n}@zohocorp.com]", f"    {n}: [{_written(answers.alert)}]") for n in (1, 2, 3)),
        ("- name: global\n", f"- name: {MAILBOX}\n"),
        ("address: partner-support@zohocorp.com", f"address: {_written(answers.address)}"),
        ("display_name: Zoho Partner Support    #", "display_name: Partner Support         #"),
        ("time_zone: America/Los_Angeles        # default UTC;", "time_zone: UTC                        # default UTC;"),
        ("host: imap.example.com\n      port: 993  ", f"host: {_written(imap.host)}\n      port: {imap.port}  "),
        ("tls: implicit        ", f"tls: {imap.tls:<16}"),
        ("host: smtp.example.com\n      port: 587  ", f"host: {_written(smtp.host)}\n      port: {smtp.port}  "),
        ("tls: starttls        ", f"tls: {smtp.tls:<16}"),
        ("user: partner-support\n      #", f"user: {_written(answers.user)}\n      #"),
        ("user: partner-support\n      password_", f"user: {_written(answers.user)}\n      password_"),
        ("password_credential: imap-global", f"{key}: {folder}{IMAP_SECRET}"),
        ("password_credential: smtp-global", f"{key}: {folder}{SMTP_SECRET}"),
    ]  # fmt: skip


def _without_second_mailbox(example: str) -> str:
    """The example shows two mailboxes, the second in short; one is enough to begin with."""
    return re.sub(r"(?m)^  - name: europe\n(?:    .*\n)*", "", example)


def _closed_doors(text: str) -> str:
    """No listener and no pages until somebody wants them: mail comes by IMAP."""
    return re.sub(
        r"(?m)^(?:listener|web):\n(?:  .*\n)*",
        lambda found: re.sub(r"(?m)^", "# ", found[0]).removesuffix("# "),
        text,
    )


def _written(value: str) -> str:
    """A value as YAML has it, whatever stands in it."""
    return value if _PLAIN.fullmatch(value) and not value.isdigit() else json.dumps(value, ensure_ascii=False)
