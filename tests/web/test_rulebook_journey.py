"""A lead changes the rulebook in Debian's Chromium: edits with proposals, sees a fault, backtests, puts in force, goes back; axe looks at each page."""

# ruff: noqa: F811 - fixtures of test_journeys.py are asked for by their names
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.web.axe import violations
from tests.web.desk import CARL, LEE, Desk, opened_desk, small_rules
from tests.web.test_journeys import Open, axe, browser, signed_in  # noqa: F401 - fixtures of theirs
from tests.web.test_rulebook import over
from triaged.store import upgrade

TEST = "  - {name: tills stand, mail: {from: a@b.example, subject: the tills, body: down}, expect: {hits: [tills], severity: S1}}\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("journey")
    small_rules(folder)
    url = f"sqlite:///{folder}/triaged.db"
    upgrade(url)
    with opened_desk(folder, url) as made:
        yield made


def looked_at(page: Any, axe: str) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert not violations(page, axe, page.url)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 1, (page.url, wide)


def test_a_lead_changes_the_rulebook_sees_what_it_does_puts_it_in_force_and_goes_back(
    desk: Desk, browser: Open, axe: str
) -> None:
    desk.opened("the tills of shop one", "They do not answer.\n", by=CARL)
    page = signed_in(desk, browser(viewport={"width": 1000, "height": 800}), LEE)
    page.click("text=Rules")
    page.click("text=Change it")
    page.fill("#name", "60-tills.yaml")
    page.click("text=Begin it")
    page.wait_for_url(re.compile("/rules/draft/file"))

    # Proposals by keys; the fault of a half-written rule is told by its line.
    page.focus("#text")
    page.keyboard.type("rul")
    page.keyboard.press("Control+Space")
    page.wait_for_selector("#proposals [role=option]")
    looked_at(page, axe)
    page.keyboard.press("Enter")
    assert page.input_value("#text").strip() == "rules"
    page.keyboard.type(
        ":\n  - name: tills\n    why: shops\n    when: {subjct: {contains: [tills]}}\n    then: {severity: S1}\n"
    )
    page.click("text=Save in the draft")
    page.wait_for_url(re.compile("said=saved"))
    assert "unknown field 'subjct'" in page.inner_text(".warning")
    looked_at(page, axe)
    page.click(".faults a")
    page.wait_for_url(re.compile("line=4"))
    text = page.input_value("#text").replace("subjct", "subject") + "tests:\n" + TEST
    page.fill("#text", text)
    page.click("text=Save in the draft")
    page.wait_for_url(re.compile("said=saved"))
    page.click("text=← Your draft")

    page.click("text=Run its tests")
    page.wait_for_selector("text=1 of 1 tests passed")
    page.locator("#backtest button", has_text="Judge it by both").first.click()
    page.wait_for_url(re.compile("said=begun"))
    page.reload()  # what runs goes on
    assert over(desk, "backtest").state == "done", desk.store.last_job("backtest")
    page.wait_for_selector("text=Severities that move")  # the page's script has seen that it is over
    looked_at(page, axe)
    page.fill("#reason", "a shop cannot wait")
    page.click("#put button")
    page.wait_for_url(re.compile(r"/rules/history/\d+\?said=put"))
    assert "It is in force" in page.inner_text("main") and "a shop cannot wait" in page.inner_text("main")
    assert (desk.folder / "rules" / "60-tills.yaml").read_text() == text
    looked_at(page, axe)

    page.click("text=← History")
    looked_at(page, axe)
    page.locator("tbody tr").last.locator("a").first.click()
    page.wait_for_selector("text=What going back would change")
    looked_at(page, axe)
    page.fill("#reason", "too many of them")
    page.click("text=Put it in force again")
    page.wait_for_selector("text=It is in force")
    assert not (desk.folder / "rules" / "60-tills.yaml").exists()
    page.goto(f"{desk.url}/model")
    looked_at(page, axe)


def test_the_draft_works_without_script_and_at_320_pixels(desk: Desk, browser: Open) -> None:
    page = signed_in(desk, browser(java_script_enabled=False, viewport={"width": 320, "height": 640}), LEE)
    page.goto(f"{desk.url}/rules/draft/file?name=61-more.yaml")
    page.fill("#text", "lists: {shops: [till]}\n")
    page.click("text=Save in the draft")
    page.wait_for_url(re.compile("said=saved"))
    page.goto(f"{desk.url}/rules/draft")
    assert "61-more.yaml" in page.inner_text("#difference")
    for path in (
        "/rules/draft",
        "/rules/draft/file?name=50-letters.en.yaml",
        "/rules/history",
        "/model",
        "/try",
    ):
        assert page.goto(f"{desk.url}{path}").status == 200


def test_axe_finds_nothing_where_something_failed_is_under_way_or_is_not_for_one(
    desk: Desk, browser: Open, axe: str
) -> None:
    """Jobs in every state on the model's page, faults of a file, the editor focused, the page of a ticket that is elsewhere."""
    ticket = desk.opened("for axe beside", "They do not answer.\n", by=CARL)
    now = datetime.now(UTC)
    for kind, state, result in (
        ("watch", "failed", {"error": "no mail"}), ("compare", "stopped", {"error": "the pages were stopped"}),
        ("promote", "done", {"model": "m-2", "lines": ["in spite of: worse"]}), ("train", "running", {}),
    ):  # fmt: skip
        number = desk.store.begin_job(kind, LEE, {}, now)
        assert number is not None
        if state != "running":
            desk.store.end_job(number, state, result, now)
    page = signed_in(desk, browser(viewport={"width": 1000, "height": 800}), LEE)
    page.goto(f"{desk.url}/model")
    assert "Nothing of it was kept" in page.inner_text("main")
    page.hover("main button")
    looked_at(page, axe)
    page.goto(f"{desk.url}/rules/draft/file?name=62-axe.yaml")
    page.fill("#text", "rules:\n  - nam: x\n")
    page.click("text=Save in the draft")
    page.wait_for_url(re.compile("said=saved"))
    page.focus("#text")
    looked_at(page, axe)
    for path in ("/rules", "/rules/draft", "/rules/history", f"/tickets/{ticket.reference}", "/sessions"):
        page.goto(f"{desk.url}{path}")
        looked_at(page, axe)
