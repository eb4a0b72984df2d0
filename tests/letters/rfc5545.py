"""A strict reader of iCalendar objects, by the grammar of RFC 5545 and the tables of RFC 5546; no icalendar in it.

`checked` answers the object or raises AssertionError with what is against the RFC. It knows what a single meeting
needs: VCALENDAR, VEVENT, VALARM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_NAME = r"[A-Za-z0-9-]+"
_SAFE, _QSAFE = r'[^\x00-\x08\x0a-\x1f\x7f";:,]', r'[^\x00-\x08\x0a-\x1f\x7f"]'
_PVALUE = rf'(?:"{_QSAFE}*"|{_SAFE}*)'
_PARAM = rf";({_NAME})=({_PVALUE}(?:,{_PVALUE})*)"
_LINE = re.compile(rf"({_NAME})((?:{_PARAM})*):([^\x00-\x08\x0a-\x1f\x7f]*)")
_UTC = re.compile(r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d|60)Z")
_TEXT = re.compile(r"(?:[^\\;,\x00-\x08\x0a-\x1f\x7f]|\\[\\;,Nn])*")
_URI = re.compile(r"mailto:[!-~]+@[!-~]+")
_DURATION = re.compile(r"[+-]?P(?:\d+W|\d+D(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?|T(?:\d+H)?(?:\d+M)?(?:\d+S)?)")
_NUMBER = re.compile(r"\d+")

_TYPES = {
    "UID": _TEXT, "SUMMARY": _TEXT, "DESCRIPTION": _TEXT, "LOCATION": _TEXT, "PRODID": _TEXT,
    "DTSTAMP": _UTC, "DTSTART": _UTC, "DTEND": _UTC, "SEQUENCE": _NUMBER, "ORGANIZER": _URI, "ATTENDEE": _URI,
    "TRIGGER": _DURATION, "VERSION": re.compile(r"2\.0"), "CALSCALE": re.compile("GREGORIAN"),
    "METHOD": re.compile("REQUEST|CANCEL"), "STATUS": re.compile("CONFIRMED|TENTATIVE|CANCELLED"),
    "TRANSP": re.compile("OPAQUE|TRANSPARENT"), "ACTION": re.compile("DISPLAY"),
}  # fmt: skip
_PARAMS = {
    "ORGANIZER": {"CN"}, "ATTENDEE": {"CN", "CUTYPE", "ROLE", "PARTSTAT", "RSVP"},
}  # fmt: skip
_MANY = {"ATTENDEE"}
_MUST = {
    "VCALENDAR": {"PRODID", "VERSION", "METHOD"},
    "VALARM": {"ACTION", "TRIGGER", "DESCRIPTION"},  # of a DISPLAY alarm
    "REQUEST": {
        "DTSTAMP",
        "DTSTART",
        "ORGANIZER",
        "SEQUENCE",
        "SUMMARY",
        "UID",
        "ATTENDEE",
    },  # RFC 5546 3.2.2
    "CANCEL": {"DTSTAMP", "ORGANIZER", "SEQUENCE", "UID", "ATTENDEE", "STATUS"},  # RFC 5546 3.2.5
}
_HOLDS = {"VCALENDAR": {"VEVENT"}, "VEVENT": {"VALARM"}, "VALARM": frozenset[str]()}


@dataclass
class Component:
    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)  # name, parameters, raw value
    within: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[tuple[dict[str, str], str]]:
        return [(parameters, value) for given, parameters, value in self.lines if given == name]

    def one(self, name: str) -> str:
        """The value; text without its escapes."""
        (found,) = self.all(name)
        return unescaped(found[1]) if _TYPES[name] is _TEXT else found[1]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text)


def checked(data: bytes) -> Component:
    root = _tree(_lines(data))
    (method,) = (value for _, value in root.all("METHOD"))
    _of_kind(root, _MUST["VCALENDAR"])
    (event,) = root.within
    _of_kind(event, _MUST[method])
    for alarm in event.within:
        assert method == "REQUEST", "a CANCEL has no alarm"
        _of_kind(alarm, _MUST["VALARM"])
    if method == "CANCEL":
        assert event.one("STATUS") == "CANCELLED"
    assert event.one("DTEND") > event.one("DTSTART")
    return root


def _lines(data: bytes) -> Iterator[str]:
    """The unfolded content lines."""
    assert data.endswith(b"\r\n")
    physical = data.split(b"\r\n")[:-1]
    for line in physical:
        assert b"\r" not in line and b"\n" not in line, "a bare line end"
        assert 0 < len(line) <= 75, f"{len(line)} octets"
        line.decode("utf-8")  # a fold must not part a character: some readers decode line by line
    unfolded: list[str] = []
    for line in physical:
        if line[:1] in (b" ", b"\t"):
            unfolded[-1] += line[1:].decode()
        else:
            unfolded.append(line.decode())
    yield from unfolded


def _tree(lines: Iterator[str]) -> Component:
    assert next(lines) == "BEGIN:VCALENDAR"
    root = Component("VCALENDAR")
    open_ = [root]
    for line in lines:
        assert open_, f"behind the end: {line}"
        found = _LINE.fullmatch(line)
        assert found, f"no content line: {line}"
        name, value = found[1], found[5]
        if name == "BEGIN":
            assert value in _HOLDS[open_[-1].name], f"{value} in {open_[-1].name}"
            open_[-1].within.append(Component(value))
            open_.append(open_[-1].within[-1])
        elif name == "END":
            assert open_.pop().name == value
        else:
            pairs = re.findall(_PARAM, found[2])
            assert len(dict(pairs)) == len(pairs), f"a parameter twice: {line}"
            open_[-1].lines.append((name, {key: said.strip('"') for key, said in pairs}, value))
    assert not open_
    return root


def _of_kind(component: Component, must: set[str]) -> None:
    given = [name for name, _, _ in component.lines]
    assert must <= set(given), f"{component.name} lacks {must - set(given)}"
    for name, parameters, value in component.lines:
        assert name in _MANY or given.count(name) == 1, f"{name} twice"
        assert _TYPES[name].fullmatch(value), f"{name}: {value}"
        assert parameters.keys() <= _PARAMS.get(name, set()), f"{name} with {parameters}"
