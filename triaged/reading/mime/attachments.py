"""Attachments: names that are safe to show and to write, and what the bytes really are.

Contract: total and bounded; a name never holds a path, a control or a direction mark (`exe.pdf`
written backwards), and is never longer than 120 characters. PURE.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from triaged.reading.values import Attachment

LONGEST_NAME = 120
_HEAD = 4096

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+')
_DEVICES = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-elf"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"<?xml", "text/xml"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
)
_OFFICE = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OLE = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint", "msg": "application/vnd.ms-outlook"}  # fmt: skip
_EXTENSIONS = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "txt": "text/plain",
    "log": "text/plain",
    "htm": "text/html",
    "html": "text/html",
    "json": "application/json",
    "har": "application/json",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "eml": "message/rfc822",
}


def describe(
    data: bytes, name: str, declared: str, *, inline: bool = False, content: bool = False
) -> Attachment:
    """What a part is: safe name, the type the bytes show (the declared one where they show none), size.

    `content`: with its bytes.
    """
    shown = Attachment(safe_name(name), real_type(data, name, declared), len(data), inline)
    return replace(shown, content=data) if content else shown


def safe_name(name: str) -> str:
    """A name without path, controls and tricks; "" where nothing is left. Extension kept when shortened."""
    name = unicodedata.normalize("NFC", name[:2000]).replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("", name).strip(" .~\t")
    if _DEVICES.match(name):
        name = "_" + name
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 12:
        return name[:LONGEST_NAME]
    return stem[: LONGEST_NAME - len(extension) - 1] + "." + extension


def real_type(data: bytes, name: str, declared: str) -> str:
    """The media type by the first bytes, then by the text's kind and the name's ending, then as declared."""
    head = data[:_HEAD]
    by_magic = _by_magic(head, data, name)
    if by_magic:
        return by_magic
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "text/html"
    is_text = b"\0" not in head
    extension = name.rpartition(".")[2].lower()
    if is_text and extension in _EXTENSIONS and not declared.startswith(("image/", "message/")):
        return _EXTENSIONS[extension]
    if not is_text and declared.startswith("text/") and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return "application/octet-stream"
    return declared or ("text/plain" if is_text else "application/octet-stream")


def _by_magic(head: bytes, data: bytes, name: str) -> str:
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:10] == b"qt" else "video/mp4"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12], "")
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if found == "application/zip":
        return next((kind for mark, kind in _OFFICE if mark in head or mark in data[-8192:]), found)
    if found == "application/x-ole-storage":
        return _OLE.get(name.rpartition(".")[2].lower(), found)
    if found in ("image/bmp", "application/vnd.microsoft.portable-executable") and b"\0" not in head:
        return ""  # two letters that text may begin with
    return found
