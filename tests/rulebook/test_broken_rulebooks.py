"""Each broken rulebook gives its exact lines (broken/NN-what/*.yaml and expected.txt), all of them at once.

The broken files are laid over the service levels and letters that ship, as support ops would break them.
`TRIAGED_WRITE_EXPECTED=1` writes the files anew; read the difference before you believe it.
"""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest

from triaged.config import shipped
from triaged.rulebook import loading, schema
from triaged.spec import strict_yaml
from triaged.walk import rulebook_folder
from triaged.walk.rulebook_folder import ROOMS

VALIDATOR = jsonschema.Draft7Validator(schema.json_schema(ROOMS))
BROKEN = sorted(path for path in (Path(__file__).parent / "broken").iterdir() if path.is_dir())
SHIPPED = {
    name: text for name, text in rulebook_folder.read_folder(shipped.rules()).items() if name[6:8] in ("40", "41")
} | {
    name: text for name, text in rulebook_folder.read_folder(shipped.rules()).items() if name[6:8] == "50"
}  # fmt: skip

# What only a loader can know: names that lead nowhere, patterns, order, what two files say together.
BEYOND_A_SCHEMA = {
    "16-country-for-language", "30-never-reached", "33-large-account-for-everybody", "03-two-documents", "18-look-ahead", "19-double-quoted-pattern", "20-pattern-of-everything",
    "22-bounds-against-each-other", "23-does-nothing", "24-unknown-service-level", "25-unknown-service",
    "26-two-services-of-one-name", "27-unknown-list-and-condition", "28-condition-in-a-circle",
    "29-two-rules-of-one-name", "31-one-section-in-two-files", "36-unknown-region", "37-rules-at-odds", "38-never-hits",
    "39-empty-condition", "40-unknown-letter-in-sending-hours", "38-asking-about-an-unknown-service",
    "43-screen-sharing-command", "44-screen-sharing-no-time", "45-screen-sharing-calendar",
}  # fmt: skip


def files(folder: Path) -> dict[str, str]:
    return {f"rules/{path.name}": path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))}


@pytest.mark.parametrize("folder", BROKEN, ids=lambda path: path.name)
def test_a_broken_rulebook_gives_its_exact_lines(folder: Path) -> None:
    rulebook, complaints = loading.load({**SHIPPED, **files(folder)}, ROOMS)
    told = "".join(f"{complaint}\n" for complaint in complaints)
    expected = folder / "expected.txt"
    if os.environ.get("TRIAGED_WRITE_EXPECTED"):
        expected.write_text(told, "utf-8")
    assert told == expected.read_text("utf-8")
    assert (rulebook is None) is not all(c.warning for c in complaints)


def test_there_are_at_least_thirty_of_them() -> None:
    assert len(BROKEN) >= 30


@pytest.mark.parametrize("folder", BROKEN, ids=lambda path: path.name)
def test_the_schema_sees_in_an_editor_what_a_schema_can_see(folder: Path) -> None:
    documents = [strict_yaml.load(text, name) for name, text in files(folder).items()]
    seen = any(d.complaints or list(VALIDATOR.iter_errors(d.value)) for d in documents)
    assert seen or folder.name in BEYOND_A_SCHEMA
