"""What a page's styles take from sight."""

from __future__ import annotations

import pytest

from triaged.reading.page.hidden import by_sheet, by_style


@pytest.mark.parametrize(
    ("style", "hidden"),
    [
        ("display:none", True),
        ("color:red; DISPLAY : none !important", True),
        ("display:block", False),
        ("height:0;overflow:hidden", True),
        ("height:0", False),
        ("overflow:hidden", False),
        ("height:10px;overflow:hidden", False),
        (f"{'x' * 1988}display:none", True),
        (f"{'x' * 1989}display:none", False),
        ("", False),
    ],
)
def test_a_style_hides(style: str, hidden: bool) -> None:
    assert by_style(style) is hidden


@pytest.mark.parametrize(
    ("sheet", "hidden"),
    [
        (".a{display:none}", {".a"}),
        ("p.a, #b , div > .c{display:none}", {".a", "#b"}),
        (".a{display:none} .a{color:red}", {".a"}),
        (".a{display:none} .a{display:block}", set()),
        (".a{display:block} .a{display:none}", {".a"}),
        ("/* .a{display:none} */ .b{display:none}", {".b"}),
        ("@media print{.a{display:none}} .b{display:none}", {".b"}),
        ("@media print{.a{display:none}}", set()),
        (".a{color:red}", set()),
    ],
)
def test_a_sheet_hides_by_class_or_id(sheet: str, hidden: set[str]) -> None:
    assert by_sheet(sheet) == hidden
