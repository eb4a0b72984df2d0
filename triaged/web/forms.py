"""Forms as they stream in, bounded: so many fields, so much text, so many bytes of each file, and never a byte more kept.

A file beyond its bounds costs that file alone, told by name (pages complaint P18): the text and the others are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from triaged.config.web import Uploads, Web
from triaged.frozen import frozen
from triaged.tickets.ticket import Attached
from triaged.web.catalogues import _
from triaged.web.files import kinds
from triaged.web.visit import Form, Refusal

MOST_FIELDS, LONGEST_FIELD = 60, 128 * 1024
SMALL_BODY = 256 * 1024  # bytes of a form without files
_MOST_PARTS = 200  # files looked at; what is beyond is no person's
# Bytes of a form that are let by, so that whoever attaches a film gets his text back
_LET_BY = 64 * 1024 * 1024


Given = list[tuple[str, bytes | None]]  # None: so much came before it that it was not kept
Judged = tuple[tuple[Attached, ...], tuple[Refusal, ...]]


@frozen
class Takes:
    """What a form with files may bring. `judge`: which are taken, and why not others.

    `largest`: bytes of a file; `kept`: of all that are held at once; `body`: of all that comes, held or not.
    """

    largest: int
    kept: int
    body: int
    judge: Callable[[Given], Judged]
    parts: int = _MOST_PARTS
    longest_field: int = LONGEST_FIELD


def answer_files(web: Web) -> Takes:
    """Files beside an answer; a few too many still get an answer in words."""
    uploads = web.uploads
    kept = uploads.largest * (uploads.files + 3)
    return Takes(uploads.largest, kept, max(kept + SMALL_BODY, _LET_BY), partial(judged, uploads=uploads))


class Malformed(Exception):
    """No form that a browser would send."""


class _Bounded(MultiPartParser):
    """Counts what each file brings, and drops what is too much of it, or of all."""

    largest = 0
    room = 0  # bytes of all files that may still be held

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.sizes: dict[int, int] = {}
        self.dropped: set[int] = set()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """As above; a file is kept as far as one byte beyond its bound, so that it shows."""
        file = self._current_part.file
        if file is not None:
            before = self.sizes.get(id(file), 0)
            self.sizes[id(file)] = before + end - start
            end = min(end, start + max(0, self.largest + 1 - before))
            if end - start > self.room:
                self.dropped.add(id(file))
            if end <= start or id(file) in self.dropped:
                return
            self.room -= end - start
        super().on_part_data(data, start, end)


async def read(request: Request, takes: Takes | None) -> Form:
    """The form of a request. `takes` None: none with files is expected. Raises Malformed."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if content_type == "multipart/form-data":
            return await _multipart(request, takes)
        if content_type == "application/x-www-form-urlencoded":
            data = await request.form(max_fields=MOST_FIELDS)
            return Form(_fields(data))
    except (MultiPartException, ValueError, KeyError) as error:
        raise Malformed(str(error)) from None
    except ClientDisconnect:
        raise Malformed("the line was cut before its end") from None
    except Exception as error:  # python-multipart has errors of its own
        if type(error).__module__.startswith(("python_multipart", "multipart")):
            raise Malformed(str(error)) from None
        if type(error).__name__ == "HTTPException" and getattr(error, "status_code", 0) == 400:
            raise Malformed(str(error)) from None
        raise
    if not content_type and not await request.body():
        return Form()
    raise Malformed("neither of the two kinds of forms")


async def _multipart(request: Request, takes: Takes | None) -> Form:
    longest = takes.longest_field if takes else LONGEST_FIELD
    bounds = {"largest": takes.largest, "room": takes.kept} if takes else {}
    bounded = type("Bounded", (_Bounded,), bounds)
    parser = bounded(
        request.headers,
        request.stream(),
        max_files=takes.parts if takes else _MOST_PARTS,
        max_fields=MOST_FIELDS,
        max_part_size=longest,
    )
    data: FormData = await parser.parse()
    try:
        given = [
            (file.filename or "", None if id(file) in parser.dropped else await file.read())
            for _name, file in data.multi_items()
            if isinstance(file, UploadFile) and (file.filename or file.size)
        ]
    finally:
        await data.close()
    taken, refused = takes.judge(given) if takes else ((), ())
    return Form(_fields(data, longest), taken, refused)


def judged(given: Given, uploads: Uploads) -> Judged:
    """Which files are taken, and why not the others."""
    taken: list[Attached] = []
    refused: list[Refusal] = []
    for given_name, content in given:
        name = kinds.safe_name(given_name)
        why = kinds.objection(name, content, uploads) if content is not None else ""
        if why:
            refused.append(Refusal(name, why))
        elif content is None or len(taken) >= uploads.files:
            refused.append(Refusal(name, _("there are more than %(most)s files") % {"most": uploads.files}))
        else:
            taken.append(Attached(name, kinds.type_of(name), content))
    return tuple(taken), tuple(refused)


def _fields(data: FormData, longest: int = LONGEST_FIELD) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str):
            if len(value) > longest:
                raise Malformed("a field is too long")
            fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return fields
