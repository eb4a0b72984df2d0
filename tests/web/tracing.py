"""The work of one request: each line of ours that runs for it, and each statement, so that two can be compared."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from sqlalchemy import event
from starlette.types import ASGIApp

from tests.web.desk import Browser, Desk, form
from triaged.reading.mime import files  # noqa: F401 - a page loads it with its first file: lines of one request only
from triaged.web import gate
from triaged.web.app import build


@contextmanager
def work(desk: Desk) -> Iterator[list[Any]]:
    """What this thread does, in order."""
    done: list[Any] = []
    package = gate.__file__.rpartition("/web/")[0] + "/"

    def line(frame: FrameType, what: str, _given: Any) -> Any:
        if not frame.f_code.co_filename.startswith(package):
            return None
        done.append((frame.f_code.co_filename.removeprefix(package), frame.f_lineno, what))
        return line

    def asked(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if sys.gettrace() is line:  # other threads ask too
            done.append(statement)

    engines = {desk.store._engines.reader, desk.store._engines.writer}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", asked)
    before = sys.gettrace()
    sys.settrace(line)
    try:
        yield done
    finally:
        sys.settrace(before)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", asked)


def traced(
    desk: Desk, browser: Browser, path: str, data: dict[str, str] | None = None, *, key: str = "f" * 24
) -> tuple[int, list[Any]]:
    """A request (with `data` a form) to the real gate and page in this very thread: its status, and the work."""
    desk.pages.house.buckets = type(desk.pages.house.buckets)()
    token = form(browser.get("/choices").text, "/choices")[1]["csrf"] if data is not None else ""
    body = urlencode({"csrf": token, "form": key, **data}).encode() if data is not None else b""
    cookies = "; ".join(f"{one.name}={one.value}" for one in browser.http.cookies.jar)
    method = "GET" if data is None else "POST"
    app = build(desk.pages.house)

    async def here(work: Any, *given: Any) -> Any:
        return work(*given)

    def run() -> tuple[int, list[Any]]:
        with patch.object(gate, "run_in_threadpool", here), work(desk) as done:
            status = asyncio.run(answered(desk, app, path, cookies, body, method=method))
        return status, done

    with ThreadPoolExecutor(1) as apart:  # a browser of other tests leaves a loop running in this thread
        return apart.submit(run).result()


async def answered(
    desk: Desk, app: ASGIApp, path: str, cookies: str, body: bytes, *, peer: str = "192.0.2.9", method: str = "POST"
) -> int:  # fmt: skip
    """One request to the app itself, without a line of network between: its status."""
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "scheme": "http", "http_version": "1.1", "client": (peer, 1), "server": ("127.0.0.1", 80),
        "headers": [(b"host", desk.url.removeprefix("http://").encode()), (b"cookie", cookies.encode()),
                    (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(body)).encode())],
    }  # fmt: skip
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return int(told[0]["status"])


def difference(one: list[Any], other: list[Any]) -> list[Any]:
    """Where two ways first part; empty: they are the same."""
    place = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return (
        []
        if one == other
        else [place, one[max(0, place - 2) : place + 3], other[max(0, place - 2) : place + 3]]
    )
