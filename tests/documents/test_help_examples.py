"""The examples in the help run as they stand, one after another would in a folder of their own."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from modelenv.cli.commands import COMMANDS, help_text
from modelenv.cli.group import modelenv as group

from .command_lines import exit_codes, is_taken, of_modelenv
from .given import Shelf
from .pages import Block
from .running import make_room, reader


def examples(text: str) -> Iterator[str]:
    """Yield the command lines of a help text, without what is said of them."""
    for line in text.splitlines():
        found = re.fullmatch(r"  +((?:.* \| )?modelenv ([a-z-]+).*)", line)
        if found is not None and found[2] in COMMANDS:
            yield re.split(r"\s{2,}", found[1])[0]


def helps() -> Iterator[tuple[str, str]]:
    """Yield each command's name with each example of its help, and of the command's own."""
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        text = command.get_help(click.Context(command, info_name=name))
        assert list(examples(text)), name
        yield from ((name, example) for example in examples(text))
    yield from (("modelenv", example) for example in examples(help_text()))


ALL = list(helps())


def test_every_example_is_taken_by_the_command() -> None:
    assert len(ALL) > 35
    for _, example in ALL:
        for words in of_modelenv(example):
            is_taken(words)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")
@pytest.mark.parametrize(("name", "example"), ALL, ids=[example for _, example in ALL])
def test_an_example_runs(
    name: str, example: str, shelf: Shelf, variables: Mapping[str, str], tmp_path: Path
) -> None:
    for needed in ("pandas", "sklearn"):
        pytest.importorskip(needed)
    shelf.place(["churn"], tmp_path / "me")
    (words,) = of_modelenv(example)
    make_room(words, tmp_path / "me")
    codes = " or ".join(map(str, exit_codes(["modelenv", *words])))
    with reader(tmp_path / "me", variables) as here:
        here.run(Block("--help", 0, "sh", example, {"exit": codes}))
