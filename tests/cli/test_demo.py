"""`triaged demo`: the first thing anybody runs."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from triaged.demo import play

ANNA, SAM, STAFF = "anna@oakbridge.example", "sam@elmhill.example", "support-leads@zohocorp.com"
# Of each sample: what kind of mail, its fate, the ticket and its severity, and each letter with who gets it.
BECAME = {
    "01-large-by-superadmin": ("request → ticket", "PS-1001", "S1", [f"acknowledgment to {ANNA}", f"new_s1 to {STAFF}"]),
    "02-large-by-zoid": ("request → ticket", "PS-1002", "S1", [f"acknowledgment to {ANNA}", f"new_s1 to {STAFF}"]),
    "03-large-by-zuid": ("request → ticket", "PS-1003", "S1", ["acknowledgment to kim@elmhill.example", f"new_s1 to {STAFF}"]),
    "04-large-by-domain": ("request → ticket", "PS-1004", "S1 (provisional)", [f"missing_information to {SAM}", f"new_s1 to {STAFF}"]),
    "05-at-199-licences": ("request → ticket", "PS-1005", "S3", [f"acknowledgment to {SAM}"]),
    "06-excluded-service": ("request → ticket", "PS-1006", "S4", [f"acknowledgment to {ANNA}"]),
    "07-nothing-given": ("request → ticket", "PS-1007", "S2 (provisional)", [f"missing_information to {ANNA}"]),
    "08-answer-to-missing-information": ("request → ticket", "PS-1007", "S2", [f"details_received to {ANNA}"]),
    "09-out-of-office": ("auto_reply → automatic", "PS-1004", "S1 (provisional)", []),
    "10-bounce": ("bounce → automatic", "PS-1003", "S1", [f"undeliverable to {STAFF}"]),
    "11-forged-sender": ("spoof → ticket", "PS-1008", "S4", []),
    "12-japanese": ("request → ticket", "PS-1009", "S1", ["acknowledgment to sato@sakura-it.example", f"new_s1 to {STAFF}"]),
    "13-reply-joins": ("request → ticket", "PS-1002", "S1", []),
    "14-whole-organisation-down": ("request → ticket", "PS-1010", "S1", [f"acknowledgment to {ANNA}", f"new_s1 to {STAFF}"]),
    "15-forwarded-customer-mail": ("request → ticket", "PS-1011", "S3", [f"acknowledgment to {ANNA}, jonas@oakbridge.example"]),
    "16-how-to": ("request → ticket", "PS-1012", "S4", [f"acknowledgment to {SAM}"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> str:
    """What the demo says, letters and all."""
    program = Path(sys.executable).with_name("triaged")
    done = subprocess.run([program, "demo", "--letters"], capture_output=True, text=True, timeout=170)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-2000:]
    return done.stdout


def became(told: str) -> dict[str, tuple[str, str, str, list[str]]]:
    found = {}
    for part in re.split(r"\n\n(?=\d\d-)", told)[1:]:
        name, _, text = part.partition("\n")
        text = re.sub(r"\n {16}", " ", text)
        lines = [line[2:16].strip() + ": " + line[16:] for line in text.splitlines() if line.startswith("  ")]
        said = {label: rest for label, _, rest in (line.partition(": ") for line in lines)}
        letters = [line.split(": ")[1] for line in lines if line.startswith("letter: ")]
        fate, ticket, severity = (said[what] for what in ("fate", "ticket", "severity"))
        found[name] = (fate.partition(":")[0], ticket.partition(",")[0], severity.partition(":")[0], letters)
    return found


def test_the_demo_ends_by_itself_and_tells_what_became_of_every_mail(told: str) -> None:
    assert became(told) == BECAME
    letters = sum(len(letters) for *_, letters in BECAME.values())
    first, *_, last = told.splitlines()
    assert first == "starting triaged on a SQLite database in a temporary folder …"
    assert re.fullmatch(rf"12 tickets; mails: 2 automatic, 14 ticket; {letters} letters delivered", last)


def test_what_is_told_of_a_ticket_is_why_and_for_whom(told: str) -> None:
    lines = re.sub(r"\n {16}", " ", told).splitlines()
    for line in (
        "  mail          anna@oakbridge.example: Adding a custom field",
        "  account       Alder Works: 240 eligible licences, large user account",
        "  account       Alder Works: 240 eligible licences, not treated as large",
        "  ticket        PS-1008, new, no service named",
        "  review        untrusted sender: dmarc=fail for oakbridge.example (mx.intake.example)",
        "  fate          request → ticket: answers <demo-02@oakbridge.example> of PS-1002",
    ):
        assert line in lines


def test_the_letters_are_shown_as_they_left(told: str) -> None:
    quoted = Counter(line[8:] for line in told.splitlines() if line.startswith("      | "))
    assert quoted["Hello Anna Brandt,"] == 7 and quoted["Severity: S1 (critical)"] == 4
    # Each letter to a partner has its line above which answers are written, none of staff's has
    assert quoted["##- Please write above this line -##"] == 11


@pytest.mark.parametrize(
    ("lines", "value", "left"),
    [
        (["From: a@x", "X-Demo-Dmarc: fail ", "To: b@x"], "fail", ["From: a@x", "To: b@x"]),
        (["From: a@x"], "", ["From: a@x"]),
        (["X-Demo-Dmarc:", "X-Demo-Dmarc: fail"], "", ["X-Demo-Dmarc: fail"]),
    ],
)
def test_a_stage_direction_is_taken_out_of_the_sample(lines: list[str], value: str, left: list[str]) -> None:
    assert play._taken(lines, "X-Demo-Dmarc") == value
    assert lines == left
