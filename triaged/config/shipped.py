"""Where the rulebook, the model and the words that ship lie: in the wheel, else in the checkout."""

from __future__ import annotations

from pathlib import Path

WITH_EMBEDDINGS = "with-embeddings"  # beside the models of words: those that see sentences too
_PACKAGE = Path(__file__).parents[1]


def _place(name: str) -> Path:
    packed = _PACKAGE / "shipped" / name
    return packed if packed.exists() else _PACKAGE.parent / name


def rules() -> Path:
    """The folder of the rulebook that ships."""
    return _place("rules")


def models() -> Path:
    """The folder of the model that ships, with the examples it is trained on."""
    return _place("models")


def example() -> Path:
    """The config that explains every key."""
    return _place("config.example.yaml")


def words() -> Path:
    """The folder of the words that ship, one file per language; part of the package in both."""
    return _PACKAGE / "reading" / "words"
