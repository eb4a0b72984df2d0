"""What was renamed keeps its former name for one release, with one warning that says all there is to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triaged import __version__, cli
from triaged.config import config as configs
from triaged.errors import Faulty
from triaged.metrics import FORMER, Metrics
from triaged.rulebook import loading
from triaged.rulebook.loading import Rooms
from triaged.spec import former, former_keys, strict_yaml
from triaged.spec.former import Former

ROOT = Path(__file__).parents[2]
SINCE, GONE = "0.2.0", "0.3.0"


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def renamed(monkeypatch: pytest.MonkeyPatch, *pairs: tuple[str, str], where: former.Where = "config") -> None:
    rows = tuple(Former(where, name, now, SINCE, GONE) for name, now in pairs)
    monkeypatch.setattr(former, "TABLE", (*former.TABLE, *rows))


def read(text: str) -> strict_yaml.Document:
    return former_keys.read(strict_yaml.load(text, "config.yaml"), "config")


@pytest.mark.parametrize("one", former.TABLE, ids=lambda one: one.name)
def test_no_former_name_outlives_its_release(one: Former) -> None:
    assert version(__version__) < version(one.gone), (
        f"{one.name} was to be gone in {one.gone}: take its row out"
    )
    assert version(one.since) < version(one.gone)
    assert version(one.gone) == (version(one.since)[0], version(one.since)[1] + 1, 0), "one release, no more"


def test_no_name_is_former_and_in_use_at_once() -> None:
    for where in ("config", "rulebook", "command", "figure"):
        names = [one.name for one in former.of(where)]
        assert len(names) == len(set(names))
        assert not set(names) & {one.now for one in former.of(where)}
    schema = configs.Config.model_fields
    assert not [one for one in former.of("config") if one.name.partition(".")[0] not in schema and "." not in one.name
                and one.now.partition(".")[0] not in schema]  # fmt: skip


def test_the_reference_lists_each_of_them() -> None:
    text = (ROOT / "docs" / "reference.md").read_text("utf-8")
    (listed,) = re.findall(r"^## Former names\n(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL)
    rows = set(
        re.findall(r"^\| (\w+) \| `([^`]+)` \| `([^`]+)` \| ([\d.]+) \| ([\d.]+) \|$", listed, re.MULTILINE)
    )
    assert rows == {(one.where, one.name, one.now, one.since, one.gone) for one in former.TABLE}


def test_a_key_is_read_under_its_name_of_now_and_the_warning_says_where_what_since_when_and_until_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renamed(monkeypatch, ("limits.old_size", "limits.mail_size"))
    found = read("database: x\nlimits:\n  old_size: 3MB\n  other: 1\n")
    assert found.value == {"database": "x", "limits": {"mail_size": "3MB", "other": 1}}
    (warning,) = found.complaints
    assert str(warning) == (
        "config.yaml:3:3: warning: former name: 'limits.old_size' is called 'limits.mail_size' since version 0.2.0; "
        "write that: version 0.3.0 knows 'limits.old_size' no more"
    )
    assert former_keys.tells(warning)


@pytest.mark.parametrize(
    ("pair", "text", "value"),
    [
        (("old", "limits.mail_size"), "old: 1\n", {"limits": {"mail_size": 1}}),  # into a section that is not written
        (("a.b.c", "top"), "a: {b: {c: [1, 2], d: 3}}\n", {"a": {"b": {"d": 3}}, "top": [1, 2]}),
        (("boxes.*.ssl", "boxes.*.tls"), "boxes: [{ssl: on}, {tls: off}, {}]\n", {"boxes": [{"tls": "on"}, {"tls": "off"}, {}]}),
        (("m.*.x", "m.*.y.z"), "m: {one: {x: 1}, two: {y: {w: 2}, x: 3}}\n", {"m": {"one": {"y": {"z": 1}}, "two": {"y": {"w": 2, "z": 3}}}}),
        (("old", "new"), "old:\n", {"new": None}),
        (("old.x", "new"), "old: text\n", {"old": "text"}),  # not a mapping: none of ours
        (("old", "new"), "- old\n", ["old"]),
    ],
)  # fmt: skip
def test_keys_move_wherever_they_belong_now(
    monkeypatch: pytest.MonkeyPatch, pair: tuple[str, str], text: str, value: object
) -> None:
    renamed(monkeypatch, pair)
    assert read(text).value == value


def test_both_names_are_a_fault_and_a_wrong_value_is_told_where_it_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    renamed(monkeypatch, ("data_base", "database"))
    file = tmp_path / "config.yaml"
    file.write_text("database: sqlite:///a.db\ndata_base: sqlite:///b.db\n", "utf-8")
    with pytest.raises(Faulty, match=r"config.yaml:2:1: 'data_base' and 'database' are both written"):
        configs.load(file)
    file.write_text("# a remark\ndata_base: 7\n", "utf-8")
    with pytest.raises(Faulty, match=r"config.yaml:2:12: database: must be text"):
        configs.load(file)


def test_a_rulebook_under_former_names_is_in_force_and_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "rules:\n  - name: a\n    because: it is so\n    then: {severity: S3}\n"
    rulebook, complaints = loading.load({"a.yaml": rule}, Rooms())
    assert rulebook is None and complaints
    renamed(monkeypatch, ("rules.*.because", "rules.*.why"), where="rulebook")
    rulebook, complaints = loading.load({"a.yaml": rule}, Rooms())
    assert rulebook is not None and rulebook.rules[0].why == "it is so"
    (warned,) = [one for one in rulebook.warnings if former_keys.tells(one)]
    assert (warned.file, warned.line, warned.warning) == ("a.yaml", 3, True)
    assert [one for one in complaints if former_keys.tells(one)] == [warned]


@pytest.mark.parametrize(
    ("words", "now"),
    [
        (["queue", "list"], ["tickets", "list"]),
        (
            ["--config", "queue", "queue", "list", "--json"],
            ["--config", "queue", "tickets", "list", "--json"],
        ),
        (
            ["--config=x", "tickets", "list", "--status", "open"],
            ["--config=x", "tickets", "list", "--state", "open"],
        ),
        (["tickets", "list", "--status=open"], ["tickets", "list", "--state=open"]),
        (["tickets", "note", "queue", "list"], ["tickets", "note", "queue", "list"]),
        (["tickets", "note", "PS-1", "--", "--status"], ["tickets", "note", "PS-1", "--", "--status"]),
        (["tickets", "list", "--", "--status"], ["tickets", "list", "--", "--status"]),
        ([], []),
        (["--config"], ["--config"]),
    ],
)
def test_commands_and_options_are_taken_for_those_of_now(
    monkeypatch: pytest.MonkeyPatch, words: list[str], now: list[str]
) -> None:
    renamed(
        monkeypatch,
        ("queue list", "tickets list"),
        ("tickets list --status", "tickets list --state"),
        where="command",
    )
    kept, told = former.command(words)
    assert kept == now and len(told) == (words != now)


def test_a_former_command_does_its_work_and_says_so_once_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed(monkeypatch, ("rulebook schema", "rules schema"), where="command")
    with pytest.raises(SystemExit) as end:
        cli.main(["rulebook", "schema"])
    said = capsys.readouterr()
    assert end.value.code == 0 and said.out.startswith("{")
    assert said.err.count("'rulebook schema' is called 'rules schema' since version 0.2.0") == 1


def test_figures_say_when_their_former_name_is_gone() -> None:
    text = Metrics().text().decode()
    assert {one.now: one.name for one in former.of("figure")} == FORMER
    assert "Former name of triaged_mails_kept; gone in 0.3.0" in text
