"""What a mail takes back, and what takes its place: by words before, behind and between the values."""

from __future__ import annotations

import pytest

from tests.reading.test_identifiers import find
from tests.reading.test_noticed_binding import A, B, M, N, bound
from triaged.reading.identifiers.withdrawn import subject_withdrawn


@pytest.mark.parametrize(
    "text",
    [
        f"ZOID: {N}. Sorry, wrong one: {M}", f"ZOID {N} - sorry, {M}", f"not ZOID {N} but {M}", f"ZOID is not {N} but {M}", f"my ZOID is not {N} but {M}",
        f"old ZOID: {N}, new ZOID: {M}", f"former ZOID {N}, current {M}", f"The ZOID was {N}, now it is {M}", f"ignore ZOID {N}, use {M}",
        f"the wrong ZOID was {N}, correct ZOID {M}", f"ZOID {N} by mistake, it is {M}", f"instead of ZOID {N} use {M}", f"ZOID {N}ではなく{M}です",
        f"Wrong: ZOID {N}. Correct: ZOID {M}", f"ZOID: {N} is wrong, {M} is right", f"ZOID: {N} ist falsch, {M} ist die richtige", f"ZOID {N} est faux, {M} est le bon",
        f"ZOID {N}は誤り、{M}が正しいです", f"ZOID: {N} is wrong, {M} is the correct one", f"~~ZOID {N}~~ {M} is right",
    ],
)  # fmt: skip
def test_another_takes_the_place_of_an_id_that_is_taken_back(text: str) -> None:
    assert bound(text) == "zoid M label"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"ZOID {N}, I mean {M}", "zoid M template"),
        (f"ZOID: {N}\nscratch that\nZOID: {M}", "zoid M template"),
        (f"ZOID: {N}, scratch that, {M}", ""),
        (f"ZOID: {N} is wrong, {M} is left", ""),
        (f"ZOID {N} wrong, the invoice {M}", ""),
        (f"Please ignore the ZOID {N}.", ""),
        (f"wrong ZOID {N}", ""),
        (f"ZOID: {N} belongs to another customer", ""),
        (f"ZOID {N} and {N} is wrong", ""),
        (f"ZOID: {N}. Please ignore {N}.", ""),
        (f"Please ignore {M}. ZOID: {N}", "zoid N label"),
        (f"ZOID {N} was wrong. ZUID {M}", "zuid M label"),
        (f"ZOID: {N} (old), {M} (new)", "zoid N template, zoid M template"),
        (f"https://crm.zoho.com/crm/org{N}/tab is wrong", "zoid N url"),
        (f"The ZOID is {N}. It was not {M}.", "zoid N label"),
        (f"The invoice is not {N} but {M}", ""),
        (f"ZOID{' x' * 45} not {N} but {M}", ""),
        (f"ZOID {N} is wrong,{' x' * 54} {M} is right", "zoid M label"),
        (f"ZOID {N} is wrong,{' x' * 55} {M} is right", ""),
        (f"SuperAdmin: {A}, sorry, {B}", "sa B label"),
        (f"SuperAdmin was {A}, now {B}", "sa B label, ca A words"),
        (f"SuperAdmin {A} is wrong, {B} is right", "sa B label"),
        (f"The SuperAdmin is not {A} but {B}", "sa B label, ca A words"),
    ],
)
def test_what_is_taken_back_is_gone_and_nothing_else(text: str, told: str) -> None:
    assert bound(text) == told


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("the subject is wrong", True),
        ("please ignore the subject", True),
        (f"the subject {'x' * 50} wrong", True),
        (f"the subject {'x' * 60} wrong", False),
        ("the subject. It is wrong", False),
        ("the title is a typo", True),
        ("der betreff ist falsch", True),
        ("件名は誤りです", True),
        ("it is wrong", False),
        ("x " * 1_990 + "the subject is wrong", True),
        ("x " * 1_990 + "y the subject is wrong", False),
    ],
)
def test_a_subject_is_taken_back_near_the_beginning(text: str, back: bool) -> None:
    assert subject_withdrawn(text) is back
    assert find(text, subject=f"ZOID {N}").zoid == (() if back else (N,))
