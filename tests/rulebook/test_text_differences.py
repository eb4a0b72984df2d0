"""Two rulebooks line by line, and where a difference is cut."""

from __future__ import annotations

from triaged.rulebook.text_differences import FileDifference, differences, lines


def test_each_file_that_differs_is_told_by_name_with_its_lines() -> None:
    found = differences({"b": "x\ny\n", "c": "same", "d": "gone"}, {"a": "new", "b": "x\nz\n", "c": "same"})
    assert found == (
        FileDifference("a", "added", ("@@ -0,0 +1 @@", "+new")),
        FileDifference("b", "changed", ("@@ -1,2 +1,2 @@", " x", "-y", "+z")),
        FileDifference("d", "removed", ("@@ -1 +0,0 @@", "-gone")),
    )
    assert list(lines(found[:2])) == [
        "added a",
        "@@ -0,0 +1 @@",
        "+new",
        "changed b",
        "@@ -1,2 +1,2 @@",
        " x",
        "-y",
        "+z",
    ]


def test_two_thousand_lines_are_shown_and_then_a_mark() -> None:
    [whole] = differences({}, {"a": "x\n" * 1_999})
    assert (len(whole.lines), whole.cut) == (2_000, False)
    assert list(lines((whole,)))[-1] == "+x"
    [cut] = differences({}, {"a": "x\n" * 2_000})
    assert (len(cut.lines), cut.cut) == (2_000, True)
    assert list(lines((cut,)))[-2:] == ["+x", "…"]


def test_a_file_of_many_lines_is_only_counted() -> None:
    [compared] = differences({"a": "x\n" * 20_000}, {"a": "x\n" * 19_999})
    assert compared.lines[-1] == "-x" and not compared.cut
    [counted] = differences({"a": "x\n" * 20_001}, {"a": "x\n"})
    assert counted == FileDifference("a", "changed", ("@@ 20001 lines before, 1 now @@",), cut=True)
    [counted] = differences({"a": "x\n"}, {"a": "x\n" * 20_001})
    assert counted.lines == ("@@ 1 lines before, 20001 now @@",)
