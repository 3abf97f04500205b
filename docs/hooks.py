"""Make the pages of the site that stand in no folder: its home, and the reference.

The reference of a package is made of its docstrings, that of the command of what `--help` prints.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parent.parent
PACKAGES = ("modelenv", "tracer", "resolver", "envfiles")


def on_files(files: Any, config: Any) -> Any:
    """Add the README as the home, and a page for each package."""
    from mkdocs.structure.files import File

    pages = {"index.md": home((ROOT / "README.md").read_text("utf-8"))}
    pages |= {f"reference/{package}.md": reference(package) for package in PACKAGES}
    pages["reference/command.md"] = command()
    for place, text in pages.items():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return a page in which what the site does not have is named, and no link."""
    return within(markdown, page.file.src_uri.count("/"))


def within(markdown: str, depth: int) -> str:
    """Return a page, which stands `depth` folders deep, without links that lead out of `docs`.

    >>> within("[seal](../seal.md), [tests](../../tests)", 1)
    '[seal](../seal.md), tests'
    """
    outside = rf"\[([^\]]+)\]\((?:\.\./){{{depth + 1}}}[^)]*\)"
    return re.sub(outside, r"\1", markdown)


def home(readme: str) -> str:
    """Return the README as a page of the site.

    >>> home("[rules](docs/rules.md), [design](docs/design.md#words), [more](CONTRIBUTING.md)")
    '[rules](rules.md), [design](design.md#words), more'
    """
    inside = re.sub(r"\]\(docs/", "](", readme)
    return re.sub(r"\[([^\]]+)\]\((?:CONTRIBUTING|benchmarks)[^)]*\)", r"\1", inside)


def reference(package: str) -> str:
    """Return the page of a package: each of its published names, by its docstring."""
    names = sorted(importlib.import_module(package).__all__, key=str.lower)
    objects = (f"::: {package}.{name}\n" for name in names if not name.startswith("_"))
    return "\n".join([f"# {package}\n", *objects])


def command() -> str:
    """Return the page of the command: the help of each command and of those below it."""
    from modelenv.cli.commands import COMMANDS, help_text
    from modelenv.cli.group import modelenv

    page = ["# The command\n", f"```text\n{help_text().strip()}\n```\n"]
    top = modelenv.make_context("modelenv", [], resilient_parsing=True)
    for name in COMMANDS:
        page += _help(modelenv.get_command(top, name), name, top, "##")
    return "\n".join(page)


def _help(one: click.Command | None, name: str, above: click.Context, mark: str) -> Iterator[str]:
    """Yield a heading and the help of a command, then those of the commands below it."""
    assert one is not None
    context = one.make_context(name, [], above, resilient_parsing=True)
    yield f"{mark} {context.command_path}\n\n```text\n{one.get_help(context)}\n```\n"
    if isinstance(one, click.Group):
        for each in one.list_commands(context):
            yield from _help(one.get_command(context, each), each, context, f"{mark}#")
