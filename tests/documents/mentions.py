"""What the documents and the code's own texts name: options, commands, names, variables, files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import click

from modelenv.cli.commands import COMMANDS
from modelenv.cli.group import modelenv as group

from .pages import PAGES, ROOT

PACKAGES = ("modelenv", "tracer", "resolver", "envfiles")
DOCUMENTS = [
    *PAGES,
    "CHANGELOG.md",
    *(
        page.relative_to(ROOT).as_posix()
        for page in (ROOT / "benchmarks").rglob("*.md")
        if page.parent.name != "benchmarks"
    ),
]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that users or contributors read, and where it stands."""

    place: str
    text: str


@cache
def documents() -> tuple[Text, ...]:
    """Return each line of the documents."""
    return tuple(
        Text(f"{page}:{number}", line)
        for page in DOCUMENTS
        for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1)
    )


@cache
def strings() -> tuple[Text, ...]:
    """Return each string in the packages' code: docstrings, helps, messages, parts of them."""
    found: list[Text] = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            place = file.relative_to(ROOT).as_posix()
            found += [
                Text(f"{place}:{node.lineno}", node.value)
                for node in ast.walk(ast.parse(file.read_text("utf-8")))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    return tuple(found)


def commands(
    command: click.Command = group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield each command of `modelenv` with the words that name it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in COMMANDS if command is group else command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name))


def options(command: click.Command) -> set[str]:
    """Return the options of a command, `--help` too, long and short."""
    each = (option for option in command.params if isinstance(option, click.Option))
    named = {name for option in each for name in (*option.opts, *option.secondary_opts)}
    return named | {"--help", "-h"}


def named_options(text: str) -> list[str]:
    """Return the long options that a text names."""
    return re.findall(r"(?<![\w-])--[a-z][\w-]*", text)
