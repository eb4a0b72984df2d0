"""Hostile text may give anything, but never an exception, and never more time than its length explains."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.test_identifiers import find
from tests.reading.test_services import SERVICES
from tests.spent import spent
from triaged.reading.services import services
from triaged.reading.values import NewText

SIZE = 100_000
HOSTILE = [
    "ZOID " * 50,
    "1 2 3 4 5 6 7 ",
    "12345-",
    "not 12345 but ",
    "ZOID (",
    "ZOID 60031122334 ",
    "in Books ",
    "a@b.example ZOID 60031122334 (super admin) ",
    "Service: CRM / ",
    "a@b.example ",
    "super admin a@b.example, ",
    "Zoho CRM plus ",
    "\n\n\n",
    "......",
    "https://crm.zoho.com/crm/org60031122334/",
    "ZOID\tZUID\n",
    '"a@b ',
    "Error: x@y.example\n",
    "ZOID: ",
    "組織ID：",
    "- ",
    "((((",
    "%25",
    "ﷺ",
]


@pytest.mark.parametrize("piece", HOSTILE, ids=[repr(p)[:20] for p in HOSTILE])
def test_time_grows_with_the_length_alone(piece: str) -> None:
    def cost(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        return spent(lambda: (find(text), services.which("x", NewText(text, text, ""), SERVICES)))

    cost(1_000)
    small, large = max(cost(SIZE // 8), 0.02), cost(SIZE)
    assert large < 24 * small, f"{small:.3f} s for an eighth, {large:.3f} s for the whole"


PIECES = st.lists(
    st.sampled_from(
        [
            "ZOID",
            "ZUID: ",
            "60031122334",
            "it@alder.example",
            "super admin",
            " not ",
            "(",
            ")",
            "\n",
            "\t",
            " is ",
            ", ",
            "~~",
            "https://crm.zoho.com/crm/org60031122334/",
            "e.g. ",
            "Zoho CRM",
            "組織ID",
            "は",
            "ではなく",
            "Error: ",
            "\u00ad",
            "１２３４５",
            "> ",
            "-- \n",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.one_of(PIECES, st.text(max_size=200)))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    found = find(text, subject=text[:50])
    assert all(value.isdigit() and 5 <= len(value) <= 20 for value in (*found.zoid, *found.zuid, *found.zgid))
    assert found.superadmin_email not in found.customer_emails or found.superadmin_email is None
    services.which(text[:50], NewText(text, text, ""), SERVICES)
