"""Addresses that no single person reads, by their looks and by the headers of lists."""

from __future__ import annotations

import pytest

from triaged.reading.mime.headers import Headers
from triaged.reading.sender import groups


@pytest.mark.parametrize(
    ("local", "no_letters", "group", "many"),
    [
        ("no-reply", True, False, True),
        ("noreply", True, False, True),
        ("donotreply", True, False, True),
        ("do.not.reply", True, False, True),
        ("no_response", True, False, True),
        ("my.noreply", True, False, True),
        ("noreply+x", True, False, True),
        ("postmaster", True, False, True),
        ("bounces", True, False, True),
        ("alerts", True, False, True),
        ("notification", True, False, True),
        ("anna", False, False, False),
        ("norep", False, False, False),
        ("nicht-antworten", True, False, True),
        ("all", False, True, True),
        ("team", False, True, True),
        ("sales-team", False, True, True),
        ("team-sales", False, True, True),
        ("steam", False, False, False),
        ("teamwork", False, False, False),
        ("allourstaff", False, True, True),
        ("staff", False, True, True),
        ("staffing", False, False, False),
        ("support", False, False, True),
        ("my.support", False, False, True),
        ("support-eu", False, False, True),
        ("supporter", False, False, False),
        ("helpdesk", False, False, True),
        ("crm", False, False, True),
        ("case", False, False, True),
        ("dl", False, True, True),
        ("ml.x", False, True, True),
        ("alle", False, True, True),
        ("", False, False, False),
        ("x" * 95 + "-team", False, True, True),
        ("x" * 97 + "-team", False, False, False),
        ("x" * 92 + "-support", False, False, True),
        ("x" * 94 + "-support", False, False, False),
    ],
)  # fmt: skip
def test_an_address_looks_like_a_machine_s_a_group_s_or_a_desk_s(
    local: str, no_letters: bool, group: bool, many: bool
) -> None:
    address = f"{local}@oak.example"
    assert groups.takes_no_letters(address) is no_letters
    assert groups.is_list(address) is group
    assert groups.is_many(address) is many


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"List-Post": "<mailto:Team@oak.example?subject=x>"}, ("team@oak.example",)),
        ({"List-Post": "<mailto:ab>"}, ()),
        ({"List-Id": "The team <team.oak.example>"}, ("team@oak.example",)),
        ({"List-Id": "<a@oak.example>"}, ()),
        ({"List-Id": "<ab>"}, ()),
        ({"X-Google-Group-Id": "123"}, ()),
        (
            {"Mailing-List": "list team@oak.example; contact x@oak.example"},
            ("team@oak.example", "x@oak.example"),
        ),
        ({"List-Post": "<mailto:a@oak.example>", "List-Id": "<a.oak.example>"}, ("a@oak.example",)),
        ({"List-Id": " " * 1_985 + "<a.oak.example>"}, ("a@oak.example",)),
        ({"List-Id": " " * 1_986 + "<a.oak.example>"}, ()),
    ],
)
def test_the_headers_of_lists_tell_the_group(fields: dict[str, str], found: tuple[str, ...]) -> None:
    assert groups.list_addresses(Headers(fields.items())) == found
