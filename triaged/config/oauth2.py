"""Signing in without a password: what the config says of an identity provider, and what is known of the three.

Endpoints and scopes are those the providers document; each can be written in the config instead. No secret
stands here: the client's comes from a file, the environment or systemd.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from triaged.config.places import Lower, Mail, Where, as_tuple, is_loopback
from triaged.frozen import frozen
from triaged.spec.sections import Section

Flow = Literal["refresh_token", "client_credentials"]
DataCentre = Literal["com", "eu", "in", "com.au", "jp", "ca", "sa", "com.cn", "uk"]


@frozen
class Provider:
    """One identity provider. In endpoints `{tenant}` and `{data_centre}` stand for what the config says.

    `asks`: what the authorization request says beside the usual; `device` empty: no device code for mail.
    """

    token: str = ""
    authorize: str = ""
    device: str = ""
    scopes: tuple[str, ...] = ()
    application_scopes: tuple[str, ...] = ()  # for client credentials; empty: not offered
    asks: tuple[tuple[str, str], ...] = ()
    client_secret: bool = True  # whether a client without one is refused


_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"
_ZOHO = "https://accounts.zoho.{data_centre}/oauth/"
PROVIDERS: Mapping[str, Provider] = {
    "microsoft": Provider(
        token=_MICROSOFT + "token",
        authorize=_MICROSOFT + "authorize",
        device=_MICROSOFT + "devicecode",
        scopes=(
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ),
        application_scopes=("https://outlook.office365.com/.default",),
        client_secret=False,
    ),
    "google": Provider(
        token="https://oauth2.googleapis.com/token",
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        scopes=("https://mail.google.com/",),
        asks=(("access_type", "offline"), ("prompt", "consent")),
    ),
    "zoho": Provider(
        token=_ZOHO + "v2/token",
        authorize=_ZOHO + "v2/auth",
        device=_ZOHO + "v3/device/code",
        scopes=("ZohoMail.messages.ALL", "ZohoMail.accounts.READ"),
        asks=(("access_type", "offline"), ("prompt", "consent")),
    ),
    "other": Provider(client_secret=False),
}


def _url(value: str) -> str:
    parts = urlsplit(value)
    if not parts.hostname or parts.username or parts.fragment:
        raise ValueError(f"{value!r} is no address of an endpoint")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError(f"{value!r} must begin with https://: secrets go there")
    return value


Url = Annotated[str, AfterValidator(_url)]
_SECRETS = ("client_secret_file", "client_secret_env", "client_secret_credential")


class OAuth2(Section):
    """How a mailbox signs in: with whom, as which client, and by a person's consent or as an application."""

    provider: Literal["microsoft", "google", "zoho", "other"]
    client_id: str
    client_secret_file: Where | None = None
    client_secret_env: str | None = None
    client_secret_credential: str | None = None
    flow: Flow = "refresh_token"
    user: Mail | None = None
    tenant: Annotated[Lower, AfterValidator(str.strip)] = "organizations"
    data_centre: DataCentre = "com"
    scopes: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()
    authorize_url: Url | None = None
    token_url: Url | None = None
    device_url: Url | None = None
    ca_file: Where | None = None

    @model_validator(mode="after")
    def _whole(self) -> OAuth2:
        given = [name for name in _SECRETS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are both given; keep one")
        if not self.client_id.strip():
            raise ValueError("client_id is empty")
        if not given and (self.flow == "client_credentials" or self._known.client_secret):
            raise ValueError(f"no client secret: give one of {', '.join(_SECRETS)}")
        if self.provider == "other" and self.token_url is None:
            raise ValueError("provider: other needs a token_url")
        if self.flow == "client_credentials":
            self._as_application()
        return self

    def _as_application(self) -> None:
        if not self.scopes and not self._known.application_scopes and self.provider != "other":
            raise ValueError(f"{self.provider} gives mail to no application by client credentials")
        if self.provider == "microsoft" and self.tenant in ("common", "organizations", "consumers"):
            raise ValueError("client_credentials need the tenant's own id or domain as tenant")

    @property
    def _known(self) -> Provider:
        return PROVIDERS[self.provider]

    @property
    def token_endpoint(self) -> str:
        """Where tokens are had."""
        return self.token_url or self._filled(self._known.token)

    @property
    def authorize_endpoint(self) -> str:
        """Where a person consents in his browser; empty: nowhere."""
        return self.authorize_url or self._filled(self._known.authorize)

    @property
    def device_endpoint(self) -> str:
        """Where a device code is had; empty: nowhere."""
        return self.device_url or self._filled(self._known.device)

    @property
    def scope(self) -> str:
        """What is asked for, as the protocol writes it."""
        application = self.flow == "client_credentials"
        known = self._known.application_scopes if application else self._known.scopes
        return ("," if self.provider == "zoho" else " ").join(self.scopes or known)

    @property
    def asks(self) -> Mapping[str, str]:
        """What the authorization request says beside the usual."""
        return dict(self._known.asks)

    def _filled(self, endpoint: str) -> str:
        return endpoint.format(tenant=self.tenant, data_centre=self.data_centre)


class Grant(BaseModel):
    """Whose mail is opened by which settings: the key under which tokens are kept is `user`."""

    model_config = ConfigDict(frozen=True)
    settings: OAuth2
    user: str
