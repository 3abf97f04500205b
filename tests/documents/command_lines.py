"""The command lines of `modelenv` in a text, and whether the command takes them as they stand."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator

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
    context: click.Context = click.Context(group, info_name="modelenv")
    command: click.Command | None = group
    while isinstance(command, click.Group):
        assert words, "there is no command"
        name, words = words[0], words[1:]
        command = command.get_command(context, name)
        assert command is not None, f"there is no command {name}"
        context = click.Context(command, parent=context, info_name=name)
    assert command is not None
    return command.make_context(str(context.info_name), [*words], parent=context.parent)
