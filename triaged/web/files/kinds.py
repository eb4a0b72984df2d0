"""Kinds of files that may be attached: known by name and by content, since an `.png` may be a page that runs. PURE."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping

from triaged.config.web import Uploads
from triaged.frozen import frozen
from triaged.spec import sizes
from triaged.web.catalogues import _

_LONGEST_NAME = 120
_MOST_ENTRIES, _MOST_UNPACKED, _MOST_RATIO = 2_000, 200 * 1024 * 1024, 200  # of a zip that is a document
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|script|svg|iframe|body|head|\?xml|!--)", re.IGNORECASE)
_BEGINS_PAGE = re.compile(  # what browsers that sniff take for a page, at its very beginning (mimesniff, 7.1)
    rb"<(?:h1|div|font|table|a|style|title|b|br|p|img|link|meta|base|object|embed|form|math)[\s>/]",
    re.IGNORECASE,
)
_BAD = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|%;`$&\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]')


@frozen
class Kind:
    """A kind of file: its type, and whether bytes can be of it."""

    type: str
    fits: Callable[[bytes], bool]


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(marks)


def _is_text(content: bytes) -> bool:
    """Text of any charset, and no page: a browser that sniffs must find nothing to run."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            content = content.decode("utf-16").encode("utf-8")
        except UnicodeDecodeError:
            return False
    begin = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024]
    return b"\x00" not in content and not _MARKUP.search(begin) and not _BEGINS_PAGE.match(begin)


def _is_office(inside: str) -> Callable[[bytes], bool]:
    def fits(content: bytes) -> bool:
        """A zip with the document inside, nothing before it, and not one that unpacks without end."""
        if not content.startswith(b"PK\x03\x04"):
            return False  # Python reads a zip behind a page too
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError):
            return False
        unpacked = sum(one.file_size for one in entries)
        bounded = len(entries) <= _MOST_ENTRIES and unpacked <= min(
            _MOST_UNPACKED, _MOST_RATIO * len(content)
        )
        return bounded and any(one.filename.startswith(inside) for one in entries)

    return fits


def _is_film(content: bytes) -> bool:
    """Begins with a box of a length that it can have: `<!--ftyp` is a page."""
    length = int.from_bytes(content[:4])
    known = content[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
    return known and (length in (0, 1) or 8 <= length <= max(len(content), 64))


def _is_har(content: bytes) -> bool:
    """JSON whose first word is a log; read no further, since a har is large and a stranger's."""
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:4096]
    return re.match(rb'\{\s*"(?:log|_[^"]{0,60})"\s*:', head) is not None and _has_no_nul(content)


def _has_no_nul(content: bytes) -> bool:
    return b"\x00" not in content


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: Mapping[str, Kind] = {
    "csv": Kind("text/csv", _is_text),
    "tsv": Kind("text/tab-separated-values", _is_text),
    "txt": Kind("text/plain", _is_text),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", _is_office("xl/")),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", _is_office("word/")),
    "doc": Kind("application/msword", _begins(_OLE)),
    "pdf": Kind("application/pdf", _begins(b"%PDF-")),
    "jpg": Kind("image/jpeg", _begins(b"\xff\xd8\xff")),
    "png": Kind("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "gif": Kind("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "mp4": Kind("video/mp4", _is_film),
    "mov": Kind("video/quicktime", _is_film),
    "har": Kind("application/json", _is_har),
}
_ALIASES = {"jpeg": "jpg"}
PICTURES = {"image/png": KINDS["png"].fits, "image/jpeg": KINDS["jpg"].fits, "image/gif": KINDS["gif"].fits}
"""Raster pictures that are shown in their place; what a mail calls so must begin so."""


def kind_of(name: str) -> str:
    """`png` of `screen.PNG`; empty without an ending."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return _ALIASES.get(ending, ending)


def type_of(name: str) -> str:
    """The type of a file that was accepted."""
    return KINDS[kind_of(name)].type


def accepted(uploads: Uploads) -> str:
    """The endings that a browser offers to choose from, as its field `accept` wants them."""
    return ",".join(f".{kind}" for kind in uploads.types if kind in KINDS)


def objection(name: str, content: bytes, uploads: Uploads) -> str:
    """Why a file is not taken, in the reader's words; empty: it is."""
    kind = kind_of(name)
    if kind not in uploads.types or kind not in KINDS:
        return _("only files of these kinds can be attached: %(kinds)s") % {"kinds": ", ".join(uploads.types)}
    if len(content) > uploads.most(kind):
        return _("it is larger than %(size)s") % {"size": sizes.show(uploads.most(kind))}
    if not content:
        return _("it is empty")
    if not KINDS[kind].fits(content):
        return _("its content is not that of a %(kind)s file") % {"kind": kind}
    return ""


def safe_name(given: str) -> str:
    """A name fit for any file system and any header: no path, no control or direction characters, bounded."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    name = " ".join(_BAD.sub("_", name).split()).strip(". ")
    name = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else "_" for c in name)
    if len(name) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = (
            f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
            if dot and len(ending) < 10
            else name[:_LONGEST_NAME]
        )
    return name or "file"
