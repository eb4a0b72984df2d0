"""A request as a page sees it: where the browser stands, and whither it is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.requests import Request

from triaged.web.cookies import Choices
from triaged.web.visit import Visit, go


def visit(path: str, query: str = "", **more: Any) -> Visit:
    """Of somebody of whom nothing is known."""
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": [],
        "scheme": "https", "server": ("desk.example", 443), "root_path": "",
    }  # fmt: skip
    return Visit(
        request=Request(scope),
        house=None,  # type: ignore[arg-type]
        now=datetime(2026, 11, 23, 9, tzinfo=UTC),
        peer="192.0.2.7",
        choices=Choices(),
        language="en",
        browser_key="b",
        **more,
    )


@pytest.mark.parametrize(
    ("path", "query", "stands"),
    [("/queue", "", "/queue"), ("/queue", "view=all&q=a%20b", "/queue?view=all&q=a%20b")],
)
def test_where_the_browser_stands_is_path_and_query(path: str, query: str, stands: str) -> None:
    assert visit(path, query).path == stands


def test_a_parameter_of_the_address_is_taken_up_to_three_hundred_characters() -> None:
    at = visit("/queue", f"q={'x' * 301}&view=")
    assert (at.query("q"), at.query("view"), at.query("none")) == ("x" * 300, "", "")


def test_each_form_has_a_key_of_its_own_and_who_is_not_signed_in_is_nobody() -> None:
    at = visit("/queue")
    keys = {at.new_form() for _ in range(20)}
    assert len(keys) == 20 and {len(key) for key in keys} == {24}
    with pytest.raises(AssertionError):
        _ = at.who


def test_another_page_is_gone_to_by_get() -> None:
    answer = go("/tickets")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tickets")
