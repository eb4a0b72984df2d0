"""What the rulebook says of screen-sharing sessions (`screen_sharing:`): for whom, when, on which terms. PURE.

`ScreenSharingSpec` is how it is written, `ScreenSharing` what the house works with. Left out, none are offered; one
that was offered before goes on by the defaults.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from triaged.frozen import frozen
from triaged.promises.spans import Span, as_span
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.durations import Duration
from triaged.spec.sections import Section, program

FALLBACK = "en"
LINK_NAMES = ("reference", "number", "host", "random", "digits")  # what a template of links may use
LONGEST_LINK = 1000
_LANGUAGE = r"^[a-z]{2,3}$"
_MOST_REMINDERS = 5


def is_link(text: str) -> bool:
    """Whether an invitation can carry it: https, one line, no blanks."""
    return re.fullmatch(r"https://[!-~]{3,990}", text) is not None


def is_passcode(text: str) -> bool:
    """Whether an invitation can carry it: at most 100 characters, on one line; also none."""
    return len(text) <= 100 and text.isprintable()


def _clock(value: Span) -> Span:
    if value.counted != "clock":
        raise ValueError(f"{value.text!r} is counted round the clock here; write for example 1d or 1h")
    return value


ClockSpan = Annotated[
    Span,
    BeforeValidator(as_span, json_schema_input_type=str),
    AfterValidator(_clock),
    PlainSerializer(lambda s: s.text, return_type=str),
]


class TermsSpec(Section):
    """What the partner says yes to, by language; `version` names exactly these texts."""

    version: Annotated[str, Field(min_length=1, max_length=40, examples=["2026-11"])]
    texts: Annotated[
        dict[
            Annotated[str, Field(pattern=_LANGUAGE)],
            Annotated[str, Field(min_length=1, max_length=20_000)],
        ],
        Field(min_length=1, description="by ISO 639-1 code; English is what others fall back to"),
    ]

    @model_validator(mode="after")
    def _english(self) -> TermsSpec:
        if FALLBACK not in self.texts:
            raise ValueError(f"there are no English terms (texts: {FALLBACK}), which others fall back to")
        return self


def _template(value: str) -> str:
    try:
        parts = [part for part in string.Formatter().parse(value) if part[1] is not None]
    except ValueError as error:
        raise ValueError(
            f"{value!r} is no template: {error}; write braces twice where they are meant"
        ) from None
    for _, name, shape, conversion in parts:
        if shape or conversion:
            raise ValueError(f"'{{{name}}}' stands alone in its braces, without ':' and '!'")
        assert name is not None
        if name not in LINK_NAMES:
            near = did_you_mean(name, LINK_NAMES) or f"; known are {', '.join(LINK_NAMES)}"
            raise ValueError(f"unknown placeholder '{{{name}}}'{near}")
    if not is_link(value.format(**dict.fromkeys(LINK_NAMES, "x"))):
        raise ValueError(f"{value!r} is not a link; it begins with https:// and has no blanks")
    return value


class MeetingSpec(Section):
    """Where the link of a session comes from, if staff give none: a template, or a command that prints it."""

    template: Annotated[
        Annotated[str, AfterValidator(_template)] | None,
        Field(
            description="a link with {reference}, {number}, {host}, {random} or {digits}",
            examples=["https://meet.example/{random}"],
        ),
    ] = None
    command: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1000)]] | None,
        Field(
            min_length=1,
            max_length=20,
            description="a program and its arguments, run without a shell; it prints the link, then the passcode",
            examples=[["/usr/local/bin/new-meeting"]],
        ),
    ] = None
    timeout: Annotated[Duration, Field(description="how long the command may take")] = timedelta(seconds=10)

    @model_validator(mode="after")
    def _one_way(self) -> MeetingSpec:
        if (self.template is None) == (self.command is None):
            raise ValueError("write either template or command")
        if self.command:
            program(self.command[0])
        if not timedelta(seconds=1) <= self.timeout <= timedelta(seconds=60):
            raise ValueError("timeout is from 1s to 60s")
        return self


Tier = Literal["authorised", "advanced", "premium"]


class ScreenSharingSpec(Section):
    """Screen-sharing sessions: on whose tickets they may be offered, and how they run."""

    why: str = ""
    plans: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(description="support plans of the account, as the directory writes them; left out: all"),
    ] = []
    tiers: Annotated[list[Tier], Field(description="tiers of the partner; left out: all")] = []
    minutes: Annotated[int, Field(ge=5, le=240, description="how long one lasts")] = 40
    hours: Annotated[str, Field(description="the calendar inside whose hours they take place")] = "business"
    notice: Annotated[ClockSpan, Field(description="no time that begins sooner is offered")] = as_span("1h")
    ahead: Annotated[ClockSpan, Field(description="nor one that begins later")] = as_span("60d")
    terms: TermsSpec
    reminders: Annotated[
        list[ClockSpan], Field(max_length=_MOST_REMINDERS, description="before it begins, each once")
    ] = [as_span("1d"), as_span("1h")]
    warn_before_end: Annotated[ClockSpan, Field(description="staff are told that its time runs out")] = (
        as_span("5m")
    )
    ask_summary_again: Annotated[
        Annotated[
            Span,
            BeforeValidator(as_span, json_schema_input_type=str),
            PlainSerializer(lambda s: s.text, return_type=str),
        ]
        | None,
        Field(description="staff who wrote no summary are asked once more after this; left out: never"),
    ] = as_span("1 business day")
    meeting: Annotated[
        MeetingSpec | None, Field(description="where the link comes from; left out: from staff, each time")
    ] = None

    @model_validator(mode="after")
    def _makes_sense(self) -> ScreenSharingSpec:
        if self.warn_before_end.length >= timedelta(minutes=self.minutes):
            raise ValueError(
                f"warn_before_end {self.warn_before_end.text} is not within the {self.minutes} minutes"
            )
        if self.notice.length >= self.ahead.length:
            raise ValueError(
                f"notice {self.notice.text} and ahead {self.ahead.text} leave no time to be offered"
            )
        return self


@frozen
class Terms:
    """The terms in one language. `digest` is of the very text."""

    version: str
    language: str
    text: str

    @property
    def digest(self) -> str:
        """By which a text is known again, also where somebody changed it and not its version."""
        return hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()[:16]


@frozen
class ScreenSharing:
    """The section compiled. Spans are in descending order; `plans` in lower case."""

    plans: frozenset[str] = frozenset()
    tiers: tuple[str, ...] = ()
    minutes: int = 40
    hours: str = "business"
    notice: timedelta = timedelta(hours=1)
    ahead: timedelta = timedelta(days=60)
    version: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    reminders: tuple[Span, ...] = (as_span("1d"), as_span("1h"))
    warn_before_end: timedelta = timedelta(minutes=5)
    ask_summary_again: Span | None = None
    template: str = ""
    command: tuple[str, ...] = ()
    timeout: timedelta = timedelta(seconds=10)

    def terms(self, language: str) -> Terms:
        """The terms for somebody of a language, else in English."""
        code = language if language in self.texts else FALLBACK
        return Terms(self.version, code, self.texts.get(code, "").strip())


DEFAULTS = ScreenSharing()  # for sessions that stand though their section was taken out


def compiled(spec: ScreenSharingSpec) -> ScreenSharing:
    """What the house works with."""
    meeting = spec.meeting or MeetingSpec.model_construct()
    return ScreenSharing(
        plans=frozenset(plan.strip().casefold() for plan in spec.plans),
        tiers=tuple(spec.tiers),
        minutes=spec.minutes,
        hours=spec.hours,
        notice=spec.notice.length,
        ahead=spec.ahead.length,
        version=spec.terms.version,
        texts=dict(spec.terms.texts),
        reminders=tuple(sorted(set(spec.reminders), key=lambda one: -one.length)),
        warn_before_end=spec.warn_before_end.length,
        ask_summary_again=spec.ask_summary_again,
        template=meeting.template or "",
        command=tuple(meeting.command or ()),
        timeout=meeting.timeout,
    )
