"""What becomes of everything that a rulebook's files write, part by part; and what is wrong in shape, with its place."""

from __future__ import annotations

import pytest

from tests.rulebook.rulebooks import complaints
from triaged.reading.values import Service
from triaged.rulebook import loading
from triaged.rulebook.rulebook import Defaults, Names, Thresholds
from triaged.vocabulary import Severity

WRITTEN = """
queues: [front, fire]
services:
  - {name: Zoho CRM, aliases: [CRM]}
  - {name: Zoho Campaigns, eligible: false}
thresholds: {default: 150, regions: {JP: 100}}
defaults: {queue: front, severity: S4}
severities: {S1: {name: grave, meaning: all stands}}
words: {down-en: [is down, crashed], unused: [x y]}
lists: {big: [a, b]}
conditions: {odd: {language: ja}, idle: {language: de}}
rules:
  - {name: one, when: {text: {says: "{down-en}"}}, then: {tags: [t]}, why: so, stop: true}
  - {name: off, enabled: false, when: {condition: odd}, then: {tags: [u]}}
  - {name: whose, when: {sender.role: partner}, then: {tags: [u]}}
  - {name: all, then: {tags: [v]}}
tests:
  - {name: x, mail: {from: a@b.example}, expect: {hits: [all]}}
"""


def test_every_part_of_a_rulebook_is_what_its_files_write() -> None:
    texts = {"folder/b.yaml": WRITTEN, "folder/a.yaml": "rules: []\n"}
    made, told = loading.load(texts, loading.Rooms())
    assert made is not None
    warnings = [
        "folder/b.yaml:9:38: warning: word list 'unused' is used by no rule",
        "folder/b.yaml:10:9: warning: list 'big' is used by no rule",
        "folder/b.yaml:11:35: warning: condition 'idle' is used by no rule",
    ]
    assert [str(one) for one in told] == [str(one) for one in made.warnings] == warnings
    assert made.files == ("folder/a.yaml", "folder/b.yaml")
    assert (
        made.version
        == loading.version_of(texts)
        == loading.version_of({name.removeprefix("folder/"): text for name, text in texts.items()})
    )
    assert [(r.name, r.why, r.stop, r.content, (r.place.file, r.place.line)) for r in made.rules] == [
        ("one", "so", True, True, ("folder/b.yaml", 13)),
        ("whose", "", False, False, ("folder/b.yaml", 15)),
        ("all", "", False, True, ("folder/b.yaml", 16)),
    ]
    assert [(t.spec.name, (t.place.file, t.place.line)) for t in made.tests] == [("x", ("folder/b.yaml", 18))]
    assert made.services == (
        Service("Zoho CRM", ("CRM",), True),
        Service("Zoho Campaigns", (), False),
    )
    assert (made.thresholds, made.defaults) == (
        Thresholds(150, {"JP": 100}),
        Defaults(Severity.S4, "standard", "front"),
    )
    assert made.severities == {Severity.S1: ("grave", "all stands")}
    assert (made.queues, made.promises, made.letters, made.sections, made.asking) == (
        *(("front", "fire"), None, None),
        *({}, {}),
    )
    assert made.names == Names(("down-en", "unused"), ("big",), ("odd", "idle"))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("rules: 3", ["1:8: rules: must be a list, not 3"]),
        ("rules: {a: 1}", ["1:8: rules: must be a list, not a mapping"]),
        ("rules: null", ["1:8: rules: must be a list, not nothing"]),
        ("rules: [3]", ["1:9: rules: must be a mapping (key: value), not 3"]),
        ("rules: [{name: 1}]", ["1:16: name: must be text, not 1"]),
        ("services: x\nrules: []", ["1:11: services: must be a list, not 'x'"]),
        ("services: [x]\nrules: []", ["1:12: services: must be a mapping (key: value), not 'x'"]),
        ("tests: 3\nrules: []", ["1:8: tests: must be a list, not 3"]),
        ("queues: {a: 1}\nrules: []", ["1:9: queues: must be a list, not a mapping"]),
        ("thresholds: 3\nrules: []", ["1:13: thresholds: must be a mapping (key: value), not 3"]),
        ("thresholds: {JP: x}\nrules: []", ["1:14: unknown key 'JP'; known are default, regions"]),
        ("words: 3\nrules: []", ["1:8: words: must be a mapping (key: value), not 3"]),
        ("rulez: []", ["1:1: unknown key 'rulez'; did you mean 'rules'?"]),
        ("promises: {}\nrules: []", ["1:1: unknown key 'promises'"]),
        ("rules: []\nrules: []", ["2:1: duplicate key 'rules'; first in line 1"]),
        ("rules:\n  - {name: a, when: 3, then: {tags: [x]}}",
         ["2:21: when: must be a mapping (key: value), not 3"]),
        ("rules:\n  - {name: a, when: null, then: {tags: [x]}}",
         ["2:21: when: must be a mapping (key: value), not nothing"]),
        ("rules:\n  - {name: a, when: {}, then: {tags: [x]}}",
         ["2:21: warning: an empty condition holds of every mail; leave `when` out where that is meant"]),
        ("rules:\n  - {name: a, when: {languag: ja}, then: {tag: [x]}}",
         ["2:22: unknown field 'languag'; did you mean 'language'?", "2:43: unknown key 'tag'; did you mean 'tags'?"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_shape_is_told_at_its_place(written: str, told: list[str]) -> None:
    assert complaints(written) == [f"rules/a.yaml:{one}" for one in told]
