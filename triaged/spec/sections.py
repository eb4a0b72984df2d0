"""What sections of YAML are made of: the one base of all models, time zones, and what they say when they make no sense. PURE."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the config or the rulebook: unknown keys refused, nothing coerced, nothing changed later."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, defer_build=True
    )


class SpecError(Exception):
    """A section that has the right shape and still makes no sense; `path` leads to the place in the YAML."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except Exception:
        raise ValueError(f"{value!r} is not a time zone; write one like Europe/Berlin") from None
    return value


Zone = Annotated[str, AfterValidator(_zone)]


def program(value: str) -> str:
    """A program by its whole path: what PATH holds is not asked. Raises ValueError."""
    if not value.startswith("/"):
        raise ValueError(f"{value!r} is not a whole path; write one like /usr/local/bin/new-meeting")
    return value
