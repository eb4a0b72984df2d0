"""The rulebook at the console: a lead's draft, checked, tested, tried on stored mail, put in force, taken back; two leads at once."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.web.desk import (
    ADA,
    BEN,
    CARL,
    LEE,
    Browser,
    Desk,
    database,
    eventually,
    form,
    opened_desk,
    small_rules,
)
from triaged.rulebook.loading import version_of
from triaged.store.jobs import Job

OURS = """\
rules:
  - name: tills
    why: A shop that cannot take money loses it by the minute.
    when: {subject: {contains: [tills]}}
    then: {severity: S1, tags: [tills]}
tests:
  - {name: tills stand, mail: {from: a@b.example, subject: the tills, body: down}, expect: {hits: [tills], severity: S1}}
"""
TILLS = "60-tills.yaml"
ASKS = {"by": CARL, "body": "Hello,\n\nthey do not answer any more.\n"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rules_desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A daemon and pages over a rulebook of their own, small."""
    folder = tmp_path_factory.mktemp("rules-desk")
    small_rules(folder)
    with opened_desk(folder, database(request, folder)) as made:
        yield made


@pytest.fixture
def desk(rules_desk: Desk) -> Iterator[Desk]:
    """The same with no drafts and the rulebook as it was at the beginning."""
    rules_desk.pages.house.buckets = type(rules_desk.pages.house.buckets)()
    folder, store = rules_desk.folder / "rules", rules_desk.store
    for one in store.all_draft_files():
        store.drop_draft_files([one.mark])
    for path in folder.glob("6[1-9]*.yaml"):
        path.unlink()
    (folder / TILLS).unlink(missing_ok=True)
    as_it_lies(rules_desk)
    yield rules_desk


def as_it_lies(desk: Desk) -> None:
    """Daemon and pages judge by the folder's files; by themselves they look again after a while only."""
    lies = version_of(standing(desk))
    daemon = desk.daemon
    assert daemon is not None
    if daemon.house.knowledge.rulebook.version != lies:
        assert daemon.reload()

    def taken() -> bool:
        desk.pages._asked.set()
        return desk.pages.house.knowledge.rulebook.version == lies

    eventually(taken, "the pages did not take up what lies there")


@pytest.fixture
def lee(desk: Desk) -> Browser:
    return desk.signed_in(LEE)


def edit(
    browser: Browser, name: str, text: str, page: httpx2.Response | None = None, **more: str
) -> httpx2.Response:
    page = page or browser.get(f"/rules/draft/file?name={name}")
    assert page.status_code == 200, page.text[:2000]
    hidden = form(page.text, "/rules/draft/file")[1]
    sent = {name: (None, value) for name, value in {**hidden, "text": text, "do": "save", **more}.items()}
    return browser.http.post("/rules/draft/file", files=sent)


def put(
    browser: Browser, reason: str = "shops call", page: httpx2.Response | None = None, **more: str
) -> httpx2.Response:
    page = page or browser.get("/rules/draft")
    return browser.post(page, "/rules/draft/put", {"reason": reason, **more})


def uploaded(browser: Browser, files: list[tuple[str, bytes]], **more: str) -> httpx2.Response:
    page = browser.get("/rules/draft")
    return browser.post(page, "/rules/draft/upload", more, files=files)


def over(desk: Desk, kind: str) -> Job:
    def ended() -> Job | None:
        job = desk.store.last_job(kind)
        return job if job is not None and not job.runs else None

    return eventually(ended, f"the {kind} did not end", 90)


def standing(desk: Desk) -> dict[str, str]:
    return {path.name: path.read_text() for path in (desk.folder / "rules").glob("*.yaml")}


def test_p47_a_lead_edits_checks_tests_and_puts_in_force_and_it_says_who_when_why_and_what(
    desk: Desk, lee: Browser
) -> None:
    before = desk.opened("the tills of shop one", **ASKS)
    assert before.severity != "S1"
    faulty = edit(lee, TILLS, OURS.replace("subject:", "subjct:", 1))
    assert f"rules/{TILLS}:4:12" in faulty.text and "did you mean" in faulty.text
    assert "It cannot be put in force" in lee.get("/rules/draft").text
    saved = edit(lee, TILLS, OURS)
    assert "Kept in your draft" in saved.text
    draft = lee.get("/rules/draft")
    assert "+  - name: tills" in draft.text and "No faults" in draft.text
    tested = lee.post(draft, "/rules/draft/test")
    assert "1 of 1 tests passed" in tested.text
    assert TILLS not in standing(desk)
    done = put(lee, page=tested)
    assert done.status_code == 200 and "It is in force" in done.text, done.text[:3000]
    assert standing(desk)[TILLS] == OURS and LEE in done.text and "shops call" in done.text
    listed = lee.get("/rules/history")
    assert listed.text.index("shops call") < listed.text.index("found in force when this history began")
    version = desk.store.versions()[0]

    def taken() -> object:
        note = desk.store.note_of("in_force")
        return note is not None and note.value["rulebook"] == version.version

    eventually(taken, "the daemon did not take it up")
    assert desk.opened("the tills of shop two", **ASKS).severity == "S1"
    assert "The daemon judges by it since" in lee.get(f"/rules/history/{version.id}?said=put").text
    assert "tills" in lee.get("/rules").text and lee.get("/rules/draft").text.count("Nothing differs") == 1


def test_the_way_back_shows_what_it_would_change_and_stands_in_the_history(desk: Desk, lee: Browser) -> None:
    edit(lee, TILLS, OURS)
    put(lee)
    first = desk.store.versions()[1]
    page = lee.get(f"/rules/history/{first.id}")
    assert "What going back would change" in page.text and "-  - name: tills" in page.text
    assert lee.post(page, f"/rules/history/{first.id}/back", {"reason": ""}).status_code == 400
    done = lee.post(page, f"/rules/history/{first.id}/back", {"reason": "too many"})
    assert "It is in force" in done.text and TILLS not in standing(desk)
    assert f"back to version {first.id}" in lee.get("/rules/history").text


def test_two_leads_at_once_lose_nothing(desk: Desk, lee: Browser) -> None:
    ada = desk.signed_in(ADA)
    edit(lee, TILLS, OURS)
    edit(ada, TILLS, OURS.replace("S1", "S2"))
    edit(ada, "61-pumps.yaml", OURS.replace("tills", "pumps"))
    adas = ada.get("/rules/draft")
    assert f"{LEE} of {TILLS}" in adas.text
    assert put(lee).status_code == 200
    late = put(ada, "mine", adas)
    assert (
        late.status_code == 409 and "others changed it in force" in late.text and 'value="mine"' in late.text
    )
    assert standing(desk)[TILLS] == OURS
    page = ada.get(f"/rules/draft/file?name={TILLS}")
    assert "Somebody else has changed this file in force" in page.text
    edit(ada, TILLS, OURS.replace("S1", "S2"), page, over="1")
    assert put(ada, "milder").status_code == 200
    assert standing(desk)[TILLS] == OURS.replace("S1", "S2") and "61-pumps.yaml" in standing(desk)


def test_what_was_put_in_force_while_a_lead_typed_is_not_overwritten_unseen(desk: Desk, lee: Browser) -> None:
    ada = desk.signed_in(ADA)
    before = ada.get(f"/rules/draft/file?name={TILLS}")
    edit(lee, TILLS, OURS)
    assert put(lee).status_code == 200
    late = edit(ada, TILLS, OURS.replace("S1", "S2"), before)
    assert late.status_code == 409 and "Others have put another text" in late.text
    assert not desk.store.draft_files(ADA)
    assert edit(ada, TILLS, OURS.replace("S1", "S2")).status_code == 200
    mark = desk.store.draft_files(ADA)[0].mark
    lee.post(lee.get("/rules/draft"), "/rules/draft/upload", {}, files=[("62-a.yaml", b"lists: {a: [b]}\n")])
    lee.post(lee.get("/rules/draft"), "/rules/draft/discard", {"draft": mark})
    assert [one.mark for one in desk.store.draft_files(ADA)] == [mark], "nobody gives up another's draft"


def test_p16_two_windows_of_one_lead_overwrite_nothing(desk: Desk, lee: Browser) -> None:
    one, two = (lee.get(f"/rules/draft/file?name={TILLS}") for _ in range(2))
    edit(lee, TILLS, OURS, one)
    late = edit(lee, TILLS, "# my other thought\n", two)
    assert late.status_code == 409 and "# my other thought" in late.text and "name: tills" in late.text
    assert [one.text for one in desk.store.draft_files(LEE)] == [OURS]
    stale = lee.get("/rules/draft")
    edit(lee, "61-more.yaml", OURS.replace("tills", "more"))
    assert put(lee, "x", stale).status_code == 409
    assert uploaded_on(lee, stale).status_code == 409 and TILLS not in standing(desk)


def uploaded_on(browser: Browser, page: httpx2.Response) -> httpx2.Response:
    return browser.post(page, "/rules/draft/upload", {}, files=[("62-a.yaml", b"lists: {a: [b]}\n")])


def test_p13_a_file_sent_when_the_session_is_over_stands_in_the_draft_after_signing_in(desk: Desk) -> None:
    browser = desk.signed_in(LEE)
    page = browser.get(f"/rules/draft/file?name={TILLS}")
    desk.clock.move(hours=200)
    late = edit(browser, TILLS, OURS, page)
    assert "/sign-in" in str(late.url)
    assert "name: tills" in desk.signed_in(LEE).get(f"/rules/draft/file?name={TILLS}").text


def test_p15_the_same_put_posted_again_is_one_version(desk: Desk, lee: Browser) -> None:
    edit(lee, TILLS, OURS)
    page, before = lee.get("/rules/draft"), len(_of_lee(desk))
    put(lee, page=page)
    assert put(lee, page=page).status_code == 409
    assert len(_of_lee(desk)) == before + 1


def _of_lee(desk: Desk) -> list[int]:
    return [one.id for one in desk.store.versions() if one.who == LEE]


def test_a_folder_or_a_zip_is_uploaded_into_the_draft(desk: Desk, lee: Browser) -> None:
    whole = {**standing(desk), TILLS: OURS}
    gone = whole.pop("60-answers.yaml")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in whole.items():
            archive.writestr(f"rules/{name}", text.replace("\n", "\r\n"))
        archive.writestr("rules/README.md", "passed over")
        archive.writestr("rules/.git/config.yaml", "passed over")
    done = uploaded(lee, [("rules.zip", packed.getvalue())], whole="1")
    assert "The files are in your draft" in done.text, done.text[:3000]
    changed = {one.name: one.text for one in desk.store.draft_files(LEE)}
    assert changed == {TILLS: OURS, "60-answers.yaml": None} and gone
    archived = zipfile.ZipFile(io.BytesIO(lee.get("/rules/draft/rules.zip").content))
    assert archived.read(f"rules/{TILLS}").decode() == OURS
    lee.post(lee.get("/rules/draft"), "/rules/draft/discard")
    as_folder = [(f"rules/{TILLS}", OURS.encode()), ("rules/rulebook.schema.json", b"{}")]
    assert "The files are in your draft" in uploaded(lee, as_folder).text
    assert [one.name for one in desk.store.draft_files(LEE)] == [TILLS]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for n in range(20):
            archive.writestr(f"{n}.yaml", b"#" * 4_000_000)
    return out.getvalue()


def packed(*names: str, content: bytes = b"lists: {a: [b]}\n") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


HOSTILE: list[tuple[str, list[tuple[str, bytes]], str]] = [
    ("a bomb", [("a.zip", bomb())], "unpacks to more"),
    ("a way out", [("a.zip", packed("../../etc/61-a.yaml"))], "leads out of the folder"),
    ("an absolute name", [("a.zip", packed("/etc/61-a.yaml"))], "leads out of the folder"),
    ("folders in it", [("a.zip", packed("rules/more/61-a.yaml"))], "without folders in it"),
    ("the same name twice", [("a.zip", packed("a/61-a.yaml", "b/61-a.yaml"))], "two files have this name"),
    ("an odd name", [("61 a;rm -rf.yaml", b"lists: {}\n")], "a file is named like"),
    ("many files", [("a.zip", packed(*(f"{n}.yaml" for n in range(150))))], "more than 100 files"),
    ("no zip", [("a.zip", b"PK\x03\x04 and no more")], "cannot be unpacked"),
    ("no text", [("61-a.yaml", b"\xff\xfe\x00")], "is not UTF-8"),
    ("another kind", [("evil.exe", b"MZ")], "a rulebook is *.yaml files"),
    ("a long file", [("61-a.yaml", b"# " + b"x" * 1_100_000)], "at most 1,000,000 characters"),
]


@pytest.mark.parametrize(("what", "files", "told"), HOSTILE, ids=[one[0] for one in HOSTILE])
def test_p18_what_cannot_be_a_rulebook_is_refused_by_name_and_changes_nothing(
    desk: Desk, lee: Browser, what: str, files: list[tuple[str, bytes]], told: str
) -> None:
    answer = uploaded(lee, files)
    assert answer.status_code == 400 and told in answer.text.replace("&#39;", "'"), (what, answer.text[:2500])
    assert desk.store.draft_files(LEE) == []


def test_a_backtest_runs_beside_survives_the_page_and_tells_by_severity(desk: Desk, lee: Browser) -> None:
    desk.opened("the tills of shop three", **ASKS)
    edit(lee, TILLS, OURS)
    begun = lee.post(lee.get("/rules/draft"), "/rules/draft/backtest", {"since": "90d"})
    assert "The backtest has begun" in begun.text
    job = desk.store.last_job("backtest")
    assert job is not None and (not job.runs or f"/jobs/{job.id}" in begun.text)
    if job.runs:
        again = lee.post(
            begun, "/rules/draft/test"
        )  # the page was left meanwhile, and another form of it used
        assert again.status_code == 200
        assert lee.get(f"/jobs/{job.id}").json()["state"] in ("running", "done")
    done = over(desk, "backtest")
    assert done.state == "done", done.result
    assert done.result["differing"] >= 1 and ["S3", "S1"] in [move[:2] for move in done.result["moves"]]
    page = desk.signed_in(LEE).get("/rules/draft").text
    assert "judged by" in page and "Severities that move" in page and "now hit by tills" in page


def test_a_backtest_is_one_at_a_time_and_can_be_cancelled(desk: Desk, lee: Browser) -> None:
    edit(lee, TILLS, OURS)
    page = lee.get("/rules/draft")
    lee.post(page, "/rules/draft/backtest", {"since": "90d"})
    busy = lee.post(page, "/rules/draft/backtest", {"since": "90d"})
    job = desk.store.last_job("backtest")
    assert job is not None and job.runs and "one at a time" in busy.text
    lee.post(busy, f"/jobs/{job.id}/cancel")
    cancelled = over(desk, "backtest")
    assert cancelled.state == "cancelled" and f"cancelled by {LEE}" in lee.get("/rules/draft").text
    eventually(lambda: job.id not in desk.pages.house.working._processes, "its process goes on")


def test_one_ticket_is_judged_by_both(desk: Desk, lee: Browser) -> None:
    ticket = desk.opened("the tills of shop four", **ASKS)
    edit(lee, TILLS, OURS)
    page = lee.get("/rules/draft")
    both = lee.post(page, "/rules/draft/ticket", {"reference": ticket.reference})
    assert both.status_code == 200 and "rules that hit" in both.text and "S1" in both.text
    assert re.search(rf"<td>severity</td><td>{ticket.severity}</td><td>S1</td>", both.text)
    assert lee.post(page, "/rules/draft/ticket", {"reference": "PS-999999"}).status_code == 400
    assert desk.again(ticket).severity == ticket.severity


MAIL = f"From: {CARL}\nTo: partner-support@desk.example\nSubject: the tills are down\n\nPlease help.\n"


def test_a_mail_is_tried_with_the_draft_or_an_upload_beside_it(desk: Desk, lee: Browser) -> None:
    edit(lee, TILLS, OURS)
    form_of = lee.get("/try")
    assert "my draft" in form_of.text
    both = lee.post(form_of, "/try", {"mail": MAIL, "beside": "draft"}, files=[("", b"")])
    assert "What the changed rulebook makes of it" in both.text and "<td>S1</td>" in both.text, both.text[
        :3000
    ]
    ben = desk.signed_in(BEN)
    page = ben.get("/try")
    assert "my draft" not in page.text
    letters = OURS.replace("S1", "S2")
    with_upload = ben.post(page, "/try", {"mail": MAIL}, files=[(TILLS, letters.encode())])
    assert "<td>S2</td>" in with_upload.text
    wrong = ben.post(page, "/try", {"mail": MAIL}, files=[(TILLS, b"rulez: []\n")])
    assert wrong.status_code == 400 and "unknown key" in wrong.text and "the tills are down" in wrong.text
    alone = ben.post(page, "/try", {"mail": MAIL})
    assert alone.status_code == 200 and "What the changed rulebook" not in alone.text


@pytest.mark.skipif(os.geteuid() == 0 and not hasattr(os, "seteuid"), reason="root writes everywhere")
def test_a_folder_that_may_not_be_written_is_told_in_a_line_with_the_remedy(
    desk: Desk, lee: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(lee, TILLS, OURS)
    real = Path.mkdir

    def refused(path: Path, *given: Any, **more: Any) -> None:
        if path.name == ".put":
            raise OSError(30, "Read-only file system")
        real(path, *given, **more)

    monkeypatch.setattr(Path, "mkdir", refused)
    told = put(lee)
    assert told.status_code == 400 and "Read-only file system; give the user" in told.text
    assert "ReadWritePaths=" in told.text and TILLS not in standing(desk) and desk.store.draft_files(LEE)


def test_the_page_completes_keys_facts_and_names(desk: Desk, lee: Browser) -> None:
    edit(lee, TILLS, "lists: {shops: [till]}\nwords: {broken-en: [down]}\n" + OURS)
    told = lee.get("/rules/completion").json()
    assert "hold_letters" in told["keys"] and "account.large_user" in told["facts"]
    assert "shops" in told["lists"] and "broken" in told["words"]


def test_a_hostile_name_or_text_runs_nowhere(desk: Desk, lee: Browser) -> None:
    script = "<script>alert(1)</script>"
    page = lee.get("/rules/draft/file", params={"name": f"{script}.yaml"})
    assert page.status_code == 400 and script not in page.text
    edit(lee, TILLS, f"# </textarea>{script}\nrules: [{{name: '{script}'}}]\n")
    for path in (f"/rules/draft/file?name={TILLS}", "/rules/draft"):
        assert script not in lee.get(path).text
