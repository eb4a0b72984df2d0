"""What a value is called, once more: by brackets, fields, lists, pairs and words beside it; and what denies it."""

from __future__ import annotations

import pytest

from tests.reading.test_identifiers import find

A, B = "it@alder.example", "boss@alder.example"
N, M, L = "60031122334", "60031122999", "60031122335"
SHORT = {A: "A", B: "B", N: "N", M: "M", L: "L"}
KINDS = {"superadmin_email": "sa", "customer_email": "ca"}


def bound(text: str) -> str:
    """Every value with its kind and by what it was found, in the order of the mail: `zoid N template`."""
    found = find(text).found
    return ", ".join(
        f"{KINDS.get(one.kind, one.kind)} {SHORT.get(one.value, one.value)} {one.by}" for one in found
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{N} (one two three four five six ZOID)", "zoid N label"),
        (f"{N} [ZOID]", "zoid N label"),
        (f"{N} -(ZOID)", "zoid N label"),
        (f"{N} (ZOID {M})", "zoid M template"),
        (f"{N} (ZOID, not ZUID)", "zoid N label"),
        (f"{N} (their ZOID, not ours)", "zoid N label"),
        (f"{A} (super admin)", "sa A label"),
        (f"{A} (our one two three super admin)", "sa A label"),
        (f"{A} (our one two three four super admin)", "ca A words"),
        (f"{A} (not super admin)", "ca A words"),
        (f"{A} (former super admin)", "ca A words"),
        (f"{A} (our deputy super admin)", "ca A words"),
        (f"{A} (see {B}, super admin)", "sa B words, ca A words"),
        (f"{A} [super admin]", "sa A words"),
    ],
)
def test_a_bracket_behind_a_value_names_it(text: str, told: str) -> None:
    assert bound(text) == told


@pytest.mark.parametrize(
    "denial",
    ["(not the ZOID)", "(not ZOID)", "(isn't their ZOID)", "(kein ZOID)", "(nicht die ZOID)", "(pas le ZOID)", "(no es el ZOID)", "(niet de ZOID)",
     "(not: ZOID)", "[not the ZOID]", "(ZOIDではない)", "(ZOIDじゃない)", "(ZOIDではありません)", "- not the ZOID", ", not the ZOID", "is not the ZOID", "(wrong ZOID)", "(invoice, not the ZOID)"],
)  # fmt: skip
def test_what_a_bracket_denies_is_not_so_called(denial: str) -> None:
    assert bound(f"{N} {denial}") == ""
    assert bound(f"{N} {denial}, {M} (ZOID)") == "zoid M label"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"ZOID {N} (not ZUID)", "zoid N template"),
        (f"ZOID (not ZUID): {N}", "zoid N template"),
        (f"ZOID, not ZUID: {N}", "zoid N template"),
        (f"ZUID [nicht die ZOID]: {N}", "zuid N template"),
        (f"{N} (not ZUID but ZOID)", "zoid N label"),
        (f"{N} (not ZOID but ZUID)", "zuid N label"),
        (f"{N} (not sure if ZOID)", "zoid N label"),
        (f"{N} (nota: ZOID)", "zoid N label"),
        (f"{N} (ZOIDです)", "zoid N label"),
        (f"not the ZOID {N} but ZOID {M}", "zoid M label"),
    ],
)
def test_a_label_that_is_denied_leaves_the_other_one_standing(text: str, told: str) -> None:
    assert bound(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"ZUID: Anna Smith {N}", "zuid N template"),
        ("ZUID: of the last sheet 60031122", "zuid 60031122 template"),
        ("ZUID: of the last sheet 6003112", ""),
        (f"ZUID: {'a' * 60} {N}", "zuid N template"),
        (f"ZUID: {'a' * 70} {N}", ""),
        (f"ZUID: not known {N}", ""),
        (f"ZUID (of Anna): Smith {N}", "zuid N template"),
        (f"SuperAdmin: Anna Smith {A}", "sa A template"),
        (f"SuperAdmin: the colleague of {A}", "ca A words"),
        (f"SuperAdmin: none {A}", "ca A words"),
        (f"SuperAdmin: but {A}", "ca A words"),
        (f"SuperAdmin (e.g. {A}): {B}", "sa B template, ca A words"),
        (f"SuperAdmin\n{A}", "sa A template"),
        (f"ZOID\n\n{N}", "zoid N template"),
        (f"ZOID\n{'x ' * 150}\n{N}", ""),
        (f"We saw ZOID {N}", "zoid N label"),
        (f"1. ZOID {N}", "zoid N template"),
        (f"- super admin {A}", "sa A template"),
        (f"We saw super admin {A}", "sa A words"),
        (f"the org {N}", "zoid N label"),
    ],
)
def test_a_field_may_hold_more_than_its_value(text: str, told: str) -> None:
    assert bound(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"The super admin of Alder, {A}, cannot", "sa A words"),
        (f"(the super admin), {A}", "ca A words"),
        (f"{B} is super admin, {A} is not", "sa B words, ca A words"),
        (f"{B} is the super admin. {A} is a user", "sa B words, ca A words"),
        (f"make {A} super admin", "ca A words"),
        (f"please set {A} as the super admin", "ca A words"),
        (f"make it so. {A} is super admin", "sa A words"),
        (f"{A} is the super admin", "sa A words"),
        (f"{A} has super admin rights", "ca A words"),
        (f"{A}, super admin", "sa A words"),
        (f"{A}\nSuperAdmin: {B}", "sa B template, ca A words"),
        (f"{N} is the ZOID of {A}", "zoid N label, ca A words"),
        (f"* {N} ZOID", "zoid N label"),
        (f"[{N} ZOID]", "zoid N label"),
        (f"{N}, ZOID", "zoid N label"),
        (f"{N} = ZOID", "zoid N label"),
        (f"{N} = ZOID: {M}", "zoid M label"),
        (f"{N} - org", ""),
        (f"{N}\nZOID", ""),
        (f"{N}\nZOID: {M}", "zoid M template"),
    ],
)
def test_words_behind_or_before_a_value_call_it_so(text: str, told: str) -> None:
    assert bound(text) == told


@pytest.mark.parametrize(
    ("behind", "also"),
    [
        (f", {L}", True),
        (f"; {L}", True),
        (f" (main), {L}", True),
        (f", also {L}", True),
        (f", a b c {L}", True),
        (f", a b c d {L}", False),
        (f"\n- {L}", True),
        (f"\n\n{L}", False),
        (f"\nx {L}", False),
        (f" foo {L}", False),
    ],
)
def test_a_value_behind_another_has_its_name_in_a_list(behind: str, also: bool) -> None:
    assert bound(f"ZOID: {N}{behind}") == "zoid N template" + also * ", zoid L template"


@pytest.mark.parametrize("other", ["70031122335", "600311223355"])
def test_one_that_does_not_look_alike_has_it_only_right_behind_a_comma(other: str) -> None:
    assert bound(f"ZOID: {N}, {other}") == f"zoid N template, zoid {other} template"
    assert bound(f"ZOID: {N}, also {other}") == bound(f"ZOID: {N}\n- {other}") == "zoid N template"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"ZOID & ZUID: {N} & {M}", "zoid N label, zuid M label"),
        (f"ZOID/ZUID: {N}/{M}", "zoid N label, zuid M label"),
        (f"ZUID, ZOID: {N}, {M}", "zuid N label, zoid M label"),
        (f"ZOID / ZUID: {N} then {M}", "zuid N label"),
        (f"ZOID: {N} or ZUID {M}", "zoid N template, zuid M label"),
        (f"ZGID / ZOID: {N}", "zoid N template"),
        (f"ZOID, ZGID: {N}", "zgid N label"),
        (f"https://crm.zoho.com/crm/org{N}/tab, {L}", "zoid N url"),
    ],
)
def test_two_labels_are_for_two_values(text: str, told: str) -> None:
    assert bound(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"ZOID e.g. {N}", ""),
        (f"ZOID (for example {N})", ""),
        (f"ZOID: {N} for example", ""),
        (f"ZOID z. B. {N}", ""),
        (f"例：{N} ZOID", ""),
        (f"ZOID {N}, like {M}", "zoid N template"),
        (f"For example ZOID {N}", "zoid N label"),
        (f"ZOID invoice {N}", ""),
        (f"ZOID on the invoice {N}", ""),
        (f"ZOID: see our invoice {N}", "zoid N template"),
        (f"ZOID (invoice 7) {N}", "zoid N template"),
        (f"ZOID (see invoice) {N}", "zoid N template"),
    ],
)
def test_an_example_and_another_thing_s_number_are_no_id(text: str, told: str) -> None:
    assert bound(text) == told
