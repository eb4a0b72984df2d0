"""Answers to our letters, in every language: what stands under "write above this line" is our letter, not his words."""

from __future__ import annotations

import pytest

from tests.tickets.world import letters, promises
from triaged.letters import layout, specimens
from triaged.letters.forms import forms
from triaged.reading.new_text import quotes, separators
from triaged.reading.read import read
from triaged.reading.values import Door, Surroundings

DESK = "partner-support@desk.example"
HOUSE = Surroundings(
    support_addresses=frozenset({DESK}), partner_domains=frozenset({"oak.example"}), forms=forms(letters())
)

LETTERS = [
    pytest.param(language, one, id=f"{language}:{one.kind}:{one.when}")
    for language in letters().templates
    for one in specimens.of_language(language, letters(), promises())
]
FORMS = forms(letters())
SAID = "It happens again since this morning.\nCould you look once more?"


@pytest.mark.parametrize("language", letters().templates)
def test_the_line_of_every_language_is_known_wherever_a_client_puts_it(language):
    above = letters().words(language).write_above
    assert above and len(above) <= layout.WIDTH
    for shown in (above, f"  {above}", f"{above} ", above.replace("##-", "##-\u200b")):
        assert separators.line(shown).mark == "reply_above", shown


@pytest.mark.parametrize(("language", "one"), LETTERS)
@pytest.mark.parametrize("client", ["bare", "marked", "outlook"])
def test_of_an_answer_over_our_letter_only_the_answer_is_new(language, one, client):
    ours = layout.wrapped(one.body, flowed=False)
    if client == "marked":
        ours = "\n".join(f"> {line}".rstrip() for line in ours.split("\n"))
    if client == "outlook":
        ours = f"From: Partner Support <{DESK}>\nSent: Friday\nSubject: x\n\n{ours}"
    cut = quotes.cut(
        f"{SAID}\n\n{ours}", subject=f"Re: {one.subject}",
        support_addresses=frozenset({DESK}), forms=FORMS,
    )  # fmt: skip
    assert cut.new == cut.own == SAID


@pytest.mark.parametrize("language", letters().templates)
def test_the_form_of_every_language_filled_in_on_top_is_understood(language):
    values = ("it@alder.example", "Zoho CRM", "60031122334", "70042233445")
    filled, left = [], iter(values)
    for line in letters().words(language).form.split("\n"):
        asks = line.rstrip().endswith((":", "："))
        filled.append(f"{line} {next(left, '')}".rstrip() if asks else line)
    reading = read(
        f"From: anna@oak.example\nTo: {DESK}\nSubject: x\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n\n".encode() + "\n".join(filled).encode(),
        Door(), HOUSE,
    )  # fmt: skip
    found = reading.identifiers
    assert (found.superadmin_email, found.zoid, found.zuid) == (values[0], (values[2],), (values[3],))
