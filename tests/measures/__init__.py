"""Figures on the shared corpora: `make measures`. Each module here has `figures()` yielding `Figure`s."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """One measured number beside the bound an issue asks for."""

    name: str
    value: str
    bound: str
    met: bool
