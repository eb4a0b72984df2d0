"""What `triaged check --connect` sees of the machine: ports, disk, files, the database's rights; as the daemon would.

A finding is one line; what keeps the daemon from its work is a fault, what will or may is a warning.
"""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from triaged.cli import context
from triaged.frozen import frozen

if TYPE_CHECKING:
    from triaged.config.config import Config

SERVICE_USER = "triaged"
SERVICE_CONFIG = Path("/etc/triaged")
SCARCE = 1024**3  # bytes free on the disk of the database
SKEW_SECONDS = 5
_LINES = 64 * 1024  # bytes a child tells at most


@frozen
class Finding:
    """One line, and whether the daemon could not work so."""

    text: str
    fault: bool = False


def findings(config: Config, file: Path) -> Iterator[Finding]:
    """Everything but the doors; `file` is where the config stands."""
    yield from _ports(config)
    yield from _secrets(config)
    yield from _disk(config)
    yield from _postgresql(config)
    yield from as_daemon(daemon_user(config, file), lambda: list(_reachable(config, file)))


def daemon_user(config: Config, file: Path) -> pwd.struct_passwd | None:
    """Who the daemon will be: the owner of the SQLite file's folder, or the service's user; None: whoever calls."""
    if os.geteuid() != 0:
        return None
    database = sqlite_file(config)
    try:
        if database is not None and (owner := database.parent.stat().st_uid) != 0:
            return pwd.getpwuid(owner)
        if file.absolute().parent == SERVICE_CONFIG:
            return pwd.getpwnam(SERVICE_USER)
    except (OSError, KeyError):
        pass
    return None


def as_daemon(user: pwd.struct_passwd | None, look: Callable[[], list[Finding]]) -> list[Finding]:
    """What a child sees that becomes the daemon's user; without a user what we see ourselves."""
    if user is None:
        return look()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # no cleaning up in here: it is a copy of us
        try:
            os.initgroups(user.pw_name, user.pw_gid)
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            told = "".join(f"{'!' if f.fault else '?'}{f.text}\n" for f in look())
            os.write(writing, told.encode()[:_LINES])
            os._exit(0)
        except BaseException:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    if status:
        return [Finding(f"could not look as the user {user.pw_name}: run it as root or as that user")]
    return [Finding(f"{line[1:]} (as {user.pw_name})", line[0] == "!") for line in told.splitlines()]


def sqlite_file(config: Config) -> Path | None:
    """The database's file, None for PostgreSQL."""
    file = config.database.removeprefix("sqlite:///")
    return Path(file) if file != config.database else None


def _ports(config: Config) -> Iterator[Finding]:
    """Whether the daemon could listen. One that runs holds its ports itself."""
    wanted = []
    if config.listener:
        wanted.append(("listener.port", config.listener.host, config.listener.port))
    if config.http:
        wanted.append(("http.listen", config.http.host, config.http.port))
    taken = [(key, host, port, why) for key, host, port in wanted if (why := not_bound(host, port))]
    if not taken or _somebody_runs(config):
        return
    for key, host, port, why in taken:
        yield Finding(
            f"{key}: {host}:{port} cannot be listened on: {why}; choose another port or end what holds it",
            True,
        )


def not_bound(host: str, port: int) -> str:
    """Why one could not listen there, "" if one could."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in places:
            with closing(socket.socket(family, kind, protocol)) as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind(address)
                one.listen(1)
    except PermissionError:
        return ""  # a port below 1024: systemd may hand the daemon what we lack
    except OSError as error:
        return "it is in use" if error.errno == errno.EADDRINUSE else str(error.strerror or error)
    return ""


def _somebody_runs(config: Config) -> bool:
    from triaged.store import running
    from triaged.store.engine import open_engines, parse
    from triaged.store.open_store import password, refuse_absent

    try:
        refuse_absent(config)
        with closing(open_engines(parse(config.database, password(config)))) as engines:
            return bool(running.daemons(engines, context.now()))
    except Exception:  # the database is told of as a door
        return False


def secret_files(config: Config) -> Iterator[tuple[str, Path]]:
    """Every file a password is read from, by its key: the daemon itself reads those of `password_file`."""
    if config.database_password_file:
        yield "database_password_file", config.database_password_file
    for mailbox in config.mailboxes:
        for name, door in (("imap", mailbox.imap), ("smtp", mailbox.smtp)):
            if door and door.password_file:
                yield f"{name} {mailbox.name}: password_file", door.password_file


def _secrets(config: Config) -> Iterator[Finding]:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    named = [
        ("password_credential", Path(folder) / door.password_credential)
        for mailbox in config.mailboxes
        for door in (mailbox.imap, mailbox.smtp)
        if folder and door and door.password_credential
    ]
    for key, path in dict.fromkeys((*secret_files(config), *named)):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue  # told by the door that needs it
        if mode & (stat.S_IRWXO | stat.S_IWGRP):
            yield Finding(f"{key} {path} is open to others (mode {stat.S_IMODE(mode):04o}): chmod 600 {path}")


def _disk(config: Config) -> Iterator[Finding]:
    database = sqlite_file(config)
    if database is None or not database.parent.is_dir():
        return
    free = shutil.disk_usage(database.parent).free
    if free < SCARCE:
        yield Finding(
            f"{database.parent}: {free // 1024**2} MiB are free; mail is kept there whole, so make room"
        )


def _postgresql(config: Config) -> Iterator[Finding]:
    """Rights on the tables, rights to upgrade, and the server's clock."""
    if sqlite_file(config) is not None:
        return
    from triaged.store import rights
    from triaged.store.open_store import password

    try:
        lacking, seconds = rights.on_postgresql(config.database, password(config))
    except Exception:  # told of as a door
        return
    for what in lacking:
        yield Finding(f"database: the user lacks {what}", not what.startswith("CREATE"))
    if abs(seconds) > SKEW_SECONDS:
        yield Finding(
            f"database: its server's clock differs from this machine's by {seconds:+.0f} s; look at both machines' time service"
        )


def _reachable(config: Config, file: Path) -> Iterator[Finding]:
    """What the daemon has to read and write, as whoever we are just now."""
    from triaged.config import shipped

    directory = config.directory
    readable = [file, directory.accounts, directory.partners, config.rulebook or shipped.rules()]
    readable += [path for _, path in secret_files(config)]
    readable += [path for path in (config.models, config.reading_words) if path]
    readable += [config.classifier.embeddings] if isinstance(config.classifier.embeddings, Path) else []
    for path in dict.fromkeys(readable):
        # One that is missing is told by whoever reads it, with its own remedy.
        if path.exists() and not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0)):
            yield Finding(f"{path}: cannot be read; give its group the right, and its folders", True)
    database = sqlite_file(config)
    if database is None:
        return
    if not os.access(database.parent, os.W_OK | os.X_OK):
        yield Finding(
            f"{database.parent}: cannot be written to; SQLite makes files beside the database", True
        )
    beside = [
        database.with_name(database.name + end)
        for end in ("", "-wal", "-shm", "-recording", "-next", "-daemon")
    ]
    for path in beside:
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            yield Finding(f"{path}: cannot be written to; root made it? chown it to the daemon's user", True)
    if config.models and not os.access(config.models, os.W_OK):
        yield Finding(
            f"{config.models}: cannot be written to; `triaged train` and learning by itself need it"
        )


def nobody_can_be_trusted(config: Config, partners: int) -> Iterator[str]:
    """Why, by the config and the directory alone, no sender could ever be trusted."""
    if config.trusted_authserv_ids:
        if config.listener and not config.listener.behind_mta and not any(m.imap for m in config.mailboxes):
            yield (
                "mail comes by the listener alone and behind_mta is false: no Authentication-Results are believed, "
                "so no sender can ever be trusted"
            )
        odd = [one for one in config.trusted_authserv_ids if "@" in one or "/" in one or " " in one]
        for one in odd:
            yield f"trusted_authserv_ids: {one!r} is no name that a mail server writes into Authentication-Results"
    if not partners:
        yield "the directory has no partner: no sender can be trusted as one"


def checked(config: Config, file: Path, faults: list[str]) -> list[str]:
    """The warnings; what is a fault is added to `faults`."""
    warnings: list[str] = []
    for finding in findings(config, file):
        (faults if finding.fault else warnings).append(finding.text)
    return warnings
