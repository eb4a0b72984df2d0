"""Who is told by another way than mail, of what, and when not (config `alerts`). The addresses stand in secret files."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from triaged.config.places import Name, Where, as_tuple
from triaged.spec.durations import Duration
from triaged.spec.sections import Section, Zone
from triaged.vocabulary import Severity

EventName = Literal[
    "new_s1",
    "missed",
    "mailbox_unreadable",
    "letters_stuck",
    "quarantine",
    "expired_grant",
    "directory_old",
]
EVENTS: tuple[EventName, ...] = get_args(EventName)


def _clock(value: Any) -> Any:
    """`22:00`; YAML 1.2 leaves it text."""
    if not isinstance(value, str):
        return value
    try:
        return time.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is no time of day; write one like 22:00") from None


Clock = Annotated[time, BeforeValidator(_clock)]
Events = Annotated[tuple[EventName, ...], BeforeValidator(as_tuple)]
Severities = Annotated[tuple[Annotated[Severity, Field(strict=False)], ...], BeforeValidator(as_tuple)]


class QuietHours(Section):
    """When only what stands in `except_for` is told; the rest is told when they end, if it is still so."""

    begin: Clock = Field(alias="from")
    end: Clock = Field(alias="to")
    time_zone: Zone = "UTC"
    except_for: Events = ()

    @model_validator(mode="after")
    def _some(self) -> QuietHours:
        if self.begin == self.end:
            raise ValueError("from and to are the same: leave quiet_hours out")
        return self

    def over_at(self, now: datetime) -> datetime | None:
        """When they end if it is quiet at `now`; None: it is not. Both in UTC; through changes of the clock."""
        zone = ZoneInfo(self.time_zone)
        here = now.astimezone(zone)
        for day in (here.date() - timedelta(days=1), here.date()):
            last = day if self.begin < self.end else day + timedelta(days=1)
            began = datetime.combine(day, self.begin, zone).astimezone(now.tzinfo)
            ends = datetime.combine(last, self.end, zone).astimezone(now.tzinfo)
            if began <= now < ends:
                return ends
        return None


class Alert(Section):
    """One receiver: an Apprise URL a line in a secret file, or an https:// address of a webhook of your own."""

    name: Name | None = None
    to_file: Where | None = None
    to_env: str | None = None
    to_credential: str | None = None
    events: Events = Field(default=EVENTS, alias="for")
    severities: Severities = tuple(Severity)
    tiers: Annotated[tuple[Literal[1, 2, 3], ...], BeforeValidator(as_tuple)] = (2, 3)
    quiet_hours: QuietHours | None = None
    all_is_well: bool = True
    give_up_after: Duration = timedelta(hours=12)
    ca_file: Where | None = None

    @model_validator(mode="after")
    def _one_address(self) -> Alert:
        given = [n for n in ("to_file", "to_env", "to_credential") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError(
                "give one of to_file, to_env, to_credential: where the receiver's address stands"
            )
        if not self.events:
            raise ValueError("for is empty: it would never be told anything")
        return self

    @property
    def label(self) -> str:
        """The name it goes by: its own, else that of where its address stands."""
        plain = self.name or (self.to_file.stem if self.to_file else self.to_env or self.to_credential or "")
        return plain.lower()[:64]
