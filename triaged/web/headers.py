"""Headers of every answer, those of errors too: outside of everything else, since Starlette's own 500 passes no middleware.

An answer may set its own `content-security-policy` (the frame of a mail's HTML); what it does not set it gets here.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    b"x-frame-options": b"DENY",
    b"cache-control": b"no-store",
    b"x-robots-tag": b"noindex, nofollow",
}
_A_YEAR = b"max-age=31536000"


class Headers:
    """The whole app, wrapped."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.always = {**_ALWAYS, **({b"strict-transport-security": _A_YEAR} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what is missing to the head of each answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", [])}
                missing = [one for one in self.always.items() if one[0] not in given]
                message = {**message, "headers": [*message.get("headers", []), *missing]}
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
