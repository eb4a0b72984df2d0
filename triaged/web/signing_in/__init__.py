"""Signing in: by a mailed link and code, or at the house of our own people (OpenID Connect)."""

from triaged.web.signing_in import at_their_house, pages

PAGES = (*pages.PAGES, *at_their_house.PAGES)

__all__ = ["PAGES"]
