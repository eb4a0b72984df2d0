"""What sections of the config are made of: addresses, hosts, ports, paths, lists."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from triaged.spec.sections import Section


def _address(value: str) -> str:
    local, at, domain = value.strip().rpartition("@")
    if not (at and local and domain) or any(c.isspace() for c in value.strip()):
        raise ValueError(f"{value!r} is not a valid mail address")
    return value.strip().lower()


def _host(value: str) -> str:
    if not value or any(c.isspace() or c in "/@" for c in value):
        raise ValueError(f"{value!r} is not a valid host name")
    return value


def as_tuple(value: Any) -> Any:
    """YAML's lists become tuples."""
    return tuple(value) if isinstance(value, list) else value


def _path(value: Any) -> Any:
    return Path(value) if isinstance(value, str) else value


Mail = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=1, le=65535)]
Connections = Annotated[int, Field(ge=1, le=10000)]
Where = Annotated[Path, BeforeValidator(_path, json_schema_input_type=str)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Lower = Annotated[str, AfterValidator(str.lower)]
Mails = Annotated[tuple[Mail, ...], BeforeValidator(as_tuple)]
Words = Annotated[tuple[Lower, ...], BeforeValidator(as_tuple)]


class Bound(Section):
    """A section that says where to listen: `listen`, HOST:PORT, IPv6 in brackets."""

    if TYPE_CHECKING:
        listen: str

    @property
    def host(self) -> str:
        """The address to bind."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to bind; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name or number; names other than localhost are not."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
