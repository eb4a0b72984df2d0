"""`triaged demo`: the first thing anybody runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def test_the_demo_ends_by_itself_with_ten_tickets_and_every_mail_told() -> None:
    program = Path(sys.executable).with_name("triaged")
    told = subprocess.run([program, "demo"], capture_output=True, text=True, timeout=170)
    assert told.returncode == 0, told.stderr[-2000:]
    found = re.search(r"^(\d+) tickets;", told.stdout, re.MULTILINE)
    assert found and int(found[1]) >= 10
    assert "S1" in told.stdout and "bounce" in told.stdout
