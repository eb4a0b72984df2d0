"""Whether a From names one sender beyond doubt, by how it is written."""

from __future__ import annotations

import pytest

from triaged.reading.sender.from_field import LONGEST, ambiguity
from triaged.reading.values import Address

ANNA = "anna@oak.example"


def told(*written: str, read: str | None = ANNA) -> str:
    return ambiguity(written, [Address("", read)] if read else [])


@pytest.mark.parametrize(
    "written",
    [
        ANNA,
        f"<{ANNA}>",
        f"Anna <{ANNA}>",
        f'"Anna (Oak); Ltd <x>" <{ANNA}>',
        f"Anna (of Oak (the firm)) <{ANNA}>",
        f"\x1b$B;3ED\x1b(B <{ANNA}>",
        f"{'x' * (LONGEST - len(ANNA) - 3)} <{ANNA}>",
    ],
)
def test_one_address_in_one_field_is_no_doubt(written: str) -> None:
    assert told(written) == ""


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ([], "no From header"),
        ([ANNA, ANNA], "2 From headers"),
        ([f"{'x' * (LONGEST - len(ANNA) - 2)} <{ANNA}>"], "a From header without end"),
        (["bob@oak.example"], "the From header is read in several ways"),
        ([f'"Anna <{ANNA}>'], "quotes of the From header do not match"),
        ([f"Anna) <{ANNA}> (of Oak"], "comments of the From header do not match"),
        ([f"{ANNA} (a)) (b"], "comments of the From header do not match"),
        ([f"{ANNA} (a"], "comments of the From header do not match"),
        ([f"Team: <{ANNA}>;"], "From names a group"),
        ([f"<bob@oak.example> <{ANNA}>"], "the From header is read in several ways"),
        ([f"bob@oak.example <{ANNA}>"], "From can be read as several addresses"),
        ([f'"<bob@oak.example>" <{ANNA}>'], "From can be read as several addresses"),
    ],
)
def test_what_leaves_a_doubt_is_told(written: list[str], why: str) -> None:
    assert told(*written) == why


def test_no_address_and_two_prove_nobody() -> None:
    assert told(ANNA, read=None) == "no From address"
    assert ambiguity([ANNA], [Address("", ANNA)] * 2) == "2 From addresses"
