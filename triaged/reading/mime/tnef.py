"""winmail.dat (TNEF): Outlook's wrapping of a mail; its text and files are what a person would see.

Contract: never raises; a broken one gives nothing and a defect. PURE.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from triaged.reading.mime import attachments, charsets
from triaged.reading.values import Attachment

LARGEST = 10 * 1024 * 1024


class Unwrapped(NamedTuple):
    """What stood in the wrapping."""

    text: str = ""
    html: str = ""
    files: tuple[Attachment, ...] = ()
    defect: str = ""


def unwrap(data: bytes, *, content: bool = False) -> Unwrapped:
    """The body and the files of a TNEF part."""
    if len(data) > LARGEST:
        return Unwrapped(defect="winmail.dat too large to open")
    try:
        from tnefparse.tnef import TNEF  # rare: its import is not paid by every worker

        held = TNEF(data, do_checksum=False)  # type: ignore[no-untyped-call]
        files = tuple(
            attachments.describe(
                bytes(a.data or b""),
                _name(a),
                "application/octet-stream",
                content=content,
            )
            for a in held.attachments[:100]
        )
        return Unwrapped(_text(held.body), _text(held.htmlbody), files)
    except Exception as broken:  # a hostile wrapping raises anything
        return Unwrapped(defect=f"winmail.dat unreadable ({type(broken).__name__})")


def _name(file: Any) -> str:
    """A file's name; one in the sender's own charset alone must not cost the text and the other files."""
    try:
        return str(file.long_filename() or "")
    except UnicodeDecodeError:
        return charsets.decode(file._name, file.codepage).text.strip("\0")


def _text(body: object) -> str:
    if isinstance(body, bytes):
        return charsets.decode(body).text.replace("\0", "")
    return charsets.without_surrogates(body).replace("\0", "") if isinstance(body, str) else ""
