"""The options of requirement lines: read as pip's parser reads them, written in one form."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..credentials import protect
from ..errors import InvalidEntry, Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORT = {
    "-C": "--config-settings",
    "-c": "--constraint",
    "-e": "--editable",
    "-f": "--find-links",
    "-i": "--index-url",
    "-r": "--requirement",
}
_SWITCHES = frozenset(
    {"--no-index", "--no-require-hashes", "--pre", "--prefer-binary", "--require-hashes"}
)
# Options that apply only behind a requirement.
_OF_REQUIREMENT = frozenset({"--config-settings", "--hash"})
_OF_FILE = _SWITCHES | {
    *("--all-releases", "--constraint", "--editable", "--extra-index-url", "--find-links"),
    *("--index-url", "--no-binary", "--only-binary", "--only-final", "--pypi-url"),
    *("--requirement", "--trusted-host", "--use-feature"),
}
# Options that apply to everything that is installed, on any line: pip's parser notes them as it
# reads.
OF_ALL = frozenset({"--all-releases", "--no-binary", "--only-binary", "--only-final"})
_LONG = _OF_FILE | _OF_REQUIREMENT
# pip took it until 25; it is about building alone, and no abbreviation means it.
_FORMER = "--global-option"
_FILES = ("--requirement", "--constraint")
_IN_ORDER = ("--extra-index-url", "--find-links", "--trusted-host")
_ALGORITHM = re.compile(r"sha(256|384|512):.*", re.DOTALL)
_HASH = re.compile(r"(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})")
_LONGEST = 100_000  # characters of a line; a thousand hashes are shorter
_NO_HASH = "is no hash: pip takes sha256:, sha384: or sha512: and hex digits"
_NOWHERE = Location()
_AT_OPTION = re.compile(r"(?<!\s)\s+(?=-)")


@dataclass(frozen=True, slots=True)
class Option:
    """One option by its full name; without a value it is a switch."""

    name: str
    value: str = field(default="", repr=False)
    """The value with the values of its variables: it may hold credentials."""
    written: str = ""
    """The value as written, with the names of its variables; empty if that is unknown."""
    location: Location = _NOWHERE

    @property
    def has_effect(self) -> bool:
        """Return whether pip uses it: an empty value has no effect."""
        return bool(self.value) or self.name in _SWITCHES

    def __str__(self) -> str:
        """Write it as a line, with the names of its variables."""
        value = self.written or self.value
        return f"{self.name} {_quoted(value)}" if value else self.name


@dataclass(frozen=True, slots=True)
class Statement:
    """The content of one line: at most one requirement, and the options that apply to it."""

    requirement: str
    """A requirement, a path or a URL; empty if options stand alone."""
    editable: bool = False
    options: tuple[Option, ...] = ()
    ignored: tuple[str, ...] = ()
    """Parts that pip ignores."""

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of one option, in order."""
        return tuple(each.value for each in self.options if each.name == name)


def parse_line(text: str) -> Statement:
    """Read one line: a requirement and the options behind it, or options alone.

    Long options may be abbreviated. Raises InvalidEntry for what pip refuses.

    >>> parse_line("numpy==2.0 --hash=sha256:ab").values("--hash")
    ('sha256:ab',)
    >>> [str(each) for each in parse_line("-i https://host --pre").options]
    ['--index-url https://host', '--pre']
    """
    if len(text) > _LONGEST:
        raise InvalidEntry(text, f"is longer than any such line is ({_LONGEST:,} characters)")
    requirement, rest = _split_at_option(text)
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise InvalidEntry(text, f"its quotes do not close: {error}") from error
    read = list(_iter_options(text, words))
    editables = [each for each in read if each.name == "--editable"]
    if editables and not requirement:
        requirement = editables[0].value
        read.remove(editables[0])
    counting = _OF_REQUIREMENT if requirement else _OF_FILE
    if editables:
        counting = frozenset({"--config-settings"})
    counts = [each for each in read if each.name in counting | OF_ALL and each.has_effect]
    for name in _FILES:  # beside these, pip uses only the first file of a line
        first = [each for each in counts if each.name == name][:1]
        counts = [*first, *(each for each in counts if each.name in OF_ALL)] if first else counts
    ignored = (each.name or each.written for each in read if each not in counts)
    return Statement(requirement, bool(editables), tuple(counts), tuple(ignored))


def spell_option(text: str) -> str:
    """Write an option that an environment may hold in its one form, without credentials.

    Raises InvalidEntry for what is no such option, and for one that names a file.

    >>> spell_option("--extra-index-url=https://me:secret@host/")
    '--extra-index-url https://${HOST_USERNAME}:${HOST_PASSWORD}@host/'
    """
    line = parse_line(text.strip())
    if line.requirement or line.ignored or len(line.options) != 1:
        raise InvalidEntry(text, "is not one option: write one like --index-url https://host")
    (option,) = line.options
    if option.name in _FILES:
        raise InvalidEntry(text, "has a field of its own")
    spelled = protect(str(option))
    if not spelled.isprintable() or re.search(r"(^|\s)#", spelled) or spelled.endswith("\\"):
        raise InvalidEntry(text, "holds characters that break a line of a requirements file")
    return spelled


def join_options(options: Iterable[str]) -> tuple[str, ...]:
    """Return options without repetitions, so that the rest means the same to pip as the whole.

    Places are searched in the order in which they were named first. Of every other option, and of
    an index that replaces all others, the last one counts.

    >>> join_options(["-i a", "--pre", "-i b", "-i a"])
    ('--pre', '-i b', '-i a')
    """
    joined: dict[str, None] = {}
    for option in options:
        if not option.startswith(_IN_ORDER):
            joined.pop(option, None)
        joined[option] = None
    return tuple(joined)


def spell_of_requirement(hashes: Iterable[str], settings: Iterable[str]) -> list[str]:
    """Write the options that stand behind a requirement.

    >>> spell_of_requirement((), ("--build-option=--fast it",))
    ["--config-settings '--build-option=--fast it'"]
    """
    return [
        *(f"--hash={each}" for each in hashes),
        *(f"--config-settings {_quoted(each)}" for each in settings),
    ]


def read_hash(text: str) -> str:
    """Return a hash of a kind that pip takes, in lower case; raises InvalidEntry for another kind.

    >>> read_hash("sha256:AB")
    'sha256:ab'
    """
    if _ALGORITHM.fullmatch(text) is None:
        raise InvalidEntry(text, _NO_HASH)
    return text.lower()


def check_hash(text: str) -> str:
    """Return a hash as it is; raises InvalidEntry if no file can have it."""
    if _HASH.fullmatch(text) is None:
        raise InvalidEntry(text, _NO_HASH)
    return text


def _split_at_option(text: str) -> tuple[str, str]:
    if text.startswith("-"):
        return "", text
    found = _AT_OPTION.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _iter_options(text: str, words: list[str]) -> Iterator[Option]:
    """Yield the options of a line; other words are options without a name."""
    rest = iter(words)
    for word in rest:
        if word == "--":
            yield from (Option("", written=each) for each in rest)
        elif not word.startswith("-") or word == "-":
            yield Option("", written=word)
        else:
            yield _option(text, word, rest)


def _option(text: str, word: str, rest: Iterator[str]) -> Option:
    flag, equals, value = word.partition("=")
    if not flag.startswith("--"):
        flag, value = word[:2], word[2:].removeprefix("=")
        equals = value
    name = _full_name(flag)
    if name is None:
        raise InvalidEntry(text, f"the option {flag} is none that a requirements file may hold")
    if name in _SWITCHES:
        if equals:
            raise InvalidEntry(text, f"the option {flag} takes no value")
        return Option(name)
    argument = value if equals else next(rest, None)
    if argument is None or (not argument and name in {*_FILES, "--editable"}):
        what = "file" if name in _FILES else "value"
        raise InvalidEntry(text, f"the option {flag} names no {what}")
    if name == "--hash":
        read_hash(argument)
    if name == "--config-settings" and "=" not in argument:
        raise InvalidEntry(text, f"the option {flag} takes KEY=VALUE")
    return Option(name, argument, argument)


def _full_name(flag: str) -> str | None:
    """Return the name of an option that is spelled, or begun, so that it can be no other one."""
    if not flag.startswith("--"):
        return _SHORT.get(flag)
    if flag in _LONG or flag == _FORMER:
        names = [flag]
    else:
        names = [each for each in _LONG if each.startswith(flag)]
    (name,) = names if len(names) == 1 else (None,)
    return "--index-url" if name == "--pypi-url" else name


def _quoted(value: str) -> str:
    # `${NAME}` stays bare: shlex reads it as it stands, and pip has expanded it before.
    plain = re.fullmatch(r"[\w@%+=:,./${}?&~\[\]-]+", value)
    return value if plain and "\\" not in value else shlex.quote(value)
