"""The simulation's SMTP server: takes letters in this process and remembers when each left, to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr

from triaged.errors import Temporary
from triaged.frozen import frozen
from triaged.outbox.smtp import Outage

_HEADERS = BytesHeaderParser()


@frozen
class Delivered:
    """A letter as it left. `kind` as in X-Triaged-Letter."""

    at: datetime
    to: tuple[str, ...]
    message_id: str
    kind: str
    subject: str
    sender: str
    answers: tuple[str, ...]
    raw: bytes


def _text(header: str | None) -> str:
    """A header's words, decoded."""
    return str(make_header(decode_header(header or "")))


class Postman:
    """Stands where `sender.Lines` and `sender.Line` stand. `away`: every connection fails."""

    def __init__(self, clock: Callable[[], datetime], greylisted: Callable[[], bool] = lambda: False) -> None:
        self.clock, self.greylisted = clock, greylisted
        self.away = False
        self.delivered: list[Delivered] = []

    def __enter__(self) -> Postman:
        return self.fresh()

    def __exit__(self, *_: object) -> None:
        return

    def fresh(self) -> Postman:
        """A line that can take a letter. Raises Outage while the server is away."""
        if self.away:
            raise Outage("connection refused (simulated)")
        return self

    def send(
        self,
        _envelope_from: str,
        to: Sequence[str],
        cc: Sequence[str],
        raw: bytes,
        *,
        patient: bool,
        **_: object,
    ) -> Mapping[str, str]:
        """Take a letter; a greylisted one the second time."""
        if patient and self.greylisted():
            raise Temporary("450 4.2.0 greylisted (simulated)")
        head = _HEADERS.parsebytes(raw)
        self.delivered.append(
            Delivered(
                self.clock(),
                (*to, *cc),
                str(head["Message-ID"]).strip(),
                str(head["X-Triaged-Letter"] or ""),
                _text(head["Subject"]),
                parseaddr(str(head["From"]))[1],
                tuple(str(head["References"] or head["In-Reply-To"] or "").split()),
                raw,
            )
        )
        return {}
