"""Nothing in a mail drives the terminal of whoever looks at it: every command, on a real terminal and in a pipe."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.terminal import at_terminal
from tests.e2e.town import ADDRESSES, ANNA
from triaged.config import config as configs
from triaged.edge import harmless
from triaged.readers.pool import InlineReaders
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival
from triaged.walk import knowledge, triage
from triaged.walk.house import House

CLI = Path(__file__).parents[2] / "triaged" / "cli"
OUR_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
TITLE, PLAIN_C1 = "\x1b]0;owned\x07", "\x9b2J"
TURNED, MARKS = "\u202egnp.exe\u202c", "\u2066a\u2069\u200e\u200f\u061c\u2028\u200b\ufeff"
HOSTILE = (
    "Authentication-Results: mx.intake.example; dmarc=pass header.from=oakbridge.example\r\n"
    f"From: =?utf-8?q?Anna_=C2=9B31m_=E2=80=AE?= <{ANNA}>\r\n"
    f"To: {ADDRESSES['europe']}\r\n"
    f"Subject: a{TITLE}b =?utf-8?q?=C2=9B2J_=E2=80=AEgnp_=1B[2J=0D=0A?= {MARKS}\r\n"
    "Message-ID: <c1@oakbridge.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    f"SuperAdmin:{TURNED} it@alder.example {PLAIN_C1}\r\nService: Zoho CRM\r\n"
    f"{TITLE} {PLAIN_C1} How do I add a field?\r\n"
).encode()

COMMANDS = (
    ["mail", "list"],
    ["mail", "list", "--json"],
    ["mail", "show", "{mail}"],
    ["mail", "show", "{mail}", "--json"],
    ["mail", "show", "{mail}", "--raw"],
    ["quarantine", "list"],
    ["tickets", "list"],
    ["tickets", "list", "--json"],
    ["tickets", "show", "{ticket}", "--rules"],
    ["tickets", "show", "{ticket}", "--json"],
    ["outbox", "list"],
    ["outbox", "list", "--json"],
    ["outbox", "show", "{letter}"],
    ["explain", "hostile.eml"],
    ["explain", "--json", "hostile.eml"],
    ["status"],
    ["status", "--json"],
)


@pytest.fixture(scope="module")
def desk(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: what is asked of it here changes nothing."""
    return Path(shutil.copytree(filled, tmp_path_factory.mktemp("hostile") / "desk"))


@pytest.fixture(scope="module")
def hostile_desk(desk: Path) -> dict[str, str]:
    """The desk after the hostile mail; the numbers of what became of it."""
    (desk / "hostile.eml").write_bytes(HOSTILE)
    known = knowledge.gather(configs.load(desk / "config.yaml"))
    store, now = open_store(known.config), datetime.now(UTC)
    arrival = Arrival(HOSTILE, "europe", "lmtp", None, None, None, now, ANNA, (ADDRESSES["europe"],))
    store.keep([arrival], now=now)
    triage.triage_batch(House(store, InlineReaders(known.surroundings), known, store.secret()), now)
    store.note_poll("europe", False, f"NO {TITLE}{TURNED}", now)
    newest, letter = store.mails(limit=1)[0], store.letters(limit=1)[0]
    store.close()
    assert newest.ticket_id
    return {"mail": str(newest.id), "ticket": f"PS-{newest.ticket_id}", "letter": str(letter.id)}


def harm(text: str) -> list[str]:
    """Characters that do harm, but for line breaks, tabs and our own colours."""
    shown = OUR_COLOURS.sub("", text.replace("\r\n", "\n"))
    return [
        f"U+{ord(c):04X}"
        for c in shown
        if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_lets_a_mail_drive_the_terminal(
    arguments: list[str], hostile_desk: dict[str, str], desk: Path
) -> None:
    told = at_terminal(desk, *(word.format(**hostile_desk) for word in arguments)).screen
    assert told.strip() and "Traceback" not in told
    assert harm(told) == []


def test_json_keeps_its_value_and_shows_what_did_harm(
    hostile_desk: dict[str, str], desk: Path, run: object
) -> None:
    told = run("mail", "show", hostile_desk["mail"], "--json").out  # type: ignore[operator]
    assert harm(told) == []
    assert "\\u202e" in told and "\\u009b" in told
    assert "\u202e" in json.loads(told)["subject"]


def test_raw_bytes_stay_as_they_came_in_a_pipe(hostile_desk: dict[str, str], desk: Path) -> None:
    command = [sys.executable, "-m", "triaged", "--config", str(desk / "config.yaml")]
    told = subprocess.run(
        [*command, "mail", "show", hostile_desk["mail"], "--raw"], capture_output=True, check=True
    )
    assert told.stdout == HOSTILE


@pytest.mark.parametrize("point", [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xDFFF, 0xE0041])
def test_every_control_character_is_escaped_and_the_text_around_it_stands(point: int) -> None:
    text = f"a{chr(point)}ü"
    assert harm(harmless.escaped(text)) == [] and harmless.escaped(text).startswith("a\\u")
    assert json.loads(harmless.as_json(text)) == text


@pytest.mark.parametrize("text", ["naïve 東京 שלום مرحبا", "क्‍ष", "family 👨‍👩‍👧", "a\\u202e"])
def test_ordinary_text_of_any_language_is_left_alone(text: str) -> None:
    assert harmless.escaped(text) == text


def test_commands_print_through_one_place() -> None:
    ways_out = {("click", "echo"), ("click", "secho"), ("buffer", "write"), ("stdout", "write")}
    for path in CLI.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or path.name == "output.py":
                continue
            function = node.func
            owner = getattr(function, "value", None)
            way = (getattr(owner, "id", getattr(owner, "attr", "")), getattr(function, "attr", ""))
            counting = path.name == "simulate.py" and "\\r" in ast.unparse(node)  # days, on one line
            assert counting or way not in ways_out, f"{path.name}:{node.lineno}: use show.say"
            assert getattr(function, "id", "") != "print", f"{path.name}:{node.lineno}: use show.say"
