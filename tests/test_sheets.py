"""Cells of CSV: text in every export stays text in a spreadsheet (P46)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triaged.edge.sheets import cell


@pytest.mark.parametrize(
    "value", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1+1", "＋1", "\ufeff=1", "|x", "%0A=1"]
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_text(value: str) -> None:
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize(
    "value", ["", "Reports are slow", "-5", "+3.5", "a=b", "2026-11-16", 7, None, 1.5, "日本語"]
)
def test_all_else_is_as_it_was(value: object) -> None:
    assert cell(value) == value


def test_whoever_writes_csv_goes_by_it() -> None:
    """P46: pages and commands alike."""
    root = Path(__file__).parents[1] / "triaged"
    writers = [p for p in root.rglob("*.py") if re.search(r"csv\.(?:Dict)?[Ww]riter\(", p.read_text("utf-8"))]
    assert writers
    assert [p.name for p in writers if "sheets" not in p.read_text("utf-8")] == []
