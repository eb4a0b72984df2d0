"""Files of words: every one loads, faults are told with their place, an operator's own are added."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from pydantic import TypeAdapter, ValidationError

from tests import fresh
from triaged import cli
from triaged.config import shipped
from triaged.errors import Faulty
from triaged.reading.language.language_model import Model
from triaged.reading.read import read
from triaged.reading.values import Door, Surroundings
from triaged.reading.words import automata, listed
from triaged.reading.words.spoken import speaking, spoken
from triaged.reading.words.words import Words
from triaged.reading.words.written import FILE, together
from triaged.walk.words_folder import languages_of, shipped_words, words_with

ICELANDIC = """\
language: is
absence:
  subject: [^sjálfvirkt svar, ^fjarverandi]
  away: [ég er í fríi, er ekki á skrifstofunni]
  instead: [í neyðartilvikum]
attribution:
  begins: [þann]
  wrote: [skrifaði]
header:
  from: [sendandi]
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_every_file_is_named_after_its_language() -> None:
    names = [path.stem for path in sorted(shipped.words().glob("*.yaml"))]
    assert names == [one.language for one in languages_of(shipped.words())] and len(names) >= 20


def test_no_phrase_is_written_twice_in_a_list_or_with_a_capital() -> None:
    for path in shipped.words().glob("*.yaml"):
        text = "\n".join(row for row in path.read_text("utf-8").split("\n") if not row.startswith("#"))
        assert text == text.lower(), path.name


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("language: da\nabsense: {}\n", "own/da.yaml:2:1: unknown key 'absense'; did you mean 'absence'?"),
        (
            "language: da\nabsence: {awy: [ude]}\n",
            "own/da.yaml:2:11: unknown key 'awy'; did you mean 'away'?",
        ),
        ("language: danish\n", "own/da.yaml:1:11: "),
        ("absence: {away: [ude]}\n", "own/da.yaml:1:1: "),
        (
            "language: da\nabsence:\n  away: [ude, '^*']\n",
            "own/da.yaml:3:15: away: a phrase has a word in it",
        ),
        ("language: da\nabsence:\n  away: [ude, 12]\n", "own/da.yaml:3:15: "),
        ("language: da\nabsence:\n  away: ude\n", "own/da.yaml:3:9: "),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    with pytest.raises(Faulty) as told:
        words_with(folder(own, da=text))
    assert any(line.startswith(complaint) for line in told.value.lines), told.value.lines


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match="no such folder of words"):
        words_with(tmp_path / "nowhere")


def test_an_operators_words_are_added_to_those_that_ship(tmp_path: Path) -> None:
    words = words_with(folder(tmp_path, own=ICELANDIC))
    assert words.absence.away.find("ég er í fríi til 3. maí") and words.absence.away.find("ich bin im urlaub")
    assert words.label("sendandi") == "from" == words.label("von")
    assert "skrifaði" in words.attribution.wrote.tails and "wrote" in words.attribution.wrote.tails


def test_words_go_to_a_reader_process_as_they_are() -> None:
    words = shipped_words()
    again = pickle.loads(pickle.dumps(words))
    assert again == words and again.label("betreff") == "subject"
    assert again.absence.away.find("i am on vacation") and again.subject.forward.begin("wg: x")


def test_a_reading_follows_the_words_of_its_surroundings_alone(tmp_path: Path) -> None:
    raw = "From: eva@ahorn.example\nSubject: Fjarverandi\n\nÉg er í fríi. Í neyðartilvikum: Jón.\n".encode()
    own = Surroundings(words=words_with(folder(tmp_path, own=ICELANDIC)))
    for _ in range(2):
        assert read(raw, Door(), own).automatic is not None
        assert read(raw, Door(), Surroundings()).automatic is None
    with speaking(Words()):
        assert not spoken().absence.away.phrases
    assert spoken() is shipped_words()


def test_an_empty_language_costs_nothing_but_its_quotes() -> None:
    raw = b"From: eva@ahorn.example\nSubject: Out of office\n\nSuperAdmin: it@birke.example\n"
    reading = read(raw, Door(), Surroundings(words=Words()))
    assert reading.automatic is None and reading.identifiers.superadmin_email == "it@birke.example"
    assert not reading.defects


def test_a_phrase_matches_whole_words_and_capitals_of_every_language() -> None:
    words = together([FILE.model_validate({"language": "tr", "absence": {"away": ["İzindeyim", "ofis*"]}})])
    assert not words.absence.away.find("notizindeyimler") and words.absence.away.find("ofisteyim")


def test_a_newcomers_file_is_understood_by_explain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/extending.md, "A language": its steps, with Faroese, which nothing in the house knows."""
    newcomers_house(tmp_path)
    (tmp_path / "away.eml").write_text(AWAY, "utf-8")
    (tmp_path / "reply.eml").write_text(REPLY, "utf-8")
    files = [str(tmp_path / "away.eml"), str(tmp_path / "reply.eml")]
    status, told = run(tmp_path, capsys, "explain", "--json", *files)
    assert status == 0, told
    away, reply = map(json.loads, told.strip().splitlines())
    assert away["kind"] == "auto_reply"
    assert reply["kind"] == "request" and reply["new_text"] == "Hann riggar ikki."
    (tmp_path / "words" / "fo.yaml").write_text(FAROESE.replace("header:", "headers:"), "utf-8")
    status, told = run(tmp_path, capsys, "check")
    assert status == 1
    assert "words/fo.yaml:9:1: unknown key 'headers'; did you mean 'header'?" in told


def newcomers_house(folder: Path) -> None:
    """A config with words of its own, and an empty directory."""
    (folder / "words").mkdir()
    (folder / "words" / "fo.yaml").write_text(FAROESE, "utf-8")
    (folder / "accounts.csv").write_text(
        "key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions\n", "utf-8"
    )
    (folder / "partners.csv").write_text("domain,name,tier,region,contacts\n", "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")


def run(house: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """A command's exit status, and what it says on both streams."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--config", str(house / "config.yaml"), *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


FAROESE = """\
language: fo
absence:
  subject: [^sjálvvirkandi svar]
  away: [eg eri í feriu]
  later: [eg svari tá]
attribution:
  begins: [hin]
  wrote: [skrivaði]
header:
  from: [frá]
  date: [sent tann]
  to: [til]
  subject: [evni]
"""
CONFIG = """\
directory: {accounts: accounts.csv, partners: partners.csv}
reading_words: words
mailboxes:
  - {name: north, address: desk@own.example, regions: [US], time_zone: UTC}
"""
AWAY = """\
From: Eva <eva@ahorn.example>
To: desk@own.example
Message-ID: <1@ahorn.example>
Subject: =?utf-8?q?Sj=C3=A1lvvirkandi_svar=3A_Export?=
Content-Type: text/plain; charset=utf-8

Eg eri í feriu og eg svari tá eg komi aftur.
"""
REPLY = """\
From: Eva <eva@ahorn.example>
To: desk@own.example
Message-ID: <2@ahorn.example>
Subject: Re: Export
Content-Type: text/plain; charset=utf-8

Hann riggar ikki.

Hin 10. november 2026 kl. 10:00 Jo Berg skrivaði:

the older words
"""


def test_py3langid_has_the_private_parts_the_language_model_stands_on() -> None:
    """The library is pinned; this tells what to look at when its version is raised (language_model.py)."""
    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    languages = len(whole.nb_classes)
    assert languages > 90 and whole.nb_ptc.shape[1] == languages == len(whole.nb_pc)
    assert all(hasattr(whole, name) for name in ("tk_nextmove", "tk_output", "tk_row"))
    assert callable(whole._decide)
    assert whole.rank("the quick brown fox jumps over the lazy dog")[0][0] == "en"
    assert Model("latin").best("la impresora no funciona desde ayer", {}) == "es"


RULES = """\
rules:
  - name: old-words
    when: {text: {contains: ["older words"]}}
    then: {tags: [old]}
tests:
  - name: what stands in a quote hits nothing
    mail:
      from: anna@ahorn.example
      subject: "Re: Export"
      body: |
        Hann riggar ikki.

        Hin 10. november 2026 kl. 10:00 Jo Berg skrivaði:

        the older words
    expect: {misses: [old-words]}
"""


def test_the_rulebooks_own_tests_are_read_by_the_operators_words_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newcomers_house(tmp_path)
    shutil.copytree(shipped.rules(), tmp_path / "rules")
    (tmp_path / "rules" / "60-own.yaml").write_text(RULES, "utf-8")
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("rulebook: rules\n")
    status, told = run(tmp_path, capsys, "rules", "test")
    assert status == 0, told
    (tmp_path / "words" / "fo.yaml").write_text("language: fo\n", "utf-8")
    status, told = run(tmp_path, capsys, "rules", "test")
    assert status == 1 and "what stands in a quote hits nothing" in told


def test_a_reader_process_does_without_what_checks_files() -> None:
    code = "import triaged.readers.work, triaged.readers.process, triaged.classifier.sentences"
    loaded = fresh.run(code).modules
    assert "triaged.reading.read" in loaded
    assert not {"pydantic", "pydantic_core", "yaml", "sqlalchemy", "jinja2"} & loaded


@pytest.mark.parametrize(
    ("text", "at"), [("abb", 0), ("", 0), ("bbabb", 2), ("abb", 3), ("äb", 0), ("äbb", 1)]
)
def test_an_automaton_finds_what_the_library_of_python_finds(text: str, at: int) -> None:
    made = pickle.loads(pickle.dumps(automata.compiled("b*")))
    assert made.pattern == "b*"
    found = [match.span() for match in made.finditer(text, at)]
    assert found == [match.span() for match in re.compile("b*").finditer(text, at)]
    first = made.search(text, at)
    assert first is not None and first.span() == found[0]


@pytest.mark.parametrize(
    ("phrase", "fault"),
    [
        ("a" * listed.LONGEST, ""),
        ("a" * (listed.LONGEST + 1), f"a phrase has at most {listed.LONGEST} characters"),
        ("a\nb", "a phrase stands on one line"),
        ("^*…$", "a phrase has a word in it"),
        ("^a", ""),
    ],
)
def test_a_phrase_is_one_line_with_a_word_in_it_and_not_too_long(phrase: str, fault: str) -> None:
    try:
        made = TypeAdapter(listed.Table).validate_python([phrase])
    except ValidationError as refused:
        assert [one["msg"] for one in refused.errors()] == [fault]
    else:
        assert fault == ""
        assert (made, repr(made)) == (listed.Table(phrase), "Table(1 phrases)")
