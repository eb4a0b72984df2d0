"""What commands let letters say, and every letter to be read."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.config import shipped


def text_of_last(run: Run) -> str:
    """The plain text of the newest letter."""
    number = json.loads(run("outbox", "list", "--json").out.splitlines()[0])["id"]
    letter = email.message_from_string(run("outbox", "show", str(number)).out, policy=email.policy.default)
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_the_reason_of_resolving_stays_with_us(run: Run) -> None:
    assert run("tickets", "resolve", "PS-1002", "--reason", "the partner is clueless").status == 0
    text = text_of_last(run)
    assert "marked PS-1002 as resolved" in text and "clueless" not in text
    assert "clueless" in run("tickets", "show", "PS-1002").out


def test_what_the_partner_is_told_is_said_apart(run: Run) -> None:
    assert run("tickets", "resolve", "PS-1002", "--tell", "The domain is added.").status == 0
    assert "The domain is added." in text_of_last(run)
    assert "The domain is added." not in run("tickets", "reopen", "PS-1002").out


def test_without_a_letter_nothing_can_be_told(run: Run) -> None:
    ended = run("tickets", "resolve", "PS-1002", "--tell", "Done.", "--quiet")
    assert ended.status == 2 and "--tell" in ended.err


def test_who_has_the_ticket_is_named_in_letters(run: Run) -> None:
    assert run("tickets", "assign", "PS-1002", "Sam Reed <s7@zohocorp.com>").out == "PS-1002 is assigned to s7@zohocorp.com\n"  # fmt: skip
    assert run("tickets", "update", "PS-1002", "We found the queue.").status == 0
    text = text_of_last(run)
    assert "Your contact: Sam Reed" in text and "We found the queue." in text


def test_every_letter_can_be_read_also_of_ones_own_rulebook(run: Run, tmp_path: Path) -> None:
    ended = run("rules", "letters", str(tmp_path / "letters"))
    assert ended.status == 0 and "6 files" in ended.out
    assert "##- Please write above this line -##" in (tmp_path / "letters" / "en.md").read_text("utf-8")
    own = tmp_path / "own"
    shutil.copytree(shipped.rules(), own)
    english = own / "50-letters.en.yaml"
    english.write_text(
        english.read_text("utf-8").replace("Simply reply to this mail", "Just answer"), "utf-8"
    )
    assert run("rules", "letters", str(tmp_path / "ours"), "--dir", str(own)).status == 0
    assert "Just answer" in (tmp_path / "ours" / "en.md").read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ended = run("rules", "letters", str(tmp_path / "file" / "below"))
    assert ended.status == 1 and ended.err.count("\n") == 1 and "cannot be written" in ended.err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('{{ part("rating") }}', '{{ part("ratin") }}', "there is no part 'ratin'; did you mean 'rating'?"),
        ("{% elif touched %}", "{% elif touchd %}", "'touchd' is undefined; did you mean 'touched'?"),
        ("##- Please write above this line -##", "Please write above this line", "write_above"),
        ('hour: [every hour, "every {n} hours"]', 'hour: [every hour, "every {m} hours"]', "unknown or broken placeholder"),
    ],
)  # fmt: skip
def test_check_tells_what_is_wrong_with_letters(
    run: Run, tmp_path: Path, old: str, new: str, told: str
) -> None:
    own = tmp_path / "own"
    shutil.copytree(shipped.rules(), own)
    english = own / "50-letters.en.yaml"
    text = english.read_text("utf-8")
    assert old in text
    english.write_text(text.replace(old, new, 1), "utf-8")
    ended = run("rules", "letters", str(tmp_path / "ours"), "--dir", str(own))
    assert ended.status == 1 and told in ended.err, ended.err
