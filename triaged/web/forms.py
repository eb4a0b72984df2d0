"""Forms as they stream in, bounded: so many fields, so much text, so many bytes of each file, and never a byte more kept.

A file beyond its bounds costs that file alone, told by name (pages complaint P18): the text and the others are kept.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from triaged.config.web import Uploads
from triaged.tickets.ticket import Attached
from triaged.web.catalogues import _
from triaged.web.files import kinds
from triaged.web.visit import Form, Refusal

MOST_FIELDS, LONGEST_FIELD = 60, 128 * 1024
SMALL_BODY = 256 * 1024  # bytes of a form without files
_MOST_PARTS = 40  # files looked at; what is beyond is no person's


class Malformed(Exception):
    """No form that a browser would send."""


class _Bounded(MultiPartParser):
    """Counts what each file brings, and drops what is too much of it."""

    largest = 0

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.sizes: dict[int, int] = {}

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """As above; a file is kept as far as one byte beyond its bound, so that it shows."""
        file = self._current_part.file
        if file is not None:
            before = self.sizes.get(id(file), 0)
            self.sizes[id(file)] = before + end - start
            end = min(end, start + max(0, self.largest + 1 - before))
            if end <= start:
                return
        super().on_part_data(data, start, end)


async def read(request: Request, uploads: Uploads | None) -> Form:
    """The form of a request. `uploads` None: none with files is expected. Raises Malformed."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if content_type == "multipart/form-data":
            return await _multipart(request, uploads)
        if content_type == "application/x-www-form-urlencoded":
            data = await request.form(max_fields=MOST_FIELDS)
            return Form(_fields(data))
    except (MultiPartException, ValueError, KeyError) as error:
        raise Malformed(str(error)) from None
    except Exception as error:  # python-multipart has errors of its own
        if type(error).__module__.startswith(("python_multipart", "multipart")):
            raise Malformed(str(error)) from None
        if type(error).__name__ == "HTTPException" and getattr(error, "status_code", 0) == 400:
            raise Malformed(str(error)) from None
        raise
    if not content_type and not await request.body():
        return Form()
    raise Malformed("neither of the two kinds of forms")


async def _multipart(request: Request, uploads: Uploads | None) -> Form:
    bounded = type("Bounded", (_Bounded,), {"largest": uploads.largest if uploads else 0})
    parser = bounded(
        request.headers,
        request.stream(),
        max_files=_MOST_PARTS,
        max_fields=MOST_FIELDS,
        max_part_size=LONGEST_FIELD,
    )
    data: FormData = await parser.parse()
    try:
        given = [
            (file.filename or "", await file.read())
            for _name, file in data.multi_items()
            if isinstance(file, UploadFile) and (file.filename or file.size)
        ]
    finally:
        await data.close()
    taken, refused = judged(given, uploads) if uploads else ((), ())
    return Form(_fields(data), taken, refused)


def judged(
    given: list[tuple[str, bytes]], uploads: Uploads
) -> tuple[tuple[Attached, ...], tuple[Refusal, ...]]:
    """Which files are taken, and why not the others."""
    taken: list[Attached] = []
    refused: list[Refusal] = []
    for given_name, content in given:
        name = kinds.safe_name(given_name)
        why = kinds.objection(name, content, uploads)
        if not why and len(taken) >= uploads.files:
            why = _("there are more than %(most)s files") % {"most": uploads.files}
        if why:
            refused.append(Refusal(name, why))
        else:
            taken.append(Attached(name, kinds.type_of(name), content))
    return tuple(taken), tuple(refused)


def _fields(data: FormData) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str):
            if len(value) > LONGEST_FIELD:
                raise Malformed("a field is too long")
            fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return fields
