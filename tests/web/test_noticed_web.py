"""Events of the pages, each caused and asserted by name: admins grep for them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.said import listening
from tests.web.desk import ANNA, eventually, opened_desk


def test_that_pages_are_served_and_that_one_met_a_fault_is_told(tmp_path: Path, empty_database: Path) -> None:
    database = tmp_path / "triaged.db"
    shutil.copy(empty_database, database)
    with listening() as said, opened_desk(tmp_path, f"sqlite:///{database}", daemon=False) as desk:
        assert said.of("web.ready") == [{"address": desk.url}]
        anna = desk.signed_in(ANNA)
        assert said.of("web.failed") == []
        with closing(sqlite3.connect(database)) as apart, apart:
            apart.execute("DROP TABLE ticket")
        page = anna.get("/tickets")
        assert page.status_code == 503 and "no such table" not in page.text
        told = eventually(lambda: said.of("web.failed"), "the fault was not told")
        assert told[0]["path"] == "/tickets" and "ticket" in told[0]["error"]
