"""A dummy identifier and a dummy commitment, added by exactly the list in docs/extending.md."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
DOCS = (HOUSE / "docs" / "extending.md").read_text("utf-8")
MOST = 3  # files of code
IDENTIFIER = {
    "triaged/reading/identifiers/kinds.py": (
        ")  # fmt: skip\n\nDIGITS",
        '    IdentifierKind(\n        "portalid", "Portal numbers the mail gives", {"exists": True},\n'
        '        label="portalid", find="portalid", digits=True, identifies=True, asked="always",\n'
        '        column="portals", way="portalid", tried=4,\n    ),\n',
    ),
    "triaged/reading/values.py": (
        "    found: tuple[Find, ...] = ()\n",
        "    portalid: tuple[str, ...] = ()\n",
    ),
    "triaged/reading/identifiers/labels.py": (
        '    ("blank", BLANK),\n',
        '    ("portalid", (r"\\bportal ?numbers?\\b",)),\n',
    ),
}
COMMITMENT = {
    "triaged/promises/commitments.py": (
        ")  # fmt: skip\nCOMMITMENTS",
        '    CommitmentKind("workaround", Happening.IDENTIFIED),\n',
    ),
    "triaged/promises/sections.py": (
        "    resolution: Target | None = None\n",
        "    workaround: Target | None = None\n",
    ),
}
CONFIG = """\
database: sqlite:///triaged.db
directory: {accounts: accounts.csv, partners: partners.csv}
trusted_authserv_ids: [mx.intake.example]
staff: {domains: [staff.example], alert: [leads@staff.example]}
mailboxes:
  - {name: europe, address: help@desk.example, regions: [EU]}
listener: {protocol: lmtp, behind_mta: true}
"""
ACCOUNTS = (
    "key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions,portals\n"
    "elm,Elm Works,60099000111,root@elm.example,elm.example,EU,lark.example,,Zoho CRM=10,70001234;70005678\n"
)
PARTNERS = "domain,name,tier,region,contacts\nlark.example,Lark,advanced,EU,\n"
MAIL = """\
Authentication-Results: mx.intake.example; dmarc=pass header.from=lark.example
From: Ida Lark <ida@lark.example>
To: help@desk.example
Subject: Import fails
Message-ID: <1@lark.example>
Date: Fri, 20 Nov 2026 08:12:44 +0000

Hello,
{line}
Service: Zoho CRM
The import of leads fails for one of our users.
"""


def house_with(added: dict[str, tuple[str, str]], folder: Path) -> Path:
    """A copy of the house with some lines put in front of others."""
    shutil.copytree(HOUSE / "triaged", folder / "triaged", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HOUSE / "rules", folder / "rules")
    (folder / "models").symlink_to(HOUSE / "models")
    for name, (before, lines) in added.items():
        text = (folder / name).read_text("utf-8")
        assert text.count(before) == 1, name
        (folder / name).write_text(text.replace(before, lines + before), "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    (folder / "accounts.csv").write_text(ACCOUNTS, "utf-8")
    (folder / "partners.csv").write_text(PARTNERS, "utf-8")
    return folder


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    alone = {
        **os.environ,
        "PYTHONPATH": f"{house}{os.pathsep}{HOUSE}",
        "TRIAGED_CONFIG": str(house / "config.yaml"),
    }
    return subprocess.run(command, cwd=house, env=alone, capture_output=True, text=True, check=False)


def python(house: Path, program: str) -> str:
    done = run(house, "-c", program)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("title", "added"), [("An identifier", IDENTIFIER), ("A commitment", COMMITMENT)])
def test_the_list_names_exactly_the_files_that_the_dummy_touches(
    title: str, added: dict[str, tuple[str, str]]
) -> None:
    section = DOCS.partition(f"## {title}\n")[2].partition("\n## ")[0]
    named = re.findall(r"^\d\. `(triaged/[\w/]+\.py)`", section, re.MULTILINE)
    assert named == list(added) and len(named) <= MOST


def test_a_new_identifier_is_found_looked_up_told_and_missed(tmp_path: Path) -> None:
    house = house_with(IDENTIFIER, tmp_path)
    (house / "given.eml").write_text(MAIL.format(line="Portal number: 70005678"), "utf-8")
    (house / "not.eml").write_text(MAIL.format(line="Regards"), "utf-8")
    done = run(house, "-m", "triaged", "explain", "--json", "given.eml", "not.eml")
    assert done.returncode == 0, done.stderr
    given, without = map(json.loads, done.stdout.splitlines())
    assert given["identifiers"]["portalid"] == ["70005678"]
    assert [f["kind"] for f in given["identifiers"]["found"]] == ["portalid"]
    assert (given["account"]["key"], given["account"]["matched_by"]) == ("elm", "portalid")
    assert not given["no_identifier"] and "portalid" not in given["missing"]
    assert without["no_identifier"] and without["missing"] == ["superadmin_email", "zoid", "zuid", "portalid"]
    assert "portalid" in python(house, "from triaged.rulebook.fields import MISSING; print(MISSING)")
    told = python(house, _STORY)
    assert json.loads(told) == {"portalid": ["70005678"], "zoid": ["1" * 11]}


_STORY = """
import json
from triaged.reading.identifiers import telling
from triaged.reading.values import Identifiers
from triaged.tickets.event_data import Grounds
kept = json.loads(json.dumps(Grounds(Identifiers(portalid=("70005678",))).stored()))
read = Grounds.read(kept).identifiers
both = telling.completed(Identifiers(zoid=("1" * 11,)), read)
print(json.dumps({name: value for name, value in telling.as_data(both).items() if value}))
"""


def test_a_new_commitment_has_a_clock_its_steps_and_a_word(tmp_path: Path) -> None:
    house = house_with(COMMITMENT, tmp_path)
    told = json.loads(python(house, _PLANNED))
    assert told["planned"] == ["workaround:miss", "workaround:still", "workaround:warn"]
    assert told["met"] == "met" and told["word"] and told["reported"]


_PLANNED = """
import copy, json
from dataclasses import replace
from typing import get_args
from tests.tickets import world
from triaged.followups import due, steps
from triaged.letters.sections import CommitmentWord
from triaged.promises import clocks, commitments, promising
from triaged.tickets.ticket import Happening
sections = copy.deepcopy(world.sections())
sections["service_levels"]["standard"]["targets"] = {"any": {"workaround": "2h"}}
promises, now = promising.build(sections), world.at("2026-11-16 10:00")
ticket = world.ticket(now)
rows = due.plan(ticket, promises, now)
found = world.event(now + world.hours(1), Happening.IDENTIFIED)
met = clocks.commitments(replace(ticket, events=(*ticket.events, found)), promises, now + world.hours(2))
print(json.dumps({"planned": sorted(steps.of(row).name for row in rows), "met": met[0].state,
    "word": "workaround" in get_args(CommitmentWord), "reported": "workaround" in commitments.REPORTED}))
"""


def test_every_commitment_can_be_promised_and_every_identifier_has_its_field() -> None:
    from triaged.promises.commitments import COMMITMENTS
    from triaged.promises.sections import TargetsSpec
    from triaged.reading.identifiers.kinds import IDENTIFIERS
    from triaged.reading.values import Identifiers

    assert set(TargetsSpec.model_fields) == set(COMMITMENTS)
    assert {kind.name for kind in IDENTIFIERS} <= set(Identifiers.__dataclass_fields__)


ON_DEMAND = {
    **IDENTIFIER,
    "triaged/reading/identifiers/kinds.py": (
        IDENTIFIER["triaged/reading/identifiers/kinds.py"][0],
        IDENTIFIER["triaged/reading/identifiers/kinds.py"][1].replace('"always"', '"where a rule says"'),
    ),
}
ASKING = """\
asking: {portalid: {services: [Zoho CRM]}}
rules:
  - {name: asks, when: {service: Zoho Books}, then: {ask: portalid}}
tests:
  - name: the portal is asked for where the rulebook says
    mail: {from: ida@lark.example, subject: Import, body: "Service: Zoho CRM"}
    expect: {ask: [portalid]}
  - name: the portal is asked for where a rule says
    mail: {from: ida@lark.example, subject: Import, body: "Service: Zoho Books"}
    expect: {ask: [portalid], hits: [asks]}
  - name: the portal is not asked for elsewhere
    mail: {from: ida@lark.example, subject: Import, body: "Service: Zoho Desk"}
    expect: {ask: []}
"""
BARE = """\
Authentication-Results: mx.intake.example; dmarc=pass header.from=lark.example
From: Ida Lark <ida@lark.example>
To: help@desk.example
Subject: Re: [PS-1042] Import fails
Message-ID: <2@lark.example>
Date: Fri, 20 Nov 2026 08:12:44 +0000

70005678
"""


def test_a_new_identifier_may_be_asked_for_where_a_rule_says_and_answered_by_a_bare_number(
    tmp_path: Path,
) -> None:
    house = house_with(ON_DEMAND, tmp_path)
    (house / "rules" / "60-own.yaml").write_text(ASKING, "utf-8")
    done = run(house, "-m", "triaged", "rules", "test")
    assert done.returncode == 0, done.stdout + done.stderr
    asking = json.loads(run(house, "-m", "triaged", "rules", "schema").stdout)["properties"]["asking"]
    assert set(asking["properties"]) == {"zuid", "portalid"}
    (house / "bare.eml").write_text(BARE, "utf-8")
    (told,) = run(house, "-m", "triaged", "explain", "--json", "bare.eml").stdout.splitlines()
    found = json.loads(told)
    assert found["identifiers"]["portalid"] == ["70005678"]
    assert (found["account"]["key"], found["account"]["matched_by"]) == ("elm", "portalid")
