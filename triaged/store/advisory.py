"""PostgreSQL's lock of whoever records, and what becomes of a holder that is frozen (see also engine.py).

The server itself ends a transaction that idles. Where it does not (a daemon of an older version, a statement cut
in its middle, a client that reads no answer), whoever waits for the lock ends it: as the same user he may.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection, exc, text

from triaged.store.engine import IDLE_SECONDS
from triaged.store.turns import PATIENCE

_KEY = 0x7472_6961_6765_6402  # "triaged", 2
_PARAMETERS = {"key": _KEY}
_LOOK_AGAIN_MILLISECONDS = 10_000
_TRY = text("SELECT pg_try_advisory_xact_lock(:key)")
_WAIT = text("SELECT pg_advisory_xact_lock(:key)")
_END_FROZEN = text(
    """
    SELECT pg_terminate_backend(held.pid)
    FROM pg_locks AS held
    JOIN pg_stat_activity AS holder ON holder.pid = held.pid
    WHERE held.locktype = 'advisory' AND held.granted AND holder.datname = current_database()
      AND held.database = holder.datid
      AND ((held.classid::bigint << 32) | held.objid::bigint) = :key
      AND holder.usename = current_user AND held.pid <> pg_backend_pid()
      AND holder.wait_event_type = 'Client'
      AND greatest(holder.state_change, holder.query_start) < clock_timestamp() - make_interval(secs => :frozen)
    """
)


def take_recording_lock(connection: Connection) -> None:
    """Ours until the transaction ends. Raises OperationalError after PATIENCE.

    Trying overtakes nobody: PostgreSQL refuses it while others wait.
    """
    if connection.scalar(_TRY, _PARAMETERS):
        return
    until = time.monotonic() + PATIENCE
    connection.execute(text(f"SET LOCAL lock_timeout = {_LOOK_AGAIN_MILLISECONDS}"))
    while True:
        connection.execute(_END_FROZEN, {**_PARAMETERS, "frozen": IDLE_SECONDS + 5})
        try:
            with connection.begin_nested():
                connection.execute(_WAIT, _PARAMETERS)
            return
        except exc.OperationalError as error:
            if error.connection_invalidated or time.monotonic() > until:
                raise
