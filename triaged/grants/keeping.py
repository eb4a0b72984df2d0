"""Tokens kept and renewed: one row a user in the store, sealed, renewed by one of us at a time.

A renewed refresh token is durable before its access token is used: providers end the old one. Several daemons and
commands share a row; a lease keeps them from renewing side by side, and a version from writing over one another.
Renewal begins at half of an access token's life, so that a consent that is gone is told while mail still flows. A
consent that is gone is never asked about again until somebody signs in.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from triaged import maillog
from triaged.config.credentials import Secret
from triaged.config.oauth2 import Grant
from triaged.edge.backoff import Backoff
from triaged.errors import Faulty, Permanent, Temporary
from triaged.grants import provider
from triaged.grants.sealing import Keys
from triaged.store.rows import Unavailable
from triaged.store.service_rows import StoredGrant

USABLE = timedelta(seconds=60)  # an access token that ends sooner is not handed out
LEASE_SECONDS = 60.0  # longer than an answer may take
_PATIENCE = 30.0  # seconds, for somebody else who is renewing
_LOOK_AGAIN = 0.25
_FRESH = timedelta(minutes=2)  # a server that refuses a token so young would refuse the next
_AGAIN_AFTER_REFUSAL = timedelta(minutes=10)
BACKOFF = Backoff(first=15, cap=600)


class Store(Protocol):
    """What is asked of the store."""

    def grant(self, user: str) -> StoredGrant | None:
        """What is kept for a user."""

    def save_grant(self, one: StoredGrant) -> bool:
        """Durable; False: somebody wrote it since."""

    def take_lease(self, name: str, owner: str, now: datetime, seconds: float) -> int | None:
        """Ours, or None."""

    def drop_lease(self, name: str, owner: str, epoch: int) -> bool:
        """Somebody else's turn."""


class Keeper:
    """The tokens of one daemon or command. Threads may share it."""

    def __init__(
        self, store: Store, keys: Callable[[], Keys], clock: Callable[[], datetime], owner: str
    ) -> None:
        """`keys` reads them anew: they change without a restart. Raises Faulty when asked."""
        self._store, self._keys, self._clock, self._owner = store, keys, clock, owner
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._unsaved: dict[str, StoredGrant] = {}  # had from the provider, the database was away

    def token(self, grant: Grant, anew: bool = False) -> Secret:
        """An access token for a user; `anew`: a server refused the one given last.

        Raises Faulty (somebody must sign in, with the command), Temporary, Unavailable.
        """
        with self._lock_of(grant.user):
            kept = self._kept(grant)
            if not anew and (access := self._usable(grant, kept)):
                return Secret(access, token=True)
            if anew and kept and kept.renewed_at and self._clock() - kept.renewed_at < _FRESH:
                raise Faulty(
                    f"the server refuses a fresh token of {grant.user}: look at the scopes, and whether this user "
                    "may open the mailbox"
                )
            return Secret(self._renewed(grant, anew=anew), token=True)

    def renew_due(self, grants: Iterable[Grant]) -> None:
        """Renew what has passed half of its life. Faults are told in log and store, not raised, but for Unavailable."""
        for grant in grants:
            with self._lock_of(grant.user):
                if not self._is_due(grant, self._kept(grant)):
                    continue
                try:
                    self._renewed(grant, anew=False)
                except Unavailable:
                    raise
                except (Faulty, Temporary, Permanent):
                    continue  # told already

    def keep(self, grant: Grant, had: provider.Tokens) -> None:
        """Somebody has signed in: from now on these. Raises Unavailable, Faulty, Temporary."""
        with self._lock_of(grant.user):
            self._unsaved.pop(grant.user, None)
            for _ in range(5):
                fresh = replace(self._row(grant, had, self._kept(grant)), granted_at=self._clock())
                if self._store.save_grant(fresh):
                    return
            raise Temporary(f"somebody else writes the grant of {grant.user} all the time; try again")

    # -- what is kept --------------------------------------------------------------------------------

    def _kept(self, grant: Grant) -> StoredGrant | None:
        """The row, after whatever could not be written before is written. Raises Unavailable."""
        unsaved = self._unsaved.get(grant.user)
        if unsaved is not None:
            self._store.save_grant(unsaved)  # False: somebody else renewed since, and his stands
            del self._unsaved[grant.user]
        kept = self._store.grant(grant.user)
        if kept is None or kept.client == client_of(grant):
            return kept
        return StoredGrant(  # of another client: of no use to this one
            kept.user, client_of(grant), kept.version, None, None, None, None, kept.granted_at
        )

    def _usable(self, grant: Grant, kept: StoredGrant | None) -> str | None:
        if kept is None or kept.access is None or kept.access_until is None:
            return None
        if kept.access_until - self._clock() < USABLE:
            return None
        return self._keys().open(kept.access, _about(grant, "access"))

    def _is_due(self, grant: Grant, kept: StoredGrant | None) -> bool:
        """Whether to renew it now: half of its life is over, and nothing forbids to ask."""
        if kept is None:
            return grant.settings.flow == "client_credentials"
        now = self._clock()
        if kept.retry_at is not None and kept.retry_at > now:
            return False
        if kept.over_at is not None:
            return kept.retry_at is not None
        if kept.access_until is None or kept.renewed_at is None:
            return True
        return now >= kept.renewed_at + (kept.access_until - kept.renewed_at) / 2

    # -- renewing ------------------------------------------------------------------------------------

    def _renewed(self, grant: Grant, *, anew: bool) -> str:
        """A new access token, of ours or of whoever renewed it meanwhile."""
        name, began = f"oauth2:{grant.user}"[:128], time.monotonic()
        seen = self._kept(grant)
        me = f"{self._owner}:{threading.get_ident()}"
        while (epoch := self._store.take_lease(name, me, self._clock(), LEASE_SECONDS)) is None:
            if time.monotonic() - began > _PATIENCE:
                raise Temporary(f"somebody else renews the token of {grant.user} and does not end")
            time.sleep(_LOOK_AGAIN)
        try:
            kept = self._kept(grant)
            changed = (kept.version if kept else 0) != (seen.version if seen else 0)
            if changed and (access := self._usable(grant, kept)):
                return access
            self._refuse_in_vain(grant, kept)
            return self._ask(grant, kept)
        finally:
            self._store.drop_lease(name, me, epoch)

    def _refuse_in_vain(self, grant: Grant, kept: StoredGrant | None) -> None:
        """Raises Faulty or Temporary where asking the provider could not help, or not yet."""
        if grant.settings.flow == "refresh_token" and (kept is None or kept.refresh is None):
            raise Faulty(f"nobody has signed in as {grant.user} yet: triaged oauth2 login MAILBOX")
        if kept is None:
            return
        if kept.over_at is not None and kept.retry_at is None:
            raise Faulty(
                f"the grant of {grant.user} is over: {kept.error}; sign in again: triaged oauth2 login MAILBOX"
            )
        if kept.retry_at is not None and kept.retry_at > self._clock():
            raise Temporary(
                f"no new token for {grant.user}: {kept.error}; asked again at {kept.retry_at:%H:%M:%S} UTC"
            )

    def _ask(self, grant: Grant, kept: StoredGrant | None) -> str:
        keys = self._keys()
        refresh = keys.open(kept.refresh, _about(grant, "refresh")) if kept and kept.refresh else None
        try:
            had = provider.renew(grant.settings, refresh)
        except (provider.Over, provider.Refused) as error:
            self._failed(grant, kept, error)
            raise Faulty(
                f"no token for {grant.user}: {error}; "
                + (
                    "sign in again: triaged oauth2 login MAILBOX"
                    if isinstance(error, provider.Over)
                    else "look at oauth2"
                )
            ) from None
        except Temporary as error:
            self._failed(grant, kept, error)
            raise
        row = self._row(grant, had, kept)
        try:
            mine = self._store.save_grant(row)
        except Unavailable:
            self._unsaved[grant.user] = row
            raise
        if not mine:
            raise Temporary(f"somebody else renewed the token of {grant.user} meanwhile")
        maillog.grant_renewed(grant.user, had.seconds)
        return had.access

    def _row(self, grant: Grant, had: provider.Tokens, kept: StoredGrant | None) -> StoredGrant:
        """The row with what the provider gave; a refresh token that it did not renew stays, sealed by the newest key."""
        keys, now = self._keys(), self._clock()
        refresh, expires = kept.refresh if kept else None, kept.expires_at if kept else None
        if had.refresh is not None:
            refresh, expires = keys.seal(had.refresh, _about(grant, "refresh")), None
        elif refresh is not None and not keys.is_newest(refresh):
            refresh = keys.seal(keys.open(refresh, _about(grant, "refresh")), _about(grant, "refresh"))
        if had.refresh_seconds is not None:
            expires = now + timedelta(seconds=had.refresh_seconds)
        return StoredGrant(
            user=grant.user,
            client=client_of(grant),
            version=kept.version if kept else 0,
            refresh=refresh,
            access=keys.seal(had.access, _about(grant, "access")),
            access_until=now + timedelta(seconds=had.seconds),
            expires_at=expires,
            granted_at=kept.granted_at if kept else now,
            renewed_at=now,
        )

    def _failed(self, grant: Grant, kept: StoredGrant | None, error: Exception) -> None:
        """Told in the store, so that `status`, alerts and every other daemon know, and nobody asks again too soon."""
        now = self._clock()
        one = kept or StoredGrant(grant.user, client_of(grant), 0, None, None, None, None, now)
        failures = one.failures + 1
        over: datetime | None = one.over_at
        again: datetime | None = None
        if isinstance(error, provider.Over):
            over = one.over_at or now
            maillog.grant_over(grant.user, str(error))
        elif isinstance(error, provider.Refused):
            over, again = one.over_at or now, now + _AGAIN_AFTER_REFUSAL
            maillog.grant_over(grant.user, str(error))
        else:
            again = now + timedelta(seconds=BACKOFF.seconds(failures, random.random()))
            maillog.grant_failed(grant.user, str(error), (again - now).total_seconds())
        self._store.save_grant(
            replace(one, over_at=over, retry_at=again, failures=failures, error=str(error)[:300])
        )

    def _lock_of(self, user: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(user, threading.Lock())


def client_of(grant: Grant) -> str:
    """Whom tokens were given to: another client cannot use them."""
    return f"{grant.settings.provider}:{grant.settings.client_id}"


def _about(grant: Grant, column: str) -> str:
    return f"oauth2_grant/{grant.user}/{client_of(grant)}/{column}"
