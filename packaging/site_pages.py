"""What the documentation's site has beyond `docs/`: every command as its man page tells it, and the changes (a hook of mkdocs)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from manpages import commands  # noqa: E402


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """mkdocs calls this once it has read `docs/`."""
    changes = _read("CHANGELOG.md").replace("](docs/", "](")
    example = f"# config.example.yaml\n\n```yaml\n{_read('config.example.yaml')}\n```\n"
    for name, content in (
        ("commands.md", "\n".join(_commands())),
        ("changes.md", changes),
        ("config-example.md", example),
    ):
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """mkdocs calls this for every page: links that leave `docs/` lead to the site's page of that file."""
    return markdown.replace("../CHANGELOG.md", "changes.md").replace(
        "../config.example.yaml", "config-example.md"
    )


def _read(name: str) -> str:
    return (HERE.parent / name).read_text("utf-8")


def _commands() -> Iterator[str]:
    yield "# Commands\n\nWhat `--help` says, all on one page. Exit status: 0 done; 1 it found or met a fault; 2 wrong use.\n"
    for path, command in commands():
        yield f"{'#' * min(len(path) + 1, 4)} {' '.join(path)}\n"
        context = click.Context(command, info_name=path[-1])
        yield "\n".join(line.strip() for line in (command.help or "").splitlines()) + "\n"
        usage = " ".join(command.collect_usage_pieces(context))
        yield f"```text\n{' '.join(path)} {usage}\n```\n"
        told = [
            record for option in command.get_params(context) if (record := option.get_help_record(context))
        ]
        if told:
            yield "| option | |\n|---|---|"
            yield from (f"| `{_cell(names)}` | {_cell(meaning)} |" for names, meaning in told)
            yield ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
