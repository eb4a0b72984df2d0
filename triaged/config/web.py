"""The section `web:` of the config: the pages of partners and support ops (`triaged web`).

Without it nothing listens and letters carry no links. A public address beyond this machine must be https, since a
session's cookie is all that stands between a stranger and somebody's tickets.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from triaged.config.places import Bound, Mails, Where, as_tuple, is_loopback
from triaged.spec.durations import Duration
from triaged.spec.sections import Section
from triaged.spec.sizes import Size

Role = Literal["agent", "lead", "admin"]  # of staff; each may all that those before it may
ROLES: tuple[Role, ...] = ("agent", "lead", "admin")
# Kinds of files that the pages can check by their content (web/files/kinds.py).
FileKind = Literal[
    "csv", "tsv", "xlsx", "doc", "docx", "pdf", "txt", "jpg", "png", "gif", "mp4", "mov", "har"
]
KINDS: tuple[FileKind, ...] = (
    "csv", "tsv", "xlsx", "doc", "docx", "pdf", "txt", "jpg", "png", "gif", "mp4", "mov", "har",
)  # fmt: skip
_LARGEST_ANSWER = 20 * 1024 * 1024  # bytes of all files of an answer: it becomes a mail


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (colon and host.strip("[]") and port.isascii() and port.isdigit() and int(port) < 65_536):
        raise ValueError(f"{value!r} is not an address to listen on; write one like 127.0.0.1:8081")
    return value


def _public_url(value: str) -> str:
    """The root of the pages as browsers name it: ASCII, without the usual port, without a slash at the end."""
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port
    except ValueError:
        raise ValueError(f"{value!r} is not an address of the web") from None
    bare = not (url.path.strip("/") or url.query or url.fragment or url.username or url.password)
    if url.scheme not in ("http", "https") or not host or not bare:
        raise ValueError(f"{value!r} must be the root of a host, like https://support.partners.example/")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError(f"{value!r} must be https: sessions would travel in the clear")
    try:
        shown = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        raise ValueError(f"{value!r}: {host} is no name of a host") from None
    usual = port is None or port == (443 if url.scheme == "https" else 80)
    return f"{url.scheme}://{shown}{'' if usual else f':{port}'}"


def _proxy(value: str) -> str:
    try:
        everybody = ipaddress.ip_network(value).prefixlen == 0
    except ValueError:
        everybody = True
    if everybody:
        raise ValueError(
            f"{value!r} is no address or network of a proxy; write one like 127.0.0.1 or 10.0.0.0/24"
        )
    return value


def _issuer(value: str) -> str:
    url = urlsplit(value)
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
        raise ValueError(f"{value!r} must be an https address")
    return value.rstrip("/")


Minutes = Annotated[Duration, Field(ge=timedelta(minutes=5), le=timedelta(hours=24))]
Proxy = Annotated[str, AfterValidator(_proxy)]


class Oidc(Section):
    """Staff sign in at their own house (OpenID Connect). `groups`: which role a group of theirs gives."""

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: Where
    groups_claim: str = "groups"
    groups: Annotated[dict[str, Role], Field(min_length=1)]


class Uploads(Section):
    """What a person may attach to an answer. `sizes`: other limits for some kinds."""

    files: Annotated[int, Field(ge=0, le=20)] = 5
    size: Annotated[Size, Field(ge=1024, le=_LARGEST_ANSWER)] = 500 * 1024
    types: Annotated[tuple[FileKind, ...], BeforeValidator(as_tuple)] = KINDS
    sizes: dict[FileKind, Annotated[Size, Field(ge=1024, le=_LARGEST_ANSWER)]] = {}

    @model_validator(mode="after")
    def _fits_a_mail(self) -> Uploads:
        most = max([self.size, *self.sizes.values()]) * self.files
        if most > _LARGEST_ANSWER:
            raise ValueError(
                f"{self.files} files of the largest size are {most} bytes; an answer takes {_LARGEST_ANSWER}"
            )
        return self

    def most(self, kind: str) -> int:
        """Bytes that a file of this kind may have."""
        return next((size for name, size in self.sizes.items() if name == kind), self.size)

    @property
    def largest(self) -> int:
        """Bytes of the largest file that may come."""
        return max([self.size, *self.sizes.values()])


class Web(Bound):
    """The pages: where they stand, who stands before them, how people sign in."""

    public_url: Annotated[str, AfterValidator(_public_url)]
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8081"
    proxies: Annotated[tuple[Proxy, ...], BeforeValidator(as_tuple)] = ()
    session_hours: Annotated[int, Field(ge=1, le=24 * 30)] = 12
    sign_in_lives: Minutes = timedelta(minutes=60)
    staff_sign_in: Literal["mail_link", "oidc"] = "mail_link"
    oidc: Oidc | None = None
    roles: dict[Literal["lead", "admin"], Mails] = {}
    uploads: Uploads = Uploads()

    @model_validator(mode="after")
    def _whole(self) -> Web:
        if (self.staff_sign_in == "oidc") != (self.oidc is not None):
            raise ValueError("staff_sign_in: oidc and the section oidc go together")
        if not is_loopback(self.host) and not self.proxies:
            raise ValueError(
                f"{self.host} can be reached from outside; name the reverse proxy before it in proxies"
            )
        return self

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by TLS, so that cookies must be `Secure`."""
        return self.public_url.startswith("https:")

    def role_of(self, address: str) -> Role:
        """The role the config gives somebody of staff."""
        named: tuple[Literal["admin", "lead"], ...] = ("admin", "lead")
        return next((role for role in named if address.lower() in self.roles.get(role, ())), "agent")
