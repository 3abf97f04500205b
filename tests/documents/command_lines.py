"""The command lines of `modelenv` in a text, and whether the command takes them as they stand."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Sequence

import click

from modelenv.cli.group import modelenv as group


def simple_commands(script: str) -> Iterator[list[str]]:
    """Yield the words of each command in a script of a shell, comments and redirections apart."""
    script = re.sub(r"\\\n\s*", " ", script)
    for line in script.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if word[0] in "();|&":
                if words:
                    yield words
                words = []
            else:
                words.append(word)


def of_modelenv(script: str) -> Iterator[list[str]]:
    """Yield the words behind `modelenv` of each command of it, up to what redirects it."""
    for command in simple_commands(script):
        settings = itertools.takewhile(lambda word: re.fullmatch(r"\w+=\S*", word), command)
        words = command[len([*settings]) :]
        if words and words[0].rpartition("/")[2] == "modelenv":
            ends = (n for n, word in enumerate(words) if word[0] in "<>")
            yield words[1 : next(ends, None)]


def is_taken(words: list[str]) -> click.Context:
    """Return the context that the command makes of words; wrong ones raise what it raises."""
    context: click.Context = group.make_context("modelenv", [], resilient_parsing=True)
    command: click.Command | None = group
    while isinstance(command, click.Group):
        if not words:  # its help is meant
            return context
        name, words = words[0], words[1:]
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name}"
        context = click.Context(command, parent=context, info_name=name)
    assert command is not None
    return command.make_context(str(context.info_name), [*words], parent=context.parent)


def exit_codes(words: Sequence[str]) -> tuple[int, ...]:
    """Return the codes with which a command of an example may end, whatever is installed."""
    name = words[1] if len(words) > 1 else ""
    if "--served" in words:  # which nobody has served
        return (2,)
    if name == "diagnose":  # of something that is wrong, where an error is given
        return (0,) if words[-2] == "-m" else (1,)
    if name == "build-docker" or "--base" in words:  # as a builder is here, or the layout of a base
        return (0, 1, 2)
    if name == "upgrade" or "--advisories" in words:  # as something newer, or a version, is there
        return (0, 1)
    if name == "audit":  # as pip-audit and its service are there
        return (0, 1, 2, 3)
    if "libgomp" in words[-1]:  # which wheels may bring under a name of their own
        return (0, 2)
    return (0, 1) if name in ("bisect", "diff") else (0,)
