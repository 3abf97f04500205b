"""The option lines of a requirements file, as pip reads them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidEntry
from .credentials import protect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Each spelling and its full name.
_WITH_VALUE = {
    "--all-releases": "--all-releases",
    "-c": "--constraint",
    "--constraint": "--constraint",
    "-e": "--editable",
    "--editable": "--editable",
    "--extra-index-url": "--extra-index-url",
    "-f": "--find-links",
    "--find-links": "--find-links",
    "-i": "--index-url",
    "--index-url": "--index-url",
    "--no-binary": "--no-binary",
    "--only-binary": "--only-binary",
    "--only-final": "--only-final",
    "--pypi-url": "--index-url",
    "-r": "--requirement",
    "--requirement": "--requirement",
    "--trusted-host": "--trusted-host",
    "--use-feature": "--use-feature",
}
_WITHOUT_VALUE = frozenset(
    {"--no-index", "--no-require-hashes", "--pre", "--prefer-binary", "--require-hashes"}
)
_IN_ORDER = ("--extra-index-url", "--find-links", "--trusted-host")
_HASH = re.compile(r"(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})")
_HASH_OPTION = re.compile(r"--hash(?:=|\s+)(\S+)")


@dataclass(frozen=True, slots=True)
class Option:
    """Hold one option by its full name; without a value it is a switch."""

    flag: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.flag} {_quoted(self.value)}" if self.value else self.flag


def parse_options(text: str) -> tuple[Option, ...] | None:
    """Read a line of options; None where the line is none.

    Raises InvalidEntry for an option that no requirements file may hold.

    >>> parse_options("-i https://host --pre")
    (Option(flag='--index-url', value='https://host'), Option(flag='--pre', value=''))
    """
    if not text.startswith("-"):
        return None
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InvalidEntry(text, f"its quotes do not close: {error}") from error
    return tuple(_iter_options(text, words))


def spell_option(text: str) -> str:
    """Write an option that an environment may hold in its one form, without credentials.

    Raises InvalidEntry for what is no such option, and for one that names a file.

    >>> spell_option("--extra-index-url=https://me:secret@host/")
    '--extra-index-url https://${HOST_USERNAME}:${HOST_PASSWORD}@host/'
    """
    options = parse_options(text.strip())
    if options is None or len(options) != 1:
        raise InvalidEntry(text, "is not one option: write one like --index-url https://host")
    if options[0].flag in {"--requirement", "--constraint", "--editable"}:
        raise InvalidEntry(text, "stands in a field of its own")
    spelled = protect(str(options[0]))
    if not spelled.isprintable() or re.search(r"(^|\s)#", spelled) or spelled.endswith("\\"):
        raise InvalidEntry(text, "holds characters that break a line of a requirements file")
    return spelled


def join_options(options: Iterable[str]) -> tuple[str, ...]:
    """Drop what is said twice, so that the rest means to pip what the whole did.

    Places are looked at in the order in which they were named first; of anything else, an index
    that stands for all others among them, what is said last counts.

    >>> join_options(["-i a", "--pre", "-i b", "-i a"])
    ('--pre', '-i b', '-i a')
    """
    joined: dict[str, None] = {}
    for option in options:
        if not option.startswith(_IN_ORDER):
            joined.pop(option, None)
        joined[option] = None
    return tuple(joined)


def split_hashes(text: str) -> tuple[str, tuple[str, ...]]:
    """Part a requirement from the `--hash` options behind it, sorted, each once.

    Raises InvalidEntry for another option, and for what is no hash that pip takes.

    >>> split_hashes("numpy==2.4.6")
    ('numpy==2.4.6', ())
    """
    requirement, rest = _at_first_option(text)
    hashes = set(_HASH_OPTION.findall(rest))
    left = _HASH_OPTION.sub("", rest)
    if left.strip():
        flag = re.split(r"[\s=]", left.strip(), maxsplit=1)[0]
        raise InvalidEntry(text, f"the option {flag} cannot be kept: only --hash may follow")
    return requirement, tuple(sorted(check_hash(each) for each in hashes))


def check_hash(text: str) -> str:
    """Return a hash as it is; raises InvalidEntry where pip would not take it."""
    if _HASH.fullmatch(text) is None:
        raise InvalidEntry(text, "is no hash: pip takes sha256:, sha384: or sha512: and hex digits")
    return text


def _at_first_option(text: str) -> tuple[str, str]:
    found = re.search(r"\s+(?=-)", text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _iter_options(text: str, words: list[str]) -> Iterator[Option]:
    rest = iter(words)
    for word in rest:
        flag, equals, value = word.partition("=")
        if not flag.startswith("--"):
            flag, value = word[:2], word[2:].removeprefix("=")
            equals = "=" if value else ""
        if flag in _WITHOUT_VALUE and not equals:
            yield Option(flag)
        elif flag in _WITH_VALUE:
            value = value if equals else next(rest, "")
            if not value:
                what = "file" if flag in {"-c", "-r", "--constraint", "--requirement"} else "value"
                raise InvalidEntry(text, f"the option {flag} names no {what}")
            yield Option(_WITH_VALUE[flag], value)
        else:
            raise InvalidEntry(text, f"the option {flag} is none that a requirements file may hold")


def _quoted(value: str) -> str:
    # `${NAME}` stays bare: shlex reads it as it stands, and pip has expanded it before.
    plain = re.fullmatch(r"[\w@%+=:,./${}?&~\[\]-]+", value)
    return value if plain and "\\" not in value else shlex.quote(value)
