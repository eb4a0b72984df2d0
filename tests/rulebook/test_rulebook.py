"""Loading: several files as one, whole or not at all; the rulebook that ships; its schema and its tests."""

from __future__ import annotations

import functools
import json
import xml.etree.ElementTree as xml
from pathlib import Path

import jsonschema
import pytest
from pydantic import TypeAdapter

from tests.rulebook.rulebooks import complaints, rulebook
from triaged.config import shipped
from triaged.errors import Faulty
from triaged.rulebook import loading, schema, specs
from triaged.rulebook.fields import FIELDS
from triaged.rulebook.rulebook import Rulebook
from triaged.spec import strict_yaml
from triaged.vocabulary import Severity
from triaged.walk import rulebook_folder, trial_reports, trials
from triaged.walk.rulebook_folder import ROOMS

RULES = shipped.rules()


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return rulebook_folder.load_folder(RULES)


def test_files_follow_each_other_in_order_of_name() -> None:
    texts = {
        "rules/b.yaml": "rules: [{name: two, then: {tags: [b]}}]\nlists: {y: [1]}\n",
        "rules/a.yaml": "rules: [{name: one, then: {tags: [a]}}]\nlists: {x: [1]}\n",
    }
    made, _ = loading.load(texts, loading.Rooms())
    assert made is not None
    assert [rule.name for rule in made.rules] == ["one", "two"]
    assert made.rules[1].place == strict_yaml.Mark("rules/b.yaml", 1, 9)


def test_the_version_changes_with_content_and_name_but_not_with_the_folder() -> None:
    def version(name: str, text: str) -> str:
        made, _ = loading.load({name: text}, loading.Rooms())
        assert made is not None
        return made.version

    base = version("rules/a.yaml", "rules: []")
    assert version("elsewhere/a.yaml", "rules: []") == base
    assert version("rules/a.yaml", "rules: [] # note") != base
    assert version("rules/b.yaml", "rules: []") != base


def test_one_fault_in_one_file_refuses_the_whole() -> None:
    good = {"rules/a.yaml": "rules: [{name: one, then: {tags: [a]}}]"}
    made, told = loading.load({**good, "rules/b.yaml": "ruls: []"}, loading.Rooms())
    assert made is None
    assert [str(c) for c in told] == ["rules/b.yaml:1:1: unknown key 'ruls'; did you mean 'rules'?"]


def test_warnings_do_not_refuse_and_are_kept() -> None:
    made = rulebook("rules: [{name: a, when: {subject: Hello}, then: {tags: [a]}}]")
    assert [str(c) for c in made.warnings] == [
        "rules/a.yaml:1:35: warning: subject: compares the whole text; is {contains: [...]} meant?"
    ]


def test_a_word_boundary_beside_a_letter_it_does_not_know_is_a_warning() -> None:
    made = rulebook("rules: [{name: a, when: {text: {matches: '\\bärger'}}, then: {tags: [a]}}]")
    assert "\\b knows ASCII letters only and does not work beside 'ä'" in str(made.warnings[0])


def test_rules_below_a_stricter_stop_are_reached() -> None:
    assert (
        complaints("""
rules:
  - {name: a, when: {language: ja, service: Zoho CRM}, then: {tags: [a]}, stop: true}
  - {name: b, when: {language: ja}, then: {tags: [b]}}
""")
        == []
    )


def test_a_long_chain_of_named_conditions_is_refused() -> None:
    chain = "".join(f"  c{n}: {{condition: c{n + 1}}}\n" for n in range(3000))
    told = complaints(f"conditions:\n{chain}  c3000: {{language: ja}}\n")
    assert any("leads deeper than 10 conditions" in line for line in told)


def test_thresholds_go_by_region_else_by_default() -> None:
    made = rulebook("thresholds: {default: 200, regions: {jp: 100}}")
    assert [made.threshold(region) for region in ("JP", "jp", "EU", "")] == [100, 100, 200, 200]


def test_a_service_outside_the_list_and_none_at_all_are_eligible() -> None:
    made = rulebook("services: [{name: Zoho Campaigns, eligible: false}]")
    assert [made.eligible(s) for s in ("zoho campaigns", "Zoho New", None)] == [False, True, True]


def test_a_room_that_refuses_its_section_is_told_with_the_place() -> None:
    class Refusal(Exception):
        path = ("calendars", "night")

    def build(_: object) -> object:
        raise Refusal("opens never")

    rooms = loading.Rooms(loading.RoomSections({"calendars": dict[str, str]}, build))
    made, told = loading.load({"rules/a.yaml": "calendars:\n  day: x\n  night: y\n"}, rooms)
    assert made is None
    assert [str(c) for c in told] == ["rules/a.yaml:3:10: opens never"]


def test_a_room_that_breaks_is_no_fault_of_the_rulebook() -> None:
    def build(_: object) -> object:
        raise ZeroDivisionError("the room itself")

    rooms = loading.Rooms(loading.RoomSections({"calendars": dict[str, str]}, build))
    with pytest.raises(ZeroDivisionError, match="the room itself"):
        loading.load({"rules/a.yaml": "calendars: {}\n"}, rooms)


def test_a_folder_without_rules_is_refused_with_one_line(tmp_path: Path) -> None:
    for folder, line in (
        (tmp_path, f"{tmp_path}: no *.yaml file in this rulebook folder"),
        (tmp_path / "no", f"{tmp_path / 'no'}: no such rulebook folder"),
    ):
        with pytest.raises(Faulty) as told:
            rulebook_folder.load_folder(folder)
        assert told.value.lines == (line,)


@pytest.mark.parametrize("name", ["60-mine.yml", "60-mine.YML", "60-mine.YAML"])
def test_a_file_that_would_not_be_read_is_refused_with_the_name_it_should_have(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "00-basics.yaml").write_text("rules: []\n")
    (tmp_path / name).write_text("rules: []\n")
    with pytest.raises(Faulty) as told:
        rulebook_folder.load_folder(tmp_path)
    assert told.value.lines == (f"{tmp_path.name}/{name}: would not be read; name it 60-mine.yaml",)


def test_a_file_in_another_charset_is_refused_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("lists: {a: [Störung]}".encode("latin-1"))
    with pytest.raises(Faulty, match=r"a\.yaml: byte 14 is not UTF-8; save the file as UTF-8"):
        rulebook_folder.load_folder(tmp_path)


def test_the_rulebook_that_ships_loads_without_a_warning(shipped: Rulebook) -> None:
    assert shipped.warnings == ()
    assert shipped.rules[0].name == "large-account"
    assert [shipped.threshold(r) for r in ("EU", "JP", "SA")] == [200, 100, 150]
    assert shipped.defaults.severity is Severity.S3


def test_a_missed_s1_costs_most(shipped: Rulebook) -> None:
    costs = shipped.classifier.costs
    dearest = max((cost, true) for true, row in costs.items() for cost in row.values())
    assert dearest[1] is Severity.S1
    for said in (Severity.S2, Severity.S3, Severity.S4):
        assert costs[Severity.S1][said] >= costs[said][Severity.S1]


def test_every_shipped_file_lists_rules_and_names_its_schema() -> None:
    for path in RULES.glob("*.yaml"):
        text = path.read_text("utf-8")
        assert text.startswith("# yaml-language-server: $schema=rulebook.schema.json\n"), path.name
        assert isinstance(strict_yaml.load(text, path.name).value["rules"], list), path.name


def test_the_tests_of_the_shipped_rules_pass_and_hit_every_rule(shipped: Rulebook) -> None:
    run = list(trials.run(shipped))
    told = list(trial_reports.lines(run, trials.coverage(shipped, run), len(shipped.rules)))
    assert all(trial.passed for trial in run), "\n".join(told)
    assert trials.coverage(shipped, run) == ()


def test_the_schema_that_ships_is_current(shipped: Rulebook) -> None:
    """`triaged rules schema > rules/rulebook.schema.json` makes it so."""
    assert (RULES / schema.FILE).read_text("utf-8") == schema.written(ROOMS, shipped.names)


def test_an_editor_proposes_the_names_of_lists_and_conditions_and_takes_others(shipped: Rulebook) -> None:
    """The next file may name lists of its own."""
    made = schema.json_schema(ROOMS, shipped.names)
    proposed = made["$defs"]["Phrases"]["anyOf"][0]["anyOf"][0]["enum"]
    assert {"{everybody}", "{cannot}", "{denied}", "{over}", "{asked}", "{talked-about}"} <= set(proposed)
    assert {"denied", "over", "asked", "talked-about"} <= set(
        made["$defs"]["Condition"]["properties"]["condition"]["anyOf"][0]["anyOf"][0]["enum"]
    )
    known = jsonschema.Draft7Validator(made)
    for when in ({"says": "{denied}"}, {"says": ["{ours} … down"]}, {"condition": ["over", "our-own"]}):
        assert known.is_valid({"rules": [{"name": "r", "when": when, "then": {"tags": ["x"]}}]}), when


@functools.cache
def validator() -> jsonschema.Draft7Validator:
    made = schema.json_schema(ROOMS)
    jsonschema.Draft7Validator.check_schema(made)
    return jsonschema.Draft7Validator(made)


def test_the_schema_takes_every_shipped_file() -> None:
    for path in RULES.glob("*.yaml"):
        value = strict_yaml.load(path.read_text("utf-8"), path.name).value
        assert list(validator().iter_errors(value)) == [], path.name


def test_the_schema_takes_a_rulebook_of_five_hundred_rules() -> None:
    examples = list(FIELDS.values())
    rules = [
        {
            "name": f"r{i}",
            "why": "x",
            "when": {about.name: about.example},
            "then": {"severity": {"at_least": "S2"}},
        }
        for i in range(500)
        for about in (examples[i % len(examples)],)
    ]
    text = json.dumps({"rules": rules, "services": [{"name": "Zoho CRM"}, {"name": "Zoho Desk"}]})
    assert list(validator().iter_errors(json.loads(text))) == []
    made, told = loading.load({"rules/a.yaml": text}, loading.Rooms())
    assert made is not None, told
    assert len(made.rules) == 500


def test_every_fact_has_a_description_and_an_example_that_loads() -> None:
    condition = schema.json_schema(ROOMS)["$defs"]["Condition"]["properties"]
    assert set(FIELDS) <= set(condition)
    for name in FIELDS:
        assert condition[name]["description"]
        assert condition[name]["examples"]


def test_no_two_models_share_a_name_in_the_schema() -> None:
    seen: dict[str, object] = {}
    for model in [*specs.LISTS.values(), *specs.VALUES.values(), *ROOMS.models.values()]:
        for name, definition in TypeAdapter(model).json_schema().get("$defs", {}).items():
            assert seen.setdefault(name, definition) == definition, name


FAILING = """
rules:
  - {name: words, when: {text: {contains: [outage]}}, then: {severity: S2, tags: [t]}}
  - {name: other, when: {language: ja}, then: {severity: S1}}
tests:
  - name: passes
    mail: {from: a@b.example, body: an outage}
    expect: {severity: S2, hits: [words], misses: [other], tags: [t]}
  - name: "wants too much \\x1f"
    mail: {from: a@b.example, body: an outage}
    given: {service: Zoho CRM}
    expect: {severity: S1, hits: [other], tags: [u], service_level: gold, facts: {service: Zoho Desk}}
"""


def test_a_failing_test_says_what_came_out_and_why() -> None:
    made = rulebook(FAILING)
    run = list(trials.run(made))
    assert list(trial_reports.lines(run, trials.coverage(made, run), 2)) == [
        "FAILED wants too much \x1f (rules/a.yaml:9)",
        "  rule other: wanted a hit, got a miss (language is 'en', not 'ja')",
        "  severity: wanted S1, got S2 (rule words: text contains 'outage')",
        "  service_level: wanted 'gold', got 'standard' (default of the rulebook)",
        "  tags: wanted u, got t",
        "  service: wanted 'Zoho Desk', got 'Zoho CRM'",
        "1 of 2 tests passed; 1 of 2 rules hit by a test",
        "no test hits: other",
    ]


def test_junit_is_xml_that_build_servers_read() -> None:
    suite = xml.fromstring(trial_reports.junit(list(trials.run(rulebook(FAILING)))).partition("\n")[2])
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "rule other: wanted a hit, got a miss (language is 'en', not 'ja')"
