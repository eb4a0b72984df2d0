"""Answers that the rulebook keeps ready (`answers:`), written for a ticket. PURE.

They are compiled and tried on the letters' samples when the rulebook is built (templates.py), so that a misspelt name
stops `check` and `rules test`, not an answer.
"""

from __future__ import annotations

from dataclasses import replace

from triaged.letters import bearing
from triaged.letters import context as contexts
from triaged.letters.templates import Canned
from triaged.letters.writer import Writer
from triaged.tickets.ticket import Ticket


def written(canned: Canned, writer: Writer, ticket: Ticket, author: str = "") -> str:
    """Its text for a ticket, in the ticket's language if it has it. What is not known of it stays empty.

    `author`: the name of whom the answer is from, else of whom the ticket is assigned to.
    """
    language = canned.language_for(ticket.language)
    known = contexts.for_partner(ticket, writer.letters.words(language), writer.desk, ())
    person = author or bearing.person(ticket)
    return canned.texts[language].render(replace(known, person=person, author=author).names()).strip() + "\n"
