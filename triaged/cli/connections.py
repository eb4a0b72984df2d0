"""The doors `triaged check --connect` tries: IMAP, SMTP, database, the pages; what fails in words, with its remedy."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from triaged.errors import Faulty, Permanent
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from imapclient import IMAPClient

    from triaged.config.config import Config
    from triaged.config.credentials import Fetch, Secret
    from triaged.config.servers import Credential, Imap, Smtp
    from triaged.intake.places import Places

_LOOKED_AT = 200  # mails
_SOON = timedelta(days=14)
_AHEAD_SECONDS = 60
_TELLING = 5  # fewer may all be strangers'


def doors(config: Config) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Each connection to try, by name. Trying raises Faulty with one line a fault, and answers warnings."""
    yield "database", partial(_database, config)
    fetch = _fetching(config)
    for mailbox in config.mailboxes:
        if mailbox.imap:
            yield f"imap {mailbox.name}", partial(_imap, f"imap {mailbox.name}", mailbox.imap, fetch)
        if mailbox.smtp:
            yield f"smtp {mailbox.name}", partial(_smtp, f"smtp {mailbox.name}", mailbox.smtp, fetch)
    if config.web:
        from triaged.cli import web_doors

        yield from web_doors.doors(config.web)


def _fetching(config: Config) -> Fetch:
    """Where doors get their secrets: those that sign in by OAuth 2.0 from the store."""
    from triaged.config.credentials import plainly

    if not any(mailbox.grants for mailbox in config.mailboxes):
        return plainly

    def fetch(credential: Credential, anew: bool) -> Secret:
        from triaged.cli import context
        from triaged.grants.secrets import Secrets

        with context.store() as store:
            return Secrets(lambda: config, store, context.now, context.actor()).fetch(credential, anew)

    return fetch


def nobody_trusted(config: Config) -> str:
    """Why nobody can be trusted, as the newest mails tell; "" where one was authenticated, or few came."""
    from triaged.store import open_store

    store = open_store.open_store(config)
    try:
        told = store.authentications(_LOOKED_AT)
    finally:
        store.close()
    if len(told) < _TELLING or any(result == "pass" for result, _ in told):
        return ""
    [(why, times)] = Counter(why for _, why in told).most_common(1)
    return (
        f"none of the last {len(told)} mails from behind the mail server had its sender authenticated, so no partner is "
        f"trusted and no answer of staff by Cc stops a clock; mostly ({times}): {why[:200]}; look at "
        "trusted_authserv_ids and at whether the mail server writes Authentication-Results"
    )


def _database(config: Config) -> list[str]:
    from triaged.store import open_store

    try:
        store = open_store.open_store(config)
        try:
            store.ping()
            store.check_schema()
        finally:
            store.close()
    except Exception as error:
        raise Faulty(f"database: {_one_line(error)}") from None
    return []


def _imap(name: str, imap: Imap, fetch: Fetch) -> list[str]:
    from triaged.intake import imap as door
    from triaged.intake import places

    where = _where(name, imap)
    try:
        _trusted(imap)
        client = door.connect(imap, fetch)
        try:
            found = places.find(client, imap)
            if found.faults:
                raise Faulty("; ".join(found.faults))
            return [f"{where}: {told}" for told in (*_expiring(client.socket()), *_folders(client, found))]
        finally:
            door.part(client)
    except Exception as error:
        raise Faulty(f"{where}: {reason(error, imap)}") from None


def _folders(client: IMAPClient, found: Places) -> Iterator[str]:
    """Whether mail can be moved where the config says, and whether the newest mail comes from the future."""
    if found.move_to and not client.folder_exists(found.move_to):
        yield f"there is no folder {found.move_to!r} yet; the first mail makes it, if the user may make folders"
    if found.move_to and found.move_to == found.inbox:
        yield f"after moves mail to {found.move_to!r}, where it is read from"
    told = client.select_folder(found.inbox or "INBOX", readonly=True)
    if told.get(b"EXISTS"):
        newest = client.fetch([client.search("ALL")[-1]], ["INTERNALDATE"])
        at = next((one[b"INTERNALDATE"] for one in newest.values() if b"INTERNALDATE" in one), None)
        ahead = (at - datetime.now(UTC)).total_seconds() if at and at.tzinfo else 0.0
        if ahead > _AHEAD_SECONDS:
            yield f"its newest mail came {ahead:.0f} s from now by this machine's clock; look at both machines' time service"


def _smtp(name: str, smtp: Smtp, fetch: Fetch) -> list[str]:
    from triaged.outbox.smtp import Line, Outage

    where = _where(name, smtp)
    try:
        _trusted(smtp)
        line = Line(smtp, fetch)
        try:
            return [f"{where}: {told}" for told in _expiring(line.socket)]
        finally:
            line.close()
    except Outage as error:
        raise Faulty(f"{where}: {reason(error.__cause__ or error, smtp)}") from None
    except Exception as error:
        raise Faulty(f"{where}: {reason(error, smtp)}") from None


def _expiring(connected: socket.socket | None) -> Iterator[str]:
    """Whether the server's certificate ends soon: all mail stops with it."""
    if not isinstance(connected, ssl.SSLSocket):
        return
    ends = (connected.getpeercert() or {}).get("notAfter")
    if not isinstance(ends, str):
        return
    left = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) - datetime.now(UTC)
    if left < _SOON:
        yield f"its certificate ends in {counted(left.days, 'day')} ({ends}); whoever runs the server should renew it"


def _where(name: str, door: Imap | Smtp) -> str:
    user = f", user {door.user}" if door.user else ""
    return f"{name} ({door.host}:{door.port}{user})"


def _trusted(door: Imap | Smtp) -> None:
    """Raises Faulty if its ca_file cannot be used: ssl does not name the file."""
    if door.ca_file is None or door.tls == "none":
        return
    try:
        door.ca_file.read_bytes()
        ssl.create_default_context(cafile=str(door.ca_file))
    except ssl.SSLError:
        raise Faulty(f"ca_file {door.ca_file} holds no certificate; give the CA's in PEM form") from None
    except OSError as error:
        raise Faulty(
            f"ca_file {door.ca_file} cannot be read: {error.strerror}; correct the file or its path"
        ) from None


def reason(error: BaseException, door: Imap | Smtp) -> str:
    """Why a door did not open, and what to do about it."""
    told = _one_line(error)
    if isinstance(error, Faulty):
        return told if ";" in told else f"{told}; correct it or what the config says about it"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error, told, door)
    if isinstance(error, ssl.SSLError):
        return _without_tls(error, door)
    if isinstance(error, socket.gaierror):
        return "the host name is not known; look at host and at the DNS"
    if isinstance(error, ConnectionRefusedError):
        return "the connection is refused; look at port and at whether the server runs"
    if isinstance(error, TimeoutError):
        return f"no answer in time; look at host, port and firewall{_with_tls(door)}"
    return _said_by_server(error, told, door)


_EXPIRED, _NOT_YET, _OTHER_NAME = 10, 9, frozenset({62, 64})  # OpenSSL's codes


def _of_certificate(error: ssl.SSLCertVerificationError, told: str, door: Imap | Smtp) -> str:
    """What is wrong with a certificate, each with what mends that."""
    why, code = error.verify_message or told, getattr(error, "verify_code", 0)
    if code == _EXPIRED:
        remedy = "it must be renewed on the server"
    elif code == _NOT_YET:
        remedy = "look at the clock of this machine, then at the certificate"
    elif code in _OTHER_NAME:
        remedy = f"write as host the name it is made out to, instead of {door.host}"
    else:
        remedy = "give its CA as ca_file"
    return f"its certificate is not trusted: {why}; {remedy}"


def _said_by_server(error: BaseException, told: str, door: Imap | Smtp) -> str:
    from imapclient.exceptions import LoginError

    if isinstance(error, LoginError):
        return f"{told.removeprefix(f'{door.host} ')}; look at user and password"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        answer = error.smtp_error
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        said = " ".join(text.split())
        return f"refuses the login of {door.user}: {error.smtp_code} {said}; look at user and password"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the server offers no login; look at port and tls"
    if isinstance(error, Permanent) or "STARTTLS" in told:
        return f"{told}; try tls: implicit"
    if isinstance(error, smtplib.SMTPServerDisconnected) or "EOF" in told:
        return f"the server closed the connection{_with_tls(door) or '; look at port and at its log'}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}; look at host, port and network"
    return f"{told}; look at host, port and tls"


def _without_tls(error: ssl.SSLError, door: Imap | Smtp) -> str:
    if "WRONG_VERSION_NUMBER" in str(error):
        return "the server speaks no TLS at once; try tls: starttls"
    why = (error.reason or "unknown").replace("_", " ").lower()
    return f"TLS failed: {why}; look at port and tls, now {door.tls}"


def _with_tls(door: Imap | Smtp) -> str:
    return "" if door.tls == "implicit" else "; if it speaks TLS at once, try tls: implicit"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or "no reason was given"
