"""The options of requirements files, as pip knows them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .lines import Origin

# Each spelling and its full name.
_WITH_VALUE = {
    "-c": "--constraint",
    "-e": "--editable",
    "-f": "--find-links",
    "-i": "--index-url",
    "-r": "--requirement",
    "--pypi-url": "--index-url",
    **{
        name: name
        for name in (
            *("--all-releases", "--only-final"),
            *("--constraint", "--editable", "--extra-index-url", "--find-links", "--index-url"),
            *("--no-binary", "--only-binary", "--requirement", "--trusted-host", "--use-feature"),
        )
    },
}
_WITHOUT_VALUE = frozenset(
    {"--no-index", "--no-require-hashes", "--pre", "--prefer-binary", "--require-hashes"}
)
# Options behind a requirement, about it alone.
_OF_ONE = {
    "--hash": "--hash",
    "--global-option": "--global-option",
    "--config-settings": "--config-settings",
    "--config-setting": "--config-settings",
    "-C": "--config-settings",
}
_HASH = re.compile(r"sha(256|384|512):\S+")
_AT_OPTION = re.compile(r"\s+(?=-)")


@dataclass(frozen=True, slots=True)
class Option:
    """Hold an option of a requirements file by its full name; without a value it is a switch."""

    name: str
    value: str = field(repr=False)
    """As it counts, with the variables that it names: it may hold a login."""
    origin: Origin
    written: str = ""
    """As it stands there, with the names of its variables."""


class OptionError(ValueError):
    """Say what is wrong with an option; whoever reads the line adds its address."""


def split_options(text: str) -> tuple[str, str]:
    """Part a requirement from the options behind it, at the first word that begins with "-".

    >>> split_options("numpy==2.0 --hash=sha256:ab")
    ('numpy==2.0', '--hash=sha256:ab')
    """
    if text.startswith("-"):
        return "", text
    found = _AT_OPTION.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def parse_options(text: str, *, of_one: bool) -> Iterator[tuple[str, str]]:
    """Yield the options of a line, by their full names; `of_one`: those behind a requirement.

    Raises OptionError for what pip would not take there.

    >>> list(parse_options("-i https://host --pre", of_one=False))
    [('--index-url', 'https://host'), ('--pre', '')]
    """
    known = _OF_ONE if of_one else _WITH_VALUE
    try:
        words = iter(shlex.split(text))
    except ValueError as error:
        raise OptionError(f"its quotes do not close ({error})") from error
    for word in words:
        flag, equals, value = word.partition("=")
        if not flag.startswith("--"):
            flag, value = word[:2], word[2:].removeprefix("=")
            equals = "=" if value else ""
        flag = _whole(flag, {*known, *(() if of_one else _WITHOUT_VALUE)})
        if flag in _WITHOUT_VALUE and not of_one and not equals:
            yield flag, ""
        elif flag in known:
            value = value if equals else next(words, "")
            if not value:
                raise OptionError(f"the option {flag} needs a value")
            if flag == "--hash" and _HASH.fullmatch(value) is None:
                raise OptionError(f"{value!r} is no hash: pip takes sha256:..., sha384: or sha512:")
            yield known[flag], value
        elif not flag.startswith("-"):
            raise OptionError(f"{word!r} stands where only options may")
        else:
            place = "behind a requirement" if of_one else "in a requirements file"
            raise OptionError(f"the option {flag} is none that may stand {place}")


def _whole(flag: str, known: Collection[str]) -> str:
    """Return the option that a long one begins, where that is one alone, as pip reads it."""
    if flag in known or not flag.startswith("--"):
        return flag
    meant = [each for each in known if each.startswith(flag)]
    return meant[0] if len(meant) == 1 else flag
