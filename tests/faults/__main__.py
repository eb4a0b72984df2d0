"""`make faults SEED=… KILLS=…`: runs of the bench by hand. Exit status 1 if a promise was broken."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults import bench
from tests.faults.town import FaultTown
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres, binaries
from triaged.store import upgrade


def main() -> int:
    """Run each store asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--kills", type=int, default=100)
    asked.add_argument("--store", choices=["sqlite", "postgresql"])
    asked.add_argument("--daemons", type=int, default=3, help="on PostgreSQL; SQLite has one")
    asked.add_argument("--quiet", action="store_true", help="do not tell each deed")
    given = asked.parse_args()
    broken = 0
    for store in [given.store] if given.store else ["sqlite", "postgresql"]:
        broken += len(_run(store, given).faults)
    return 1 if broken else 0


def _run(store: str, given: argparse.Namespace) -> bench.Run:
    folder = Path(tempfile.mkdtemp(prefix="triaged-faults-"))
    dovecot, postgres, programs = Dovecot().start(), None, binaries()
    try:
        if store == "postgresql":
            assert programs is not None, "PostgreSQL is not installed"
            postgres = Postgres(programs)
            postgres.start()
            url, daemons = postgres.fresh(upgrade), given.daemons
        else:
            url, daemons = f"sqlite:///{folder}/triaged.db", 1
            upgrade(url)
        town = FaultTown(folder, dovecot, url, "f", daemons=daemons)
        town.postgres = postgres
        try:
            done = bench.run(town, given.seed, given.kills, told=not given.quiet)
        finally:
            town.close()
    finally:
        dovecot.stop()
        if postgres is not None:
            postgres.remove()
    print(f"{store}, {daemons} daemon(s): {done}", flush=True)
    if done.faults:
        print(f"  what the daemons told: {folder}/daemons.log", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return done


if __name__ == "__main__":
    sys.exit(main())
