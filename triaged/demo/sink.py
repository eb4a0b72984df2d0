"""An SMTP server that keeps what it is sent: the partners' side of the demo."""

from __future__ import annotations

import email
import email.policy
import threading
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Letters in the order they came."""

    def __init__(self, port: int) -> None:
        self.letters: list[EmailMessage] = []
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take everything."""
        letter = email.message_from_bytes(
            bytes(envelope.original_content or b""), policy=email.policy.default
        )
        assert isinstance(letter, EmailMessage)
        with self._lock:
            self.letters.append(letter)
        return "250 2.0.0 taken"

    def start(self) -> None:
        """Open."""
        self._controller.start()

    def stop(self) -> None:
        """Close."""
        self._controller.stop()

    def answering(self, message_id: str) -> list[EmailMessage]:
        """Letters to partners that answer a mail."""
        with self._lock:
            return [one for one in self.letters if message_id in str(one["In-Reply-To"] or "")]
