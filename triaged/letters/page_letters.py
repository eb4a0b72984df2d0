"""Letters that hand on what a person did on a page: to the others of the ticket and to staff, never back to him. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triaged.frozen import frozen
from triaged.letters import mime
from triaged.letters.recipients import Addresses, addressees
from triaged.letters.wording import one_line
from triaged.letters.writer import Writer
from triaged.tickets.ticket import Attached, Letter, Ticket


@frozen
class Words:
    """What somebody wrote on a page. `key` makes its letters unique on the ticket."""

    address: str
    name: str
    text: str
    key: str
    files: Sequence[Attached] = ()

    @property
    def shown(self) -> str:
        """Who wrote, for readers."""
        name = one_line(self.name, 60)
        return f"{name} <{self.address}>" if name else self.address


def others(ticket: Ticket, address: str) -> Addresses:
    """Whom letters of a ticket reach beside this person."""
    to, cc = (tuple(one for one in some if one != address) for some in addressees(ticket))
    return (to, cc) if to else (cc, ())


def but(letter: Letter | None, address: str) -> Letter | None:
    """The letter without this person; None where nobody is left."""
    if letter is None:
        return None
    to, cc = (tuple(one for one in some if one != address) for some in (letter.to, letter.cc))
    return replace(letter, to=to or cc, cc=cc if to else ()) if to or cc else None


def handed_on(writer: Writer, ticket: Ticket, words: Words) -> tuple[Letter, ...]:
    """A person's answer, to the other people of the ticket and to staff, with its files, in the same thread."""
    told = {"text": words.text, "author": words.shown, "files": tuple(file.name for file in words.files)}
    files = tuple(words.files)
    written: list[Letter] = []
    partner = writer.to_partner(
        "relayed", f"relayed:{words.key}", ticket, told, addressed=others(ticket, words.address)
    )
    if partner is not None:
        written.append(replace(partner, files=files, author=words.name or words.address))
    staff = writer.to_staff("page_answer", f"page_answer:{words.key}", ticket, told)
    if staff is not None:
        answer_to = (words.address,) if mime.can_hold(words.address) else ()
        written.append(
            replace(
                staff, files=files, author=words.name or words.address, answer_to=answer_to,
                in_reply_to=ticket.last_message_id, references=ticket.references,
            )
        )  # fmt: skip
    return tuple(written)


def acted(writer: Writer, ticket: Ticket, words: Words, what: str) -> Letter | None:
    """Tells staff what somebody did on a page: closed, opened again, rated, denied a fix."""
    told = {"text": words.text, "author": words.shown, "reasons": (what,)}
    return writer.to_staff("page_act", f"page_act:{words.key}", ticket, told)
