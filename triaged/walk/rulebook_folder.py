"""Where rulebooks lie: reads a folder's files and hands their texts to rulebook/loading.py. The edge of it."""

from __future__ import annotations

from pathlib import Path

from triaged.config.yaml_folder import read_texts
from triaged.errors import Faulty
from triaged.letters import sections as letters
from triaged.letters import templates
from triaged.letters.kinds import KINDS, of_meetings
from triaged.promises import promising
from triaged.promises import sections as promises
from triaged.rulebook import loading
from triaged.rulebook.loading import Rooms, RoomSections
from triaged.rulebook.rulebook import Rulebook

# The rooms of this house that own sections of the rulebook
ROOMS = Rooms(
    RoomSections(promises.SECTIONS, promising.build),
    RoomSections(letters.SECTIONS, templates.build),
    kinds=tuple(KINDS),
    meeting_kinds=of_meetings(),
)


def read_folder(folder: Path) -> dict[str, str]:
    """The texts of a rulebook folder. Raises Faulty as `read_texts` does."""
    return read_texts(folder, "rulebook folder")


def load_folder(folder: Path) -> Rulebook:
    """The rulebook of a folder. Raises Faulty with every complaint, warnings too, if it cannot be used."""
    rulebook, complaints = loading.load(read_folder(folder), ROOMS)
    if rulebook is None:
        raise Faulty(*map(str, complaints))
    return rulebook
