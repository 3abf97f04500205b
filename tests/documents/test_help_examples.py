"""The examples in the help run as they stand, one after another would in a folder of their own."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import pytest

from modelenv.base.settings import Settings
from modelenv.cli.commands import COMMANDS, help_text
from modelenv.cli.group import modelenv as group
from modelenv.environments.errors import PythonMissingError
from modelenv.environments.interpreter import Python
from modelenv.environments.pythons.discovery import find

from .command_lines import exit_codes, is_taken, of_modelenv
from .given import Shelf
from .pages import Block
from .running import SERVING, free_port, make_room, reader

OF_YEARS = ("bisect", "revive", "upgrade")


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
    (words,) = of_modelenv(example)
    skip_without_the_python_of(words)
    folder = tmp_path / "me"
    shelf.place(world_of(words), folder)
    make_room(words, folder)
    (tmp_path / "modelenv.toml").write_text(f"[serve]\nport = {free_port()}\n")
    codes = " or ".join(map(str, exit_codes(["modelenv", *words])))
    text = example.replace("--port 8080", f"--port {free_port()}")
    block = Block("--help", 0, "sh", text, {"exit": codes})
    with reader(folder, {**variables, **own_home(name, tmp_path)}) as here:
        if name == "serve":
            here.keep_running(block, SERVING)
        else:
            here.run(block)


def world_of(words: Sequence[str]) -> list[str]:
    """Return the names of what is there before a command, which is all that it names."""
    if words[0] in OF_YEARS:
        return ["old", "all.zip"]
    return ["churn.pack.tar.gz" if "--environment" in words else "churn"]


def skip_without_the_python_of(words: Sequence[str]) -> None:
    """Skip where the model is to run with a Python that is not here."""
    if words[0] in ("upgrade", "verify") and "--python" in words:
        version = words[words.index("--python") + 1]
        try:
            find(version, Python.current(), Settings.from_environment())
        except PythonMissingError as error:
            pytest.skip(str(error))


def own_home(name: str, folder: Path) -> Mapping[str, str]:
    """Return the variables by which a command that writes to the home or the cache has its own."""
    if name not in ("cache", "completion"):
        return {}
    home = folder / "home"
    (home / ".config" / "fish" / "completions").mkdir(parents=True)
    return {"HOME": str(home), "MODELENV_CACHE_DIR": str(home / "cache")}
