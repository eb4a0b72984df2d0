"""Signing in: by a mailed link and code, or at the house of our own people (OpenID Connect)."""

from triaged.web.signing_in.pages import PAGES

__all__ = ["PAGES"]
