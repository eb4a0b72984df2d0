"""What axe says of a page, in light and in dark: its rules of WCAG 2.2 AA once, and what colours decide again in the dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def source() -> str:
    """axe's own script, as the package brings it."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def violations(page: Any, script: str, name: str, *, frames: bool = False) -> list[str]:
    """What is wrong with the page as it stands, hovered or filled as it is. `frames`: in them too; a stranger's HTML is his."""
    page.evaluate(script)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # no colour half way to another
    found = _said(page, name, {"runOnly": TAGS, "iframes": frames})
    page.emulate_media(color_scheme="dark")
    colours = {
        "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
        "iframes": frames,
    }
    found += _said(page, f"{name}, dark", colours)
    page.emulate_media(color_scheme="light")
    return found


def _said(page: Any, name: str, rules: dict[str, Any]) -> list[str]:
    return [
        f"{name}: {one['id']}: {node['html'][:160]}: {node['failureSummary'][:200]}"
        for one in page.evaluate("rules => axe.run(document, rules)", rules)["violations"]
        for node in one["nodes"][:3]
    ]
