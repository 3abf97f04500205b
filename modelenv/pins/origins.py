"""The origins of pins, and the pins that others may be unable to install."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Literal

from ..base.siblings import resolver
from ..base.text import few
from .package_sources import PackageSources

BUNDLE = "made into wheels they travel with bundle={}"
LINKS = "a wheel of it travels where --find-links names the folder that has it"


def origin_notes(
    pins: Sequence[resolver.Pin],
    installed: resolver.Installed,
    lines: resolver.Lines,
    *,
    ask: bool,
    settings: resolver.IndexSettings | None = None,
    remedy: str = BUNDLE,
) -> Iterator[str]:
    """Yield notes on pins that may be on no index, and are neither bundled nor URLs.

    These are distributions of the system's package manager, those from a folder of wheels, and
    those missing from pages of indexes that were fetched before. With `ask`, indexes are asked:
    those that pip is configured with, or that the options of `lines` name. Without it none is,
    since names may be private. `remedy` is the advice, with `{}` for the names. Raises the
    resolver's errors if an index that is asked does not answer.
    """
    known = {pin: installed.get(pin.name) for pin in pins if _is_as_installed(pin)}
    here = {pin: found for pin, found in known.items() if found and found.version == pin.version}
    installers = resolver.Installers()
    whose = {pin: installers.of(found) for pin, found in here.items()}
    remarks = resolver.lacking(
        here, installed.target, options=lines.options, ask=ask, settings=settings
    )
    if lacking := [pin for pin in whose if pin.name in remarks]:
        when = "" if ask else " when it was last asked"
        yield _note(f"not to be had from the configured index{when}", lacking, whose, remedy)
        yield from dict.fromkeys(filter(None, remarks.values()))
    rest = [pin for pin in whose if pin.name not in remarks]
    if brought := [pin for pin in rest if whose[pin].package]:
        yield _note(
            "installed by the system, so an index may have another build", brought, whose, remedy
        )
    if from_file := [pin for pin in rest if whose[pin].from_file and not ask]:
        yield _note(
            "installed from a file of this machine, maybe of no index", from_file, whose, remedy
        )


def unasked_notes(
    lines: resolver.Lines, settings: resolver.IndexSettings | None = None
) -> Iterator[str]:
    """Yield a note if there is no index to ask, for a user who wants one asked."""
    who = resolver.index_forbidden_by(lines.options, settings)
    if who:
        yield f"no index was asked whether it has the pins: {who} forbids that"


def _is_as_installed(pin: resolver.Pin) -> bool:
    return pin.source == "installed" and pin.url is None


def notes_when_asked(
    pins: Sequence[resolver.Pin],
    installed: resolver.Installed,
    sources: PackageSources,
    index: Literal["auto", "never"],
) -> Iterator[str]:
    """Yield the same notes for pins that the user named, for which indexes may be asked.

    Only distributions that neither pip nor uv installed are included. An index that does not answer
    is skipped: what is installed needs none.
    """
    tell = partial(
        origin_notes,
        tuple(_brought_otherwise(pins, installed)),
        installed,
        sources.options,
        settings=sources.settings,
        remedy=LINKS,
    )
    try:
        yield from tuple(tell(ask=index == "auto"))
    except (resolver.SourceError, resolver.ConfigurationError):
        yield from tell(ask=False)


def _brought_otherwise(
    pins: Iterable[resolver.Pin], installed: resolver.Installed
) -> Iterator[resolver.Pin]:
    installers = resolver.Installers()
    for pin in pins:
        found = installed.get(pin.name) if _is_as_installed(pin) else None
        by = None if found is None else installers.of(found)
        if by is not None and (by.package or by.from_file or not by.installer):
            yield pin


def _note(
    what: str,
    pins: Sequence[resolver.Pin],
    whose: Mapping[resolver.Pin, resolver.InstalledBy],
    remedy: str,
) -> str:
    """Return one note on some pins, with the advice."""
    said = few([f"{pin.name} {pin.version}{_by(whose[pin])}" for pin in pins])
    names = [pin.name for pin in pins]
    asked = repr(names[0] if len(names) == 1 else names)
    return f"{what}: {said}; {remedy.format(asked)}"


def _by(by: resolver.InstalledBy) -> str:
    who = by.package or by.installer
    return f" (by {who})" if who else " (its installer is not recorded)"
