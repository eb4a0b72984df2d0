"""A rulebook put in force: whole, tested, with who, when and why; two leads at once; outside hands; git; and the way back."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triaged.config import shipped, whole_folder
from triaged.config.config import Config, DirectoryFiles, Mailbox
from triaged.errors import Faulty
from triaged.store import Store
from triaged.store.rulebook_keeping import DraftFile
from triaged.walk import rulebook_change
from triaged.walk.rulebook_change import Change, Overtaken

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LEE, ADA = "lee@desk.example", "ada@desk.example"
BASICS = "services: [{name: Zoho CRM, eligible: true}]\nclassifier: {confidence: 0.5}\n"
TILLS = """\
rules:
  - name: tills
    why: A shop that cannot take money loses it by the minute.
    when: {subject: {contains: [tills]}}
    then: {severity: {at_least: S2}}
tests:
  - {name: tills stand, mail: {from: a@b.example, subject: the tills, body: down}, expect: {hits: [tills], severity: S2}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "00-basics.yaml").write_text(BASICS)
    for name in ("40-service-levels", "41-calendars", "50-letters.en"):
        shutil.copy(shipped.rules() / f"{name}.yaml", folder)
    return Config(
        rulebook=folder,
        directory=DirectoryFiles(accounts=tmp_path / "a.csv", partners=tmp_path / "p.csv"),
        mailboxes=(Mailbox(name="one", address="support@desk.example"),),
    )


def change(config: Config, more: dict[str, str | None], who: str = LEE, **other: str) -> Change:
    texts = rulebook_change.standing(rulebook_change.folder_of(config))
    new = {name: text for name, text in {**texts, **more}.items() if text is not None}
    return Change(new, who, other.get("reason", "shops"), rulebook_change.loading.version_of(texts))


def put(store: Store, config: Config, wish: Change, now: datetime = NOW) -> object:
    return rulebook_change.put(store, config, wish, None, now)


def test_p47_version_who_when_why_and_the_difference_stand_in_the_history(
    store: Store, config: Config
) -> None:
    put(store, config, change(config, {"60-ours.yaml": TILLS}))
    new, old = store.versions()
    assert (new.who, new.reason, new.at, new.remark) == (LEE, "shops", NOW, "1 of 1 tests passed")
    assert (old.who, old.reason) == ("", "found in force when this history began")
    before, after = store.version(old.id), store.version(new.id)
    assert before and after
    (found,) = rulebook_change.differences(before.files, after.files)
    assert (found.name, found.what) == ("60-ours.yaml", "added") and "+  - name: tills" in found.lines
    assert rulebook_change.standing(config.rulebook) == after.files  # type: ignore[arg-type]
    note = store.note_of(rulebook_change.ASKED)
    assert note is not None and note.value["rulebook"] == new.version


def test_the_way_back_is_a_change_like_any_other(store: Store, config: Config) -> None:
    put(store, config, change(config, {"60-ours.yaml": TILLS}))
    first = store.versions()[-1]
    wish = change(config, {}, ADA, reason="they hit too much")
    rulebook_change.back(store, config, first.id, wish, None, NOW)
    assert not (config.rulebook / "60-ours.yaml").exists()  # type: ignore[operator]
    last = store.versions()[0]
    assert (
        last.who == ADA
        and last.reason == f"back to version {first.id} of 2026-11-23 09:00 UTC: they hit too much"
    )
    assert last.version == first.version
    with pytest.raises(Faulty, match="no such version"):
        rulebook_change.back(store, config, 999, wish, None, NOW)


def test_two_leads_at_once_the_second_is_told_and_nothing_is_overwritten(
    store: Store, config: Config
) -> None:
    lees = change(config, {"60-ours.yaml": TILLS})
    adas = change(config, {"70-adas.yaml": TILLS.replace("tills", "pumps")}, ADA)
    put(store, config, lees)
    with pytest.raises(Overtaken, match="look at the difference again"):
        put(store, config, adas)
    assert "60-ours.yaml" in rulebook_change.standing(config.rulebook)  # type: ignore[arg-type]
    assert len(store.versions()) == 2 and store.unfinished_versions() == []


def test_a_draft_follows_what_others_put_in_force_and_tells_where_both_changed_a_file(
    store: Store, config: Config
) -> None:
    folder = rulebook_change.folder_of(config)
    store.save_draft_file(DraftFile(ADA, "60-ours.yaml", TILLS.replace("S2", "S1"), None, NOW))
    store.save_draft_file(DraftFile(ADA, "70-adas.yaml", TILLS.replace("tills", "pumps"), None, NOW))
    put(store, config, change(config, {"60-ours.yaml": TILLS, "80-lees.yaml": "lists: {a: [b]}\n"}))
    draft = rulebook_change.draft_of(store, folder, ADA)
    assert [one.name for one in draft.overtaken] == ["60-ours.yaml"]
    assert "80-lees.yaml" in draft.texts and "S1" in draft.texts["60-ours.yaml"]


@pytest.mark.parametrize(
    ("more", "other", "told"),
    [
        ({"60-ours.yaml": TILLS.replace("subject:", "subjct:", 1)}, {}, r"rules/60-ours.yaml:4:12: unknown field 'subjct'"),
        ({"60-ours.yaml": TILLS.replace("severity: S2}", "severity: S1}")}, {}, "not put in force: its own tests fail"),
        ({"60-ours.yaml": TILLS}, {"reason": "  "}, "the reason is missing"),
        ({"../60-ours.yaml": TILLS}, {}, "a file is named like 60-ours.yaml"),
        ({".hidden.yaml": TILLS}, {}, "a file is named like"),
        ({"60-ours.yml": TILLS}, {}, "a file is named like"),
        ({"60-ours.yaml": "# " + "x" * 1_000_001}, {}, "at most 1,000,000 characters"),
        ({f"{n}.yaml": "lists: {}\n" for n in range(101)}, {}, "at most 100 files"),
        ({}, {}, "nothing differs"),
        ({"50-letters.en.yaml": None}, {}, "there are no English letters"),
    ],
    ids=lambda one: str(one)[:40],
)  # fmt: skip
def test_what_is_not_fit_changes_nothing(
    store: Store, config: Config, more: dict[str, str | None], other: dict[str, str], told: str
) -> None:
    before = rulebook_change.standing(rulebook_change.folder_of(config))
    with pytest.raises(Faulty, match=told):
        put(store, config, change(config, more, **other))
    assert rulebook_change.standing(rulebook_change.folder_of(config)) == before
    assert store.note_of(rulebook_change.ASKED) is None and store.unfinished_versions() == []


def test_failing_tests_can_be_overridden_and_the_history_says_so(store: Store, config: Config) -> None:
    wish = replace(
        change(config, {"60-ours.yaml": TILLS.replace("severity: S2}", "severity: S1}")}), anyway=True
    )
    put(store, config, wish)
    assert store.versions()[0].remark == "0 of 1 tests passed"


def test_the_rulebook_that_ships_is_never_changed(store: Store, config: Config) -> None:
    wish = change(config, {"60-ours.yaml": TILLS})
    with pytest.raises(Faulty, match="the rulebook that ships is not changed; copy it"):
        put(store, config.model_copy(update={"rulebook": None}), wish)


def test_what_somebody_changed_with_an_editor_is_in_the_history_too(store: Store, config: Config) -> None:
    put(store, config, change(config, {"60-ours.yaml": TILLS}))
    (config.rulebook / "00-basics.yaml").write_text(BASICS.replace("0.5", "0.6"))  # type: ignore[operator]
    put(store, config, change(config, {"60-ours.yaml": None}))
    assert [one.reason for one in store.versions()] == [
        "shops", "changed in its folder by hand", "shops", "found in force when this history began",
    ]  # fmt: skip


def test_a_writer_that_died_after_the_moment_is_in_the_history_and_one_before_it_is_not(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def dies(*_given: object) -> None:
        raise Died

    with monkeypatch.context() as patched, pytest.raises(Died):
        patched.setattr(rulebook_change.git, "commit", dies)
        put(store, config, change(config, {"60-ours.yaml": TILLS}))
    assert len(store.unfinished_versions()) == 1
    with monkeypatch.context() as patched, pytest.raises(Died):
        patched.setattr(whole_folder, "put", dies)
        put(store, config, change(config, {"61-ours.yaml": TILLS.replace("tills", "pumps")}))
    put(store, config, change(config, {"60-ours.yaml": None}, reason="away"))
    told = [(one.reason, "did not come" in one.remark) for one in store.versions()]
    assert told[:2] == [("away", False), ("shops", True)] and store.unfinished_versions() == []
    assert len(told) == 3


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@x.example"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    "root", [True, False], ids=["the folder is the checkout", "the checkout is above it"]
)
def test_where_the_folder_is_a_git_checkout_only_the_rulebook_is_committed(
    store: Store, config: Config, root: bool
) -> None:
    folder = rulebook_change.folder_of(config)
    top = folder if root else folder.parent
    git(top, "init", "-q")
    git(top, "add", "--", *map(str, folder.glob("*.yaml")))
    git(top, "commit", "-qm", "begin")
    (top / "staged.txt").write_text("somebody else's, staged")
    git(top, "add", "staged.txt")
    put(
        store,
        config,
        change(
            config,
            {"60-ours.yaml": TILLS, "00-basics.yaml": BASICS.replace("0.5", "0.7")},
            reason="--all: shops",
        ),
    )
    assert git(top, "log", "-1", "--format=%an <%ae> %s") == f"lee <{LEE}> --all: shops"
    names = git(top, "show", "--name-only", "--format=").split()
    assert sorted(name.rpartition("/")[2] for name in names) == ["00-basics.yaml", "60-ours.yaml"]
    assert "A  staged.txt" in git(top, "status", "--porcelain")
    commit = git(top, "rev-parse", "--short=12", "HEAD")
    assert store.versions()[0].remark == f"1 of 1 tests passed; commit {commit}"
    put(store, config, change(config, {"60-ours.yaml": None}, reason="gone"))
    assert "D" in git(top, "show", "--name-status", "--format=") and len(store.versions()) == 3


def test_a_checkout_that_refuses_the_commit_is_told_and_the_rulebook_is_in_force(
    store: Store, config: Config
) -> None:
    folder = rulebook_change.folder_of(config)
    git(folder, "init", "-q")
    (folder / ".git" / "index.lock").touch()
    put(store, config, change(config, {"60-ours.yaml": TILLS}))
    assert store.versions()[0].remark.startswith(
        "1 of 1 tests passed; not committed: fatal: Unable to create"
    )


def test_nothing_that_stands_in_the_checkout_is_run(store: Store, config: Config, tmp_path: Path) -> None:
    folder, trace = rulebook_change.folder_of(config), tmp_path / "ran"
    git(folder, "init", "-q")
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {trace}\ncat\n')
    program.chmod(0o755)
    hooks = folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "pre-commit",
        "commit-msg",
        "prepare-commit-msg",
        "post-commit",
        "post-index-change",
        "reference-transaction",
    ):
        (hooks / name).symlink_to(program)
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "attributes").write_text("*.yaml filter=a=b\n60-ours.yaml filter=late\n")
    for name in ("core.fsmonitor", "gpg.program", "core.editor", "core.sshCommand"):
        git(folder, "config", name, str(program))
    git(folder, "config", "commit.gpgSign", "true")
    more = folder / ".git" / "more"
    git(folder, "config", "include.path", "more")
    for at, what in ((None, "a=b"), (more, "late")):
        file = ("-f", str(at)) if at else ()
        git(folder, "config", *file, f"filter.{what}.clean", str(program))
        git(folder, "config", *file, f"filter.{what}.required", "true")
    put(store, config, change(config, {"60-ours.yaml": TILLS}, reason="#12: <shops>\n\n--amend"))
    assert "; commit " in store.versions()[0].remark
    assert not trace.exists(), trace.read_text()


def test_a_rulebook_has_so_many_files_and_characters_and_no_more(config: Config) -> None:
    folder = rulebook_change.folder_of(config)
    standing = rulebook_change.standing(folder)

    def told(more: dict[str, str]) -> str:
        rulebook, complaints = rulebook_change.check(folder, {**standing, **more})
        assert (rulebook is None) is bool(complaints)
        return "; ".join(map(str, complaints))

    left = 8_000_000 - sum(map(len, standing.values()))
    full = {f"8{n}.yaml": "#" * 1_000_000 for n in range(7)} | {"90.yaml": "#" * (left - 7_000_000)}
    assert told(full) == ""
    assert "a rulebook has at most 8,000,000 characters" in told({**full, "91.yaml": "#"})
    many = {f"a{n}.yaml": "" for n in range(100 - len(standing))}
    assert told(many) == ""
    assert "a rulebook has at most 100 files" in told({**many, "b.yaml": ""})
    assert "a file has at most 1,000,000 characters" in told({"80.yaml": "#" * 1_000_001})


def test_what_a_version_changed_is_told_of_one_that_there_is(store: Store, config: Config) -> None:
    put(store, config, change(config, {"60-tills.yaml": TILLS}))
    newest, first = (one.id for one in store.versions())
    assert [one.name for one in rulebook_change.changed_by(store, newest)] == ["60-tills.yaml"]
    assert "00-basics.yaml" in [one.name for one in rulebook_change.changed_by(store, first)]
    with pytest.raises(Faulty, match="99: no such version; `triaged rules history` lists them"):
        rulebook_change.changed_by(store, 99)
