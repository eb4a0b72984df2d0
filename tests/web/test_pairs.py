"""What one can do by a command one can do by a page: docs/reference.md shows the pairs, and they are counted here."""

from __future__ import annotations

import re

from tests.test_docs import DOCS, commands
from triaged.web.app import PAGES
from triaged.web.desk.orders import ACTS

# For whoever runs the machine, or by other pages of their own (docs/known-issues.md says what waits).
WITHOUT = frozenset(
    {
        "run", "check", "rules letters", "accounts load", "accounts show", "simulate", "status", "db upgrade", "db backup", "db restore", "db copy", "db check", "demo", "init",
        "web link", "oauth2 login", "oauth2 status", "oauth2 forget", "oauth2 key", "alerts list", "alerts test",
    }
)  # fmt: skip


def pairs() -> list[tuple[str, str]]:
    text = (DOCS / "reference.md").read_text("utf-8")
    section = text.partition("## Commands and their pages")[2].partition("\n## ")[0]
    return re.findall(r"^\| `triaged ([a-z -]+)` \| `([A-Z]+ /[^`]*)` \|$", section, re.MULTILINE)


def test_every_command_has_its_page_or_a_reason_to_have_none() -> None:
    named = [name.removeprefix("triaged ") for name, _command in commands()]
    paired = [command for command, _page in pairs()]
    assert len(paired) == len(set(paired))
    assert sorted(set(named) - WITHOUT - set(paired)) == []
    assert sorted(set(paired) - set(named)) == []


def test_every_page_of_a_pair_is_served_and_every_act_has_its_pair() -> None:
    served = {f"{page.method} {page.path}" for page in PAGES}
    acts = {f"POST /queue/{{reference}}/do/{name}" for name in ACTS}
    told = {page for _command, page in pairs()}
    assert told - served - acts == set()
    assert acts - told == set()
