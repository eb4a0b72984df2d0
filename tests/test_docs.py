"""README.md and docs/ stay true: what they name exists, what exists they name, and they speak the glossary's words."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from triaged.cli import group

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
ids = [str(page.relative_to(ROOT)) for page in PAGES]

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
CALL = re.compile(r"(?:^|[ /])triaged (?!-- )(.+)$")

# Never said so; the glossary has the word that is.
STRANGE_WORDS: tuple[str, ...] = (
    "recipient queue",
    "dead letter",
    "dead-letter",
    "auto-responder",
    "priority level",
)
STRANGE_WORDS += ("message queue", "helpdesk", "end user", "email", "e-mail")
# In parts, so that this file does not name them itself.
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".", "crates" + ".io", "rubygems" + ".org")


def prose(page: Path) -> str:
    """A page without its code, blocks and inline."""
    return INLINE.sub("", BLOCK.sub("", page.read_text("utf-8")))


def spoken(page: Path) -> Iterator[str]:
    """Everything a page shows as code: console lines, and inline code; alternatives by ` · ` apart."""
    text = page.read_text("utf-8")
    for kind, block in BLOCK.findall(text):
        if kind == "console":
            yield from (line[2:] for line in block.splitlines() if line.startswith(("$ ", "# ")))
    for code in INLINE.findall(BLOCK.sub("", text)):
        yield from code.split(" · ")


def calls(page: Path) -> list[list[str]]:
    """The words after `triaged` of every call a page shows."""
    found = (CALL.search(code) for code in spoken(page))
    return [shlex.split(one[1].replace("…", "DOTS")) for one in found if one]


def fault(words: list[str]) -> str | None:
    """What is wrong with a call by the tree of commands; None if nothing is."""
    at: click.Command = group
    for word in words:
        known = {name for p in at.params for name in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
        if word.startswith("--"):
            if word.split("=")[0] not in known:
                return f"{word} of {' '.join(words)}"
        elif isinstance(at, click.Group) and re.fullmatch(r"[a-z][a-z0-9]*", word):
            found = at.get_command(click.Context(at, resilient_parsing=True), word)
            if found is None:
                return f"{word} in {' '.join(words)}"
            at = found
    return None


def commands(at: click.Command = group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that runs, with its name."""
    if not isinstance(at, click.Group):
        yield " ".join(("triaged", *path)), at
        return
    context = click.Context(at)
    for name in at.list_commands(context):
        found = at.get_command(context, name)
        assert found is not None
        yield from commands(found, (*path, name))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as web views of repositories make them."""
    titles = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles}


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_command_and_option_a_page_shows_exists(page: Path) -> None:
    assert [wrong for call in calls(page) if (wrong := fault(call))] == []


def test_the_test_of_commands_can_fail() -> None:
    assert fault(["tickets", "lst"]) and fault(["tickets", "list", "--sate"])
    assert fault(["tickets", "list", "--state", "open"]) is None


@pytest.mark.parametrize(("name", "command"), [pytest.param(n, c, id=n) for n, c in commands()])
def test_the_reference_names_every_command_and_option(name: str, command: click.Command) -> None:
    text = (DOCS / "reference.md").read_text("utf-8")
    entry = re.search(rf"^- `{name}[ `].*\n(?:  - .*\n)*", text, re.MULTILINE)
    assert entry, f"docs/reference.md has no `{name}`"
    for option in command.params:
        for word in option.opts if isinstance(option, click.Option) else ():
            assert re.search(rf"`(?:[\w/-]+/)?{word}[ `/]", entry[0]), f"{name} {word}"


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_between_pages_resolve(page: Path) -> None:
    for link in LINK.findall(BLOCK.sub("", page.read_text("utf-8"))):
        if "://" in link:
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_the_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)`?$", "\n".join(spoken(ROOT / "README.md")), re.MULTILINE))
    assert named and named <= targets


def test_the_site_builds_with_no_link_that_leads_nowhere_and_asks_no_other_host(tmp_path: Path) -> None:
    # Not --quiet: it would keep warnings from `--strict` too.
    asked = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    made = subprocess.run(asked, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    told = [line for line in made.stderr.splitlines() if not line.startswith("INFO ")]
    assert (made.returncode, told) == (0, [])
    pages = [path.read_text("utf-8") for path in tmp_path.rglob("*.html")]
    assert len(pages) > len(list(DOCS.rglob("*.md")))
    shown = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert [p for p in DOCS.rglob("*.md") if str(p.relative_to(DOCS)) not in shown] == [], (
        "not in the site's menu"
    )
    loaded = re.findall(r'<(?:script|img|iframe|link)[^>]*?(?:src|href)="(https?:[^"]+)', "\n".join(pages))
    assert loaded == []
    page = (tmp_path / "commands.html").read_text("utf-8")
    assert [name for name, _ in commands() if name not in page] == []


def test_no_registry_is_named_anywhere() -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if files == [""]:
        pytest.skip("no git checkout: there is no list of the repository's files")
    wrong = [
        f"{name}: {host}"
        for name in files
        if name and not name.endswith((".skops", ".eml")) and (ROOT / name).is_file()
        for host in REGISTRIES
        if host in (ROOT / name).read_text("utf-8", "replace")
    ]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_pages_speak_the_words_of_the_glossary(page: Path) -> None:
    text = prose(page).casefold()
    assert [word for word in STRANGE_WORDS if re.search(rf"\b{re.escape(word)}s?\b", text)] == []


def test_every_metric_and_event_of_the_docs_exists_and_the_other_way_round() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "triaged").rglob("*.py"))
    reference = (DOCS / "reference.md").read_text("utf-8")
    operate = (DOCS / "how-to" / "operate.md").read_text("utf-8")
    measured = {name.removesuffix("_total") for name in re.findall(r'"(triaged_[a-z_]+)"', code)}
    told = {n.removesuffix("_total") for n in re.findall(r"\btriaged_[a-z_]+", reference)} - {"triaged_"}
    alarms = {n.removesuffix("_total") for n in re.findall(r"\btriaged_[a-z_]+", operate)}
    assert told == measured
    assert alarms <= measured
    said = set(re.findall(r'_say\([^,()]+, "([a-z_.]+)"', code))
    assert said and [event for event in said if f"`{event}`" not in operate] == []
