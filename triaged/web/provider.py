"""The house of our own people as OpenID Connect knows it (Authlib): where to send a browser, and whom it brought back.

Loaded only where the config says so. Authlib checks state, nonce, PKCE, signature, issuer, audience and times; here
is asked what is ours to ask: an address that the house has verified, and a group that has a role.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from triaged.config.web import ROLES, Oidc, Role
from triaged.errors import Faulty
from triaged.frozen import frozen


class NotLetIn(Exception):
    """The house did not bring somebody whom we may let in; the words are for the log."""


@frozen
class Claimed:
    """Whom the house vouches for. `subject`: issuer and subject together."""

    address: str
    subject: str
    role: Role


class Provider:
    """One house. `transport`: another way to it than the network, for tests."""

    def __init__(self, oidc: Oidc, *, transport: Any = None) -> None:
        """Raises Faulty where the library or the secret is missing."""
        try:
            from authlib.integrations.starlette_client import OAuth
        except ModuleNotFoundError:
            raise Faulty("web: oidc needs its library: pip install 'triaged[oidc]'") from None
        try:
            secret = oidc.client_secret_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Faulty(f"{oidc.client_secret_file}: the client's secret cannot be read: {error}") from None
        self.oidc = oidc
        more = {"transport": transport} if transport else {}
        self._client = OAuth().register(
            "staff",
            client_id=oidc.client_id,
            client_secret=secret,
            server_metadata_url=f"{oidc.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", **more},
        )

    async def send(self, request: Request, back: str) -> Response:
        """To the house. What must be remembered meanwhile is put into `request.session`."""
        try:
            sent: Response = await self._client.authorize_redirect(request, back)
        except Exception as error:  # three libraries, and the network
            raise NotLetIn(f"{type(error).__name__}: {error}") from error
        return sent

    async def brought(self, request: Request) -> Claimed:
        """Whom it brought back. Raises NotLetIn."""
        try:
            token = await self._client.authorize_access_token(request)
        except Exception as error:
            raise NotLetIn(f"{type(error).__name__}: {error}") from error
        claims: Mapping[str, Any] = token.get("userinfo") or {}
        return self.judged(claims)

    def judged(self, claims: Mapping[str, Any]) -> Claimed:
        """What the claims come to. Raises NotLetIn."""
        issuer, subject, address = claims.get("iss"), claims.get("sub"), claims.get("email")
        if str(issuer).rstrip("/") != self.oidc.issuer or not subject or not isinstance(subject, str):
            raise NotLetIn("no issuer or subject of the house")
        if not isinstance(address, str) or "@" not in address or claims.get("email_verified") is not True:
            raise NotLetIn("no address that the house has verified")
        groups = claims.get(self.oidc.groups_claim)
        given = [self.oidc.groups[g] for g in groups if isinstance(g, str) and g in self.oidc.groups] if isinstance(groups, list) else []  # fmt: skip
        if not given:
            raise NotLetIn("in no group that has a role")
        return Claimed(address.strip().lower(), f"{self.oidc.issuer}|{subject}", max(given, key=ROLES.index))
