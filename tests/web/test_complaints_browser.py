"""Complaints that only a browser shows: what script does to files and drafts when the line or a proxy fails (P14, P15, P18)."""

# ruff: noqa: F811 - fixtures of test_journeys.py are asked for by their names
from __future__ import annotations

from typing import Any

import pytest

from tests.web.desk import ANNA, BEN, Desk
from tests.web.test_journeys import Open, browser, signed_in  # noqa: F401 - fixtures of theirs

pytestmark = pytest.mark.parametrize("desk", ["sqlite"], indirect=True, scope="module")
WORDS = "Long words of an answer"


def file(name: str, size: int) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": b"x" * size}


@pytest.mark.parametrize("who", [ANNA, BEN])
def test_p18_what_is_too_large_or_too_much_is_said_before_it_travels_and_the_text_stays(
    desk: Desk, browser: Open, who: str
) -> None:
    ticket = desk.opened(f"Files of {who}")
    at = f"{desk.url}/{'queue' if who == BEN else 'tickets'}/{ticket.reference}"
    page = signed_in(desk, browser(), who)
    page.goto(at)
    page.fill("#text", WORDS)
    for wrong, told in (
        ([file("big.txt", 501 * 1024)], "big.txt"),
        ([file(f"{n}.txt", 1) for n in range(6)], "Too many"),
    ):
        page.set_input_files("#files", wrong)
        page.click("#answer button[value=send]")
        assert told in page.inner_text("#files-told") and page.url == at
        assert page.input_value("#text") == WORDS
        assert page.evaluate("document.activeElement.id") == "files"
    page.set_input_files("#files", [file("ok.txt", 10)])
    page.click("#answer button[value=send]")
    page.wait_for_url(lambda url: "said=" in url)
    assert "ok.txt" in page.inner_text("ol.said")


@pytest.mark.parametrize("fails", ["a proxy's 413", "a cut line"])
def test_p18_p14_what_was_typed_is_there_again_when_its_files_could_not_travel(
    desk: Desk, browser: Open, fails: str
) -> None:
    """Sent a moment after the last key, before any draft was kept."""
    ticket = desk.opened(f"Fails by {fails}")
    page = signed_in(desk, browser())
    at = f"{desk.url}/tickets/{ticket.reference}"
    page.goto(at)
    told = "<html>413 Request Entity Too Large"
    page.route("**/answer", lambda route: route.fulfill(status=413, body=told) if "413" in fails else route.abort())  # fmt: skip
    page.set_input_files("#files", [file("ok.txt", 10)])
    page.fill("#text", WORDS)
    page.click("button[value=send]")
    page.wait_for_selector("text=413 Request") if "413" in fails else page.wait_for_timeout(1500)
    page.unroute("**/answer")
    page.goto(at)
    assert page.input_value("#text") == WORDS
    page.click("button[value=send]")
    page.wait_for_url(lambda url: "said=sent" in url)
    assert page.input_value("#text") == ""


def test_p14_a_draft_under_way_when_it_is_thrown_away_does_not_come_back(desk: Desk, browser: Open) -> None:
    """The line is slow: what was kept last travels when Discard is pressed."""
    ticket = desk.opened("Thrown away")
    page = signed_in(desk, browser())
    at = f"{desk.url}/tickets/{ticket.reference}"
    page.goto(at)
    page.fill("#text", WORDS)
    # Who types before the preview is there types on the page that goes, and no draft is kept of it
    with page.expect_navigation():
        page.click("button[value=preview]")
    under_way: list[Any] = []
    page.route("**/draft", lambda route: under_way.append(route))
    page.fill("#text", f"{WORDS}, and more")
    for _ in range(400):
        if under_way:
            break
        page.wait_for_timeout(50)
    assert under_way, "no draft was kept within twenty seconds"
    page.click("button[value=discard]", no_wait_after=True)
    page.wait_for_timeout(300)
    under_way[0].continue_()
    page.wait_for_url(lambda url: "said=discarded" in url)
    page.wait_for_timeout(300)
    assert desk.store.draft(ANNA, ticket.reference, "answer") is None
    page.goto(at)
    assert page.input_value("#text") == ""
