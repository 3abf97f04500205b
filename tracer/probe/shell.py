"""The programs that a command starts, through a shell or through another program."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHELLS = ("sh", "bash", "dash", "zsh", "ksh")
_OPERATORS = ";|&<>()\n"
_SPACES = " \t\r"
# The shell does these itself, or they are its keywords.
_BUILTINS = frozenset(
    [
        ":",
        ".",
        "[",
        "alias",
        "bg",
        "break",
        "case",
        "cd",
        "continue",
        "done",
        "echo",
        "esac",
        "eval",
        "exit",
        "export",
        "false",
        "fg",
        "fi",
        "for",
        "function",
        "getopts",
        "hash",
        "in",
        "jobs",
        "local",
        "printf",
        "pwd",
        "read",
        "return",
        "select",
        "set",
        "shift",
        "source",
        "test",
        "trap",
        "true",
        "type",
        "ulimit",
        "umask",
        "unset",
        "wait",
    ]
)
_BEFORE = frozenset(
    [
        "command",
        "builtin",
        "do",
        "elif",
        "else",
        "exec",
        "if",
        "then",
        "time",
        "until",
        "while",
        "{",
        "}",
        "!",
    ]
)
# Characters that make a word more than a plain program: the shell expands it.
_SPECIAL = frozenset("$`*?[]{}#~!")
# Programs that start the command after them: their options that take a further word, and the number
# of words before the command.
_WRAPPERS = {
    "chrt": ("", 1),
    "env": ("uCS", 0),
    "ionice": ("cnp", 0),
    "nice": ("n", 0),
    "nohup": ("", 0),
    "setsid": ("", 0),
    "stdbuf": ("ioe", 0),
    "sudo": ("ugCDhpRrtTU", 0),
    "taskset": ("", 1),
    "time": ("fo", 0),
    "timeout": ("ks", 1),
    "xargs": ("adEIILnPs", 0),
    "xvfb-run": ("efnsp", 0),
}
_LONGEST = 20_000  # of a line that is looked at
_DEEPEST = 5


def programs_in(words: Sequence[str], depth: int = 0) -> Iterator[str]:
    """Yield the further programs that a command starts after its first word, if that is certain.

    >>> list(programs_in(["/bin/sh", "-c", "LANG=C ruff check . | wc -l"]))
    ['ruff', 'wc']
    >>> list(programs_in(["timeout", "-k", "1", "5", "jq", "-n"]))
    ['jq']
    """
    if not words or depth > _DEEPEST:
        return
    name = os.path.basename(words[0])
    if name in _SHELLS:
        line = _line(words)
        commands = [] if line is None else list(_commands(line[:_LONGEST]))
        within = [command for command in map(_without_prefix, commands) if command]
    elif name in _WRAPPERS:
        wrapped = _wrapped(words, *_WRAPPERS[name])
        within = [wrapped] if wrapped else []
    else:
        return
    for command in within:
        first = command[0]
        if first not in _BUILTINS and not _SPECIAL.intersection(first):
            yield first
            for each in programs_in(command, depth + 1):
                yield each


def _line(words: Sequence[str]) -> str | None:
    """Return the command line given to a shell: ``-c``, among its first options."""
    for place, word in enumerate(words[1:-1], 1):
        if not word.startswith("-"):
            return None
        if word.endswith("c") and not word.startswith("--"):
            return words[place + 1]
    return None


def _wrapped(words: Sequence[str], options: str, before: int) -> list[str]:
    rest = list(words[1:])
    while rest and (rest[0].startswith("-") or _is_assignment(rest[0])):
        word = rest.pop(0)
        if word == "--":
            break
        if len(word) == 2 and word[0] == "-" and word[1] in options and rest:
            rest.pop(0)
    rest = rest[before:]
    while rest and _is_assignment(rest[0]):
        rest.pop(0)
    return rest


def _without_prefix(words: list[str]) -> list[str]:
    """Return a simple command from its program on."""
    place = 0
    while place < len(words) and (words[place] in _BEFORE or _is_assignment(words[place])):
        place += 2 if words[place : place + 2] == ["time", "-p"] else 1
    return words[place:]


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _commands(line: str) -> Iterator[list[str]]:
    """Yield the simple commands of a line, with those in its substitutions."""
    inner: list[str] = []
    command: list[str] = []
    redirected = False  # the target of a redirection is no program
    for is_word, text in _tokens(line, inner):
        if is_word and not redirected:
            command.append(text)
        elif is_word:
            redirected = False
        elif text in "<>":
            redirected = True
            if command and command[-1].isdigit():
                command.pop()
        elif not redirected:  # as in ``2>&1`` it is
            yield command
            command = []
    for each in (command, *(found for text in inner for found in _commands(text))):
        yield each


def _tokens(line: str, inner: list[str]) -> Iterator[tuple[bool, str]]:
    """Yield the words and the operators of a line; the commands in words go to `inner`."""
    place = 0
    while place < len(line):
        each = line[place]
        if each == "#":
            place = _end(line, place, "\n")
        elif each in _OPERATORS:
            yield False, each
            place += 1
        elif each in _SPACES:
            place += 1
        else:
            parts = []
            while place < len(line) and line[place] not in _SPACES + _OPERATORS:
                part, place = _piece(line, place, inner)
                parts.append(part)
            yield True, "".join(parts)


def _piece(line: str, place: int, inner: list[str]) -> tuple[str, int]:
    """Return the meaning of a part of a word, and its end."""
    each = line[place]
    if each == "\\":
        return line[place + 1 : place + 2], place + 2
    if each in "'\"":
        end = _end(line, place + 1, each)
        text = line[place + 1 : end]
        return (text if each == "'" else _expanded(text, inner)), end + 1
    if each == "`":
        end = _end(line, place + 1, each)
        inner.append(line[place + 1 : end])
        return "$", end + 1
    if line.startswith("$(", place):
        end = _closing(line, place + 2)
        inner.append(line[place + 2 : end])
        return "$", end + 1
    return each, place + 1


def _expanded(text: str, inner: list[str]) -> str:
    """Return the content of double quotes; the commands of substitutions go to `inner`."""
    start = text.find("$(")
    while start >= 0:
        end = _closing(text, start + 2)
        inner.append(text[start + 2 : end])
        text = text[:start] + "$" + text[end + 1 :]
        start = text.find("$(")
    first = text.find("`")
    if first >= 0:
        inner.append(text[first + 1 : _end(text, first + 1, "`")])
    return text


def _end(text: str, start: int, quote: str) -> int:
    place = start
    while place < len(text) and text[place] != quote:
        place += 2 if text[place] == "\\" and quote != "'" else 1
    return min(place, len(text))


def _closing(text: str, start: int) -> int:
    """Return the position of the parenthesis that closes the one before `start`."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)
