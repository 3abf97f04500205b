"""Names in a message that the model had to do with, or that an extra of a pin brings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...base.siblings import resolver
from .modules import Owner, well_known

_QUOTES = "`'\""
_WORD = re.compile(r"(?<![\w./-])[A-Za-z][\w.-]*\w(?:\[[\w,. -]+\])?")
_ADDRESS = re.compile(r"(?<!\S)\S+?://\S+")
_TOOLS = ("pip", "conda", "uv", "python")
# Extras for who works on a distribution: they bring what no model needs, under names of all kinds.
_OF_DEVELOPERS = re.compile(
    r"(?:all[-_])?(?:bench\w*|build|ci|dev\w*|docs?|lint\w*|qa|quality|style|tests?|testing|typing)"
    r"(?:[-_]\w+)*"
)


class Described(Protocol):
    """The extras of a distribution, installed or not."""

    @property
    def extras(self) -> frozenset[str]:
        """Return the extras it offers, normalised."""

    def needs(self, target: resolver.Target, extra: str = "") -> tuple[Requirement, ...]:
        """Return the requirements that count on `target` while `extra` is asked for."""


Describe = Callable[[str], Described | None]
"""A lookup of a pin that is not installed here; None: nothing is known, or it was not asked."""


def not_described(_: str) -> Described | None:
    """Return None: no index was asked."""
    return None


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a message that may be the name of a distribution or of a module."""

    name: str
    extras: str = ""
    """The extras in brackets after the name: ``dataframe, distributed``."""
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Optionals:
    """Optional distributions that are known from some source, by normalised name."""

    removed: Mapping[str, str] = field(default_factory=dict)
    """The version of each that an edit took out."""
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The extras of pins that bring it, one of each: ``pandas[excel]``."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """The code that asked for each distribution left out when the model was saved."""
    probed: Collection[str] = ()
    """The modules that the trace saw asked for and not found."""

    def extra_of(self, name: str, raiser: str) -> str:
        """Return an extra that brings a distribution, the raiser's own if it has one."""
        offers = self.offered.get(name, ())
        own = (extra for extra in offers if extra.startswith(f"{raiser}["))
        return next(own, offers[0] if offers else "")

    def owner_of(self, word: str, raiser: str = "") -> tuple[int, Owner] | None:
        """Return the rank (0 is the strongest) and the owner that a word means; None: no owner.

        `raiser` is the distribution that said it.
        """
        owners = well_known().get(word, ())
        for name in dict.fromkeys(map(canonicalize_name, (word, *owners))):
            if name in self.removed:
                return 0, Owner(name, "the message names it", part="distribution")
            if extra := self.extra_of(name, raiser):
                whose = f"{extra.partition('[')[0]} offers it with its extra: {extra}"
                return 1, Owner(name, whose, (extra,), part="extra")
            if name in self.left_out:
                return 2, Owner(name, "the message names it", part="distribution")
        if word in self.probed:
            name = canonicalize_name(owners[0] if owners else word)
            seen = f"the trace saw that {word} was looked for and was not there"
            return 3, Owner(name, seen, certain=bool(owners))
        return None

    def owner_of_module(self, module: str) -> Owner | None:
        """Return what was taken out, or what an extra brings, and is called as a module is."""
        meant = self.owner_of(module.partition(".")[0])
        return meant[1] if meant is not None and meant[0] <= 1 else None


def words_of(message: str) -> tuple[Said, ...]:
    """Return the words of the first paragraph of a message, those in quotes first.

    Names with extras are taken from all of it.

    >>> [each.name for each in words_of("reading it requires the 'imagecodecs' package")][:2]
    ['imagecodecs', 'reading']
    """
    text = _ADDRESS.sub("", message.strip())
    end = (text + "\n\n").index("\n\n")
    found: dict[Said, None] = {}
    for match in _WORD.finditer(text):
        name, _, extras = match[0].removesuffix("]").partition("[")
        around = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        quoted = all(sign and sign in _QUOTES for sign in around)
        near = match.start() < end and (quoted or name not in _TOOLS)
        if near or extras:
            found[Said(name.rstrip("."), extras.strip(), quoted)] = None
    return tuple(sorted(found, key=lambda said: (not said.extras, not said.quoted)))


def offered_by(
    installed: resolver.Installed | None, pins: Collection[str], describe: Describe
) -> dict[str, tuple[str, ...]]:
    """Return what the extras of pinned distributions bring, each with those: ``pandas[excel]``.

    One of each distribution, and none of what it requires anyway. Installed metadata answers, else
    `describe`.
    """
    target = installed.target if installed is not None else resolver.Target.current()
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(pins):
        here = installed.get(name) if installed is not None else None
        described: Described | None = here if here is not None else describe(name)
        for need, extra in _offers(described, target).items() if described is not None else ():
            found[need] = (*found.get(need, ()), f"{name}[{extra}]")
    return found


def _offers(described: Described, target: resolver.Target) -> dict[str, str]:
    """Return what the extras of a distribution bring, each with the first one that does."""
    base = described.needs(target)
    found: dict[str, str] = {}
    for extra in sorted(described.extras):
        if not _OF_DEVELOPERS.fullmatch(extra):
            for need in described.needs(target, extra):
                if need not in base:
                    found.setdefault(canonicalize_name(need.name), extra)
    return found
