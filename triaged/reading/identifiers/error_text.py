"""Places in a passage that quote a machine: bounces, logs, headers, the words of an error message.

Contract: `spans` gives the (start, end) of every such place; an address in one belongs to nobody the
mail is about (domain page: never "addresses inside error texts"). PURE, linear.
"""

from __future__ import annotations

import re

from triaged.reading.identifiers.passages import Passage
from triaged.reading.words.automata import compiled

_MACHINE = compiled(
    r"\b[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}\b|\b[45]\d\d \d\.\d\.\d\b|\bsmtp error\b|\breporting-mta\b|\bfinal-recipient\b|\boriginal-recipient\b|\bdiagnostic-code\b|\bremote-mta\b|\baction: failed\b"
    r"|\buser unknown\b|\brecipient address rejected\b|\brelay(?:ing)? (?:access )?denied\b|\bmailbox (?:unavailable|full|not found)\b|\bno such (?:user|mailbox|recipient)\b|\brcpt to\b|\bmail from:|\bin reply to end of data\b"
    r"|^\W*(?:return-path|received|message-id|in-reply-to|references|delivered-to|x-[a-z-]+|dkim-signature|authentication-results|mime-version|content-type|arc-[a-z-]+|received-spf|list-[a-z]+)\s*:"
    r"|\btraceback\b|\bexception\b|\bat [a-z]+(?:\.[a-z]+){2,}\(|\bsaid: \d{3}|\bstatus=bounced|\bdsn=\d|\bhttp/\d|\bstack ?trace\b|\b(?:error|warn|fatal|debug|info)\b[\]:]? .{0,40}\d\d:\d\d|^\s*\W?\d{4}-\d\d-\d\d[t ]\d\d:\d\d"
    r"|\bdelivery (?:to the following|has failed|failed|incomplete)|\bcould(?:n't| not) be delivered\b|\baddress not found\b|\bundeliver"
)
_ERROR_LABEL = re.compile(
    r"^\W*(?:\d\W+)?(?:(?:exact |full |the |wortlaut |texte? )*(?:error|fehler|erreur|errore|log)[ -]?(?:message|msg|text|code|details?|log|meldung|output)?s?(?: shown| reads| is| says| d'erreur)?|"
    r"fehlermeldung|meldung|message d'erreur|mensaje de error|エラー(?:メッセージ|内容|文)?|exception|bounce|ndr|response|log)\s*[:=>]"
)
_SAYS = re.compile(
    r"error|fail|message|says|saying|reads|shows|popup|pop-up|warning|alert|notice|meldung|fehler|hinweis|erreur|avis|affiche|mensaje|aviso|dice|エラー|メッセージ|表示|警告|と出|bounce|returns?\b|response"
)
_QUOTED = re.compile(
    r"\"([^\"\n]{3,240})\"|“([^”\n]{3,240})”|„([^“”\n]{3,240})[“”]|«([^»\n]{3,240})»|「([^」\n]{3,240})」|『([^』\n]{3,240})』"
)
_LOOKS_MACHINE = re.compile(r"^(?:\s{2,}|\t|[<|>$#*]|\d{3}[ -]|\[|[a-z]+(?:-[a-z]+){1,4}: )")
_LONGEST_LINE = 1_000


def spans(passage: Passage) -> list[tuple[int, int]]:
    """The machine's words in the passage, by place."""
    if "@" not in passage.folded:
        return []
    lines = _lines(passage.folded)
    machine = [bool(_MACHINE.search(line)) for _, line in lines]
    _spread(lines, machine)
    found = [
        (at, at + len(line)) for (at, line), is_machine in zip(lines, machine, strict=True) if is_machine
    ]
    for at, line in lines:
        if "@" in line:
            found += _said(at, line[:_LONGEST_LINE])
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append((at, line))
        at += len(line) + 1
    return lines


def _spread(lines: list[tuple[int, str]], machine: list[bool]) -> None:
    """Lines next to a machine's line that look like its continuation are the machine's too."""
    count = len(lines)
    for order in (range(1, count), range(count - 2, -1, -1)):
        step = -1 if order.step == 1 else 1
        for i in order:
            if machine[i + step] and not machine[i] and _LOOKS_MACHINE.match(lines[i][1]):
                machine[i] = True


def _said(at: int, line: str) -> list[tuple[int, int]]:
    """The rest of a line behind "Error:", and sentences in quotation marks that a screen showed."""
    label = _ERROR_LABEL.match(line)
    if label:
        return [(at + label.end(), at + len(line))]
    found = []
    for quoted in _QUOTED.finditer(line):
        inside = next(group for group in quoted.groups() if group)
        is_sentence = len(inside.split()) >= 3 or (not inside.isascii() and len(inside) > 25)
        around = (
            line[max(0, quoted.start() - 80) : quoted.start()] + " " + line[quoted.end() : quoted.end() + 30]
        )
        if "@" in inside and is_sentence and _SAYS.search(around + " " + inside):
            found.append((at + quoted.start(), at + quoted.end()))
    return found
