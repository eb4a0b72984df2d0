"""Who asked to be signed in, and what signs them in (web/signing_in): each pass once, in a browser that asked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from triaged.frozen import frozen
from triaged.store.columns import address_key
from triaged.store.connected import Connected
from triaged.store.visit_tables import sign_in_ask, sign_in_pass

_KEPT_ASKS, _KEPT_PASSES = timedelta(days=1), timedelta(days=30)  # a dead link can be told for a month
_A_TIME = 1000  # rows thrown away at a time
_SHOWN = 20


@frozen
class Ask:
    """A browser wants to be signed in as somebody."""

    browser_hash: str
    address: str
    going_to: str
    peer: str
    asked_at: datetime
    expires_at: datetime
    tries: int = 0
    id: int = 0


@frozen
class Pass:
    """A link and a code that sign in once. `by_hand`: in any browser, else only in one that asked."""

    address: str
    token_hash: str
    code_hash: str
    by_hand: bool
    going_to: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    id: int = 0

    def is_live(self, now: datetime) -> bool:
        """Whether it still signs in."""
        return self.used_at is None and now < self.expires_at


_ASK = [sign_in_ask.c[name] for name in Ask.__dataclass_fields__]
_PASS = [sign_in_pass.c[name] for name in Pass.__dataclass_fields__]


class SignIns(Connected):
    """Asks and passes."""

    def ask_sign_in(self, ask: Ask) -> None:
        """Note it, and throw away what has been over for long."""
        row = {**asdict(ask), "address": address_key(ask.address)}
        del row["id"]
        old = sign_in_ask.c.expires_at < ask.asked_at - _KEPT_ASKS
        gone = select(sign_in_ask.c.id).where(old).limit(_A_TIME)
        with self._noting() as connection:
            connection.execute(insert(sign_in_ask), row)
            connection.execute(delete(sign_in_ask).where(sign_in_ask.c.id.in_(gone)))

    def asks_of_browser(self, browser_hash: str, now: datetime) -> list[Ask]:
        """What this browser asked for and may still get, newest first."""
        live = (sign_in_ask.c.browser_hash == browser_hash, sign_in_ask.c.expires_at > now)
        query = select(*_ASK).where(*live).order_by(sign_in_ask.c.id.desc()).limit(_SHOWN)
        with self._reading() as connection:
            return [Ask(**row._mapping) for row in connection.execute(query)]

    def addresses_of_peer(self, peer: str, since: datetime) -> list[str]:
        """For which addresses a peer asked since then, each once."""
        lately = (sign_in_ask.c.peer == peer, sign_in_ask.c.asked_at >= since)
        query = select(sign_in_ask.c.address).where(*lately).distinct().limit(_A_TIME)
        with self._reading() as connection:
            return list(connection.scalars(query))

    def count_wrong_code(self, ask_ids: list[int]) -> None:
        """A wrong code was typed in the browser of these asks."""
        with self._writing() as connection:
            tried = update(sign_in_ask).where(sign_in_ask.c.id.in_(ask_ids))
            connection.execute(tried.values(tries=sign_in_ask.c.tries + 1))

    def passes_of(self, address: str, since: datetime) -> list[Pass]:
        """Those made for somebody since then, newest first."""
        mine = (sign_in_pass.c.address == address_key(address), sign_in_pass.c.made_at >= since)
        query = select(*_PASS).where(*mine).order_by(sign_in_pass.c.made_at.desc(), sign_in_pass.c.id.desc())
        with self._reading() as connection:
            return [Pass(**row._mapping) for row in connection.execute(query)]

    def pass_of_token(self, token_hash: str) -> Pass | None:
        """The pass of a link, dead ones too."""
        query = select(*_PASS).where(sign_in_pass.c.token_hash == token_hash)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return Pass(**row._mapping) if row else None

    def add_pass(self, new: Pass) -> None:
        """Make it good, and throw away what has been over for long."""
        row = {**asdict(new), "address": address_key(new.address)}
        del row["id"]
        old = sign_in_pass.c.expires_at < new.made_at - _KEPT_PASSES
        gone = select(sign_in_pass.c.id).where(old).limit(_A_TIME)
        with self._writing() as connection:
            connection.execute(insert(sign_in_pass), row)
            connection.execute(delete(sign_in_pass).where(sign_in_pass.c.id.in_(gone)))

    def use_pass(self, pass_id: int, now: datetime) -> bool:
        """Whether it is used up by this call: of two that try at once one gets it."""
        live = (sign_in_pass.c.used_at.is_(None), sign_in_pass.c.expires_at > now)
        use = update(sign_in_pass).where(sign_in_pass.c.id == pass_id, *live).values(used_at=now)
        with self._writing() as connection:
            return connection.execute(use).rowcount == 1
