"""What of a mail is encrypted, and so cannot be read: S/MIME, PGP/MIME, PGP in the text, Office messages.

Contract: total and linear. Nothing is deciphered; signed mail is no concern of this module (smime.py). PURE.
"""

from __future__ import annotations

import re
from typing import Final

SMIME: Final = "S/MIME"
PGP_MIME: Final = "PGP/MIME"
PGP_INLINE: Final = "PGP"
OFFICE: Final = "Office message encryption"

_PGP_TYPES = frozenset({"multipart/encrypted", "application/pgp-encrypted"})
_OFFICE_TYPES = frozenset({"application/x-microsoft-rpmsg-message", "application/vnd.ms-rpmsg"})
_WRAPPED = re.compile(
    r"\.rpmsg$|^securedoc[\w.-]{0,80}\.html?$|^encrypted[_-]?message\.html?$", re.IGNORECASE
)
_BEGIN = "-----BEGIN PGP MESSAGE-----"
_ARMOUR = re.compile(
    r"\s*+(?:[A-Za-z0-9+/=]{1,100}+|(?:Version|Comment|Charset|Hash|MessageID): .{0,200}+|)\s*+"
)
_END = "-----END PGP MESSAGE-----"


def of_part(kind: str, name: str) -> str:
    """How a part of this type and file name is encrypted; "" if nothing says so."""
    if kind in _PGP_TYPES:
        return PGP_MIME
    return OFFICE if kind in _OFFICE_TYPES or _WRAPPED.search(name[:200]) else ""


def is_armoured(data: bytes) -> bool:
    """Whether a file is a PGP message in ASCII armour and nothing else."""
    return data[:200].lstrip().startswith(_BEGIN.encode())


def without_armour(text: str) -> tuple[str, bool]:
    """The text without its PGP messages, and whether there were any. One that is quoted is no part of this mail."""
    if _BEGIN not in text:
        return text, False
    kept: list[str] = []
    within = found = False
    for row in text.split("\n"):
        begins = row.strip() == _BEGIN
        within = begins or (within and _ARMOUR.fullmatch(row) is not None)
        found = found or within
        if not within:
            kept.append("" if found and row.strip() == _END else row)
    return "\n".join(kept), found
