"""Installed distributions that may mend a failed run, by its verdict."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial

from packaging.utils import canonicalize_name

from ...base.siblings import resolver
from ...worker.verdict import Verdict
from ..data import read_table
from ..reading.chain import Raised
from ..reading.failure import Failure
from .files import FileKind, file_owners, named_in_record
from .modules import ancestors, sole_owner
from .names import owners_named

_PATHS: dict[FileKind, str] = {
    "library": r"(?<!\S)(\S+\.so[\w.]*): cannot open shared object|Library not loaded: (\S+)",
    "file": r"No such file or directory: [bur]?['\"]([^'\"]+)['\"]",
}
_METADATA = re.compile(
    r"No package metadata was found for (.+)|The '([\w.-]*\w)[^']*' distribution"
)
_FOLDERS = re.compile(r"(?<![^\s'\"(])[^\s'\"(]*[/\\](?=[^\s/\\])")
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*\w")


def candidates(
    verdict: Verdict,
    installed: resolver.Installed,
    pins: Collection[str],
    attribution: resolver.Attribution,
) -> tuple[str, ...]:
    """Return the names of installed distributions that a verdict points to, the surest first.

    First the owners of missing modules and of files of this machine that the run used. Then those
    that are requested by name, or that have a missing file, library or program. Then those that a
    message asks for or merely names, or that used what it names. None is among `pins`, normalised
    names. Nothing is run, and no index is asked.
    """
    failure = Failure.of_verdict(verdict)
    named = partial(owners_named, installed=installed, pins=pins)
    found = (
        *_of_modules(verdict.missing, installed, attribution),
        *_of_leaks(verdict, installed),
        *(name for raised in failure.chain for name in _of_paths(raised, installed)),
        *(name for raised in failure.chain for name in _of_metadata(raised)),
        *(
            owner.name
            for raised in failure.chain
            for asked in _asked(raised)
            for owner in named(asked)
        ),
        *(name for raised in failure.chain for name in _of_words(raised, installed, attribution)),
    )
    there = (name for name in dict.fromkeys(found) if installed.get(name) is not None)
    return tuple(name for name in there if name not in pins)


def _of_modules(
    missing: Collection[str], installed: resolver.Installed, attribution: resolver.Attribution
) -> Iterator[str]:
    """Yield the owners of modules, and traced distributions of the packages around them."""
    for module in missing:
        owners = (sole_owner(name, installed) for name in ancestors(module))
        yield from (owner.name for owner in owners if owner is not None)
        top = module.partition(".")[0]
        for item in attribution.distributions:
            modules = (each.name for each in item.evidence if each.kind == "module")
            if any(name.partition(".")[0] == top for name in modules):
                yield item.distribution.name


def _of_leaks(verdict: Verdict, installed: resolver.Installed) -> Iterator[str]:
    for leak in verdict.leaks:
        if leak.owner:
            yield canonicalize_name(leak.owner.partition("==")[0])
        elif leak.kind != "host" and leak.name:
            yield from (each.name for each in file_owners(leak.kind, leak.name, installed))


def _of_paths(raised: Raised, installed: resolver.Installed) -> Iterator[str]:
    """Yield the owners of files that were not found; a bare name may be a program."""
    for kind, pattern in _PATHS.items():
        for found in re.finditer(pattern, raised.message):
            path = next(filter(None, found.groups()))
            name = path.rpartition("/")[2]
            yield from (each.name for each in file_owners(kind, path, installed))
            other: FileKind = "library" if kind == "library" else "program"
            yield from (each.name for each in file_owners(other, name, installed))


def _of_metadata(raised: Raised) -> Iterator[str]:
    for found in _METADATA.finditer(raised.message):
        words = _WORD.findall(next(filter(None, found.groups())))
        yield from (canonicalize_name(word) for word in words)


def _asked(raised: Raised) -> Iterator[str]:
    """Yield the names that a message asks for, in one of the usual forms of libraries."""
    table = read_table("failure_messages")
    for pattern in (*table["asks"], *table["lacks"]):
        for found in re.finditer(pattern, raised.message):
            yield table["brands"].get(found[1], found[1].rstrip("."))


def _of_words(
    raised: Raised, installed: resolver.Installed, attribution: resolver.Attribution
) -> Iterator[str]:
    """Yield the owners of any word of a message: used in the trace, a program, a library, a name.

    Only the last part of a path counts: the others are where somebody put it.
    """
    words = dict.fromkeys(_WORD.findall(_FOLDERS.sub("", raised.message)))
    for item in attribution.distributions:
        used = {each.name.rpartition("/")[2] for each in item.evidence if each.kind != "module"}
        if not used.isdisjoint(words):
            yield item.distribution.name
    yield from (each.name for each in named_in_record(words, installed))
    yield from map(canonicalize_name, words)
