"""Which tests can notice a fault in a file: by room, the nearest first, so that few minutes are enough for most.

A list and not measured coverage: half of what matters here runs in processes of its own (readers, daemons,
servers), where coverage by test is not to be had.
"""

from __future__ import annotations

import re
from pathlib import Path

_WALK = ("tests/walk", "tests/simulation/test_walk.py")
_LIFE = ("tests/e2e/test_noticed_*.py", "tests/e2e/test_operations.py", "tests/e2e/test_people.py")
_COMMANDS = ("tests/cli/test_commands.py", "tests/cli/test_matters.py", "tests/cli/test_queue.py")

# Room of triaged/ -> what is asked, in this order: folders, files or patterns. `top` is what lies in no room.
REACH: dict[str, tuple[str, ...]] = {
    "cli": ("tests/cli", "tests/learning", "tests/e2e/test_noticed_*.py"),
    "web": ("tests/web/test_[!j]*.py", "tests/web/test_journeys.py", "tests/test_http.py", "tests/test_health.py", "tests/e2e/test_noticed_*.py"),
    "meetings": ("tests/meetings", "tests/walk/test_meetings.py", "tests/rulebook", "tests/simulation"),
    "daemon": (*_LIFE, "tests/e2e", "tests/cli/test_status.py", "tests/test_health.py"),
    "walk": ("tests/walk/test_plan.py", "tests/simulation/test_walk.py", *_COMMANDS, *_WALK, "tests/cli", "tests/simulation", *_LIFE, "tests/e2e/test_owed.py"),
    "outbox": ("tests/outbox", "tests/followups/test_leaving.py", *_LIFE, "tests/e2e/test_stop.py"),
    "intake": ("tests/intake", "tests/e2e/test_arrival.py", *_LIFE, "tests/e2e/test_owed.py"),
    "readers": ("tests/readers", "tests/walk/test_latecomers.py", "tests/e2e/test_reload.py", "tests/e2e/test_stop.py"),
    "followups": ("tests/followups", *_WALK, *_COMMANDS),
    "letters": ("tests/letters", "tests/followups", *_WALK, *_COMMANDS, "tests/cli/test_letters.py"),
    "promises": ("tests/promises", "tests/followups", "tests/tickets", *_WALK, *_COMMANDS, "tests/cli/test_report.py"),
    "tickets": ("tests/tickets", "tests/followups", *_WALK, *_COMMANDS),
    "judging": ("tests/judging", "tests/rulebook", *_WALK, *_COMMANDS),
    "rulebook": ("tests/rulebook", "tests/judging", *_WALK, "tests/cli"),
    "classifier": ("tests/classifier", "tests/learning", "tests/readers", "tests/cli/test_model.py"),
    "reading": ("tests/reading", "tests/letters", "tests/tickets", *_WALK, "tests/e2e/test_attacks.py"),
    "store": ("tests/store", *_WALK, "tests/outbox", "tests/intake/test_mailbox.py", *_COMMANDS, *_LIFE),
    "learning": ("tests/learning", "tests/classifier", "tests/cli/test_model.py"),
    "simulation": ("tests/simulation", "tests/cli/test_report.py", "tests/walk"),
    "demo": ("tests/cli/test_demo.py",),
    "config": ("tests/config", "tests/cli", *_LIFE),
    "spec": ("tests/spec", "tests/rulebook", "tests/config", "tests/promises", "tests/cli/test_commands.py"),
    "alerts": ("tests/alerts", "tests/walk/test_alerting.py", "tests/e2e/test_noticed_service.py"),
    "grants": ("tests/grants",),
    "edge": ("tests/outbox", "tests/test_http.py", "tests/test_health.py", "tests/test_private.py", "tests/intake",
             "tests/cli/test_harmless.py", "tests/e2e/test_stop.py", "tests/test_maillog.py"),
    "top": ("tests/test_maillog.py", *_LIFE, "tests/walk", "tests/cli/test_commands.py", "tests/outbox"),
}  # fmt: skip

# Tables and their migrations are compared with one another by a test that names none of them and runs few of their lines.
_SCHEMA = re.compile(r"triaged/store/(?:\w*tables\.py|migrations/)")

# Where the second database is under test too; elsewhere SQLite has to do.
ON_BOTH_DATABASES = frozenset({"store"})


def first_of(file: str) -> tuple[str, ...]:
    """Whom to ask before all others, whoever runs the place."""
    return ("tests/store/test_schema.py",) if _SCHEMA.match(file) else ()


def tests_for(root: Path, file: str, room: str, within: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    """Test files in the order in which they are asked: those of the module, and the others.

    `within`: the class and function with the fault. Who speaks of these, or imports the module, or has its name,
    is nearest; of these, who does most of that comes first.
    """
    found: dict[str, None] = {}
    for place in REACH[room]:
        for path in sorted(root.glob(place if place.endswith(".py") else f"{place}/**/test_*.py")):
            found[str(path.relative_to(root))] = None
    module = Path(file)
    room, name = re.escape(module.parent.name), re.escape(module.stem)
    imported = re.compile(rf"\b{room} import (?:\([^)]*|[^\n]*)\b{name}\b|\b{room}\.{name}\b")
    spoken = re.compile(rf"\b(?:{'|'.join(within)})\b") if within else None
    nearness = dict[str, int]()
    everywhere = sorted(str(path.relative_to(root)) for path in (root / "tests").rglob("test_*.py"))
    for one in dict.fromkeys([*found, *everywhere]):
        text = (root / one).read_text("utf-8")
        nearness[one] = bool(imported.search(text))
        nearness[one] += 2 * bool(spoken and spoken.search(text)) if nearness[one] or one in found else 0
        nearness[one] += 2 * (module.stem in one.split("/")[-1])
    nearest = sorted((one for one in nearness if nearness[one]), key=lambda one: -nearness[one])
    return nearest, [one for one in found if not nearness[one]]
