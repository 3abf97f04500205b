"""Options of pip that list names: `a,b`, `:all:` and `:none:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .lines import OptionLike

ALL = ":all:"
_NONE = ":none:"

FORMATS = ("--no-binary", "--only-binary")
"""The options for the kinds of files that may be taken."""

RELEASES = ("--all-releases", "--only-final")
"""The options for pre-releases; `--pre` is the first one, for all."""


class ByName:
    """The last of several mutually exclusive options for each name.

    >>> said = ByName([("--no-binary", ":all:"), ("--only-binary", "numpy")])
    >>> said.of("numpy"), said.of("six")
    ('--only-binary', '--no-binary')
    """

    def __init__(self, said: Iterable[tuple[str, str]] = ()) -> None:
        self._said: dict[str, str] = {}
        for flag, names in said:
            for name in filter(None, map(str.strip, names.split(","))):
                self._set(flag, name)

    @classmethod
    def of_options(cls, options: Iterable[OptionLike], flags: tuple[str, ...]) -> ByName:
        """Return the last options by name, of the options of requirements files."""
        return cls(_pairs(options, flags))

    def of(self, name: str) -> str:
        """Return the option that applies to a normalised name; empty: none does."""
        return self._said.get(name) or self._said.get(ALL, "")

    def _set(self, flag: str, name: str) -> None:
        if name == _NONE:
            self._said = {each: said for each, said in self._said.items() if said != flag}
        elif name == ALL:
            self._said = {ALL: flag}
        else:
            self._said[canonicalize_name(name)] = flag


def _pairs(options: Iterable[OptionLike], flags: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    for option in options:
        if option.name == "--pre" and flags == RELEASES:
            yield "--all-releases", ALL
        elif option.name in flags:
            yield option.name, option.value
