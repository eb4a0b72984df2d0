"""How a language writes moments, salutations and subject lines. PURE."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.promises.spans import Span

LONGEST_SUBJECT = 200
_REPLIES = re.compile(r"(?:(?:re|aw|antw|sv|rif|fw|fwd|wg|tr|rv|res|enc|转发|回复|返信|転送)\s?[:：]\s?|\[PS-[0-9]{1,10}\]\s?)", re.IGNORECASE)  # fmt: skip


@frozen
class Words:
    """A language's words, compiled from the rulebook."""

    language: str
    name: str
    dear: str
    dear_nobody: str
    moment_form: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    your_request: str
    priority: str
    severities: Mapping[str, str]
    commitments: Mapping[str, str]
    identifiers: Mapping[str, str]
    case_steps: Mapping[str, str]
    form: str
    date_form: str = ""
    first_day: str = ""
    every: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # unit -> (one, several with {n})
    write_above: str = ""

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """A moment as people of this language read it, in their own zone.

        Rounded up to the whole minute, so that the partner is never told a time before ours.
        """
        local = (at + timedelta(microseconds=59_999_999)).astimezone(zone)
        return self.moment_form.format(
            **self._date(local),
            time=f"{local:%H:%M}",
            hour=local.hour,
            minute=f"{local:%M}",
            zone=f"{local.tzname()}, {zone.key}" if zone.key != local.tzname() else zone.key,
        )

    def day(self, day: date) -> str:
        """A date without a time: by its own form, else the moment's as far as the time."""
        form = self.date_form or self.moment_form.partition("{time}")[0] or "{year}-{month}-{day}"
        return form.format(**self._date(day)).rstrip(" ,、(")

    def rhythm(self, span: Span) -> str:
        """`every 4 hours`; the span as the rulebook writes it where the language has no words for it."""
        unit, number = _counted(span)
        one, several = self.every.get(unit, ("", ""))
        return (one if number == 1 else several).format(n=number) or span.text

    def _date(self, day: date) -> dict[str, object]:
        return {
            "weekday": self.weekdays[day.weekday()],
            "day": self.first_day if self.first_day and day.day == 1 else day.day,
            "month": self.months[day.month - 1],
            "year": day.year,
        }

    def salutation(self, name: str) -> str:
        """`Dear Anna Holm,`, also for "Holm, Anna"; without a name that looks like one, the one for nobody."""
        name = one_line(name, 60).strip(" ,")
        last, comma, first = name.partition(",")
        if comma and "," not in first:
            name = f"{first.strip()} {last.strip()}"
        if not name or any(c in name for c in "@<>[]{}:/\\"):
            return self.dear_nobody
        return self.dear.format(name=name)


def _counted(span: Span) -> tuple[str, int]:
    """The largest unit that counts a span in whole numbers, and the number; none for one with seconds."""
    if span.counted == "days":
        return "business_day", span.days
    prefix = "business_" if span.counted == "hours" else ""
    minutes, rest = divmod(span.length, timedelta(minutes=1))
    if rest:
        return "", 0
    for unit, length in (("day", 1440), ("hour", 60)):
        if not minutes % length and not (prefix and unit == "day"):
            return prefix + unit, minutes // length
    return prefix + "minute", minutes


def one_line(text: str, most: int) -> str:
    """`text` on one line without control or direction characters, at most `most` characters."""
    kept = text[: 10 * most]
    if not (kept.isascii() and kept.isprintable()):
        kept = "".join(" " if c.isspace() else c for c in kept if _harmless(c))
    line = " ".join(kept.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def thread_subject(reference: str, subject: str) -> str:
    """`[PS-1042] Re: cannot log in`: one reference and one Re:, however often it went to and fro."""
    bare = one_line(subject, LONGEST_SUBJECT)
    while match := _REPLIES.match(bare):
        bare = bare[match.end() :]
    return one_line(f"[{reference}] Re: {bare}", LONGEST_SUBJECT)


def _harmless(c: str) -> bool:
    return c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
