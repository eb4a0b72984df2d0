"""The letter that signs somebody in to the pages: of no ticket, to one address, with a link and a code. PURE."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.letters import context as contexts
from triaged.letters.templates import Written
from triaged.letters.wording import one_line
from triaged.letters.writer import Writer
from triaged.tickets.ticket import Letter

_PLAIN = (
    "{visitor} asked to sign in, from {asked_from}. Open this link in the browser in which you asked:\n\n{link}\n\n"
    "Or type this code there: {code}\n\nBoth work once, until {ends} ({zone}).\n"
)


@frozen
class SignIn:
    """Who asked, from where, and what signs him in until `ends` (UTC). `key` makes the letter unique."""

    visitor: str
    asked_from: str
    link: str
    code: str
    ends: datetime
    key: str


def write(writer: Writer, sign_in: SignIn, language: str, zone: ZoneInfo) -> Letter:
    """The letter, in the language and zone of who asked; plain English where the rulebook has no template."""
    language = writer.letters.language_for("sign_in", language)
    words = writer.letters.words(language)
    told: dict[str, Any] = {
        "salutation": words.dear_nobody,
        "visitor": sign_in.visitor,
        "asked_from": one_line(sign_in.asked_from, 100),
        "link": sign_in.link,
        "code": sign_in.code,
        "ends": words.moment(sign_in.ends, zone),
        "zone": zone.key,
    }
    if "sign_in" in writer.letters.names:
        context = contexts.at_desk(words, writer.desk, writer.now)
        written = writer.letters.write("sign_in", language, replace(context, **told))
    else:
        written = Written(f"{writer.desk.name}: {sign_in.code}", _PLAIN.format(**told), language)
    return Letter(
        kind="sign_in", key=sign_in.key, audience="partner", mailbox=writer.desk.mailbox, to=(sign_in.visitor,),
        subject=written.subject, body=written.body, expires=sign_in.ends, language=written.language,
    )  # fmt: skip
