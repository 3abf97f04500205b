"""Pins that no index has: by asking, or by the pages that were read before."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..errors import SourceError
from ..index.cache import HttpCache
from ..index.pip_config import options_at_hand
from ..settings import IndexSettings
from .protocol import passed_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.version import Version

    from ..requirements.lines import OptionLike
    from ..requirements.merge import PinLike
    from ..target import Target
    from .grading import FileGrader
    from .index import IndexSource


def lacking(
    pins: Iterable[PinLike],
    target: Target,
    *,
    ask: bool,
    options: Iterable[OptionLike] = (),
    python: str = sys.executable,
    settings: IndexSettings | None = None,
) -> Mapping[str, str]:
    """Map the names of pins that no index of `python`'s pip has to remarks.

    A remark says which indexes were not asked for a name, because an earlier one answers for it
    alone. Where no index is configured, none is said to lack anything. Without `ask` neither an
    index nor pip is asked: a name is included if the pages of all indexes were fetched before,
    however long ago, and lack the version. Folders of this machine are no index. `options` are
    those of requirements files. Raises `SourceError` and `ConfigurationError` if an index or pip
    does not answer.

    >>> from resolver import Target
    >>> lacking([], Target.current(), ask=False)
    {}
    """
    wanted = {canonicalize_name(pin.name): pin.version for pin in pins}
    settings = settings or IndexSettings.from_environment()
    settings = replace(settings, as_of=None)  # later files exist too
    if not wanted or not (ask or _is_remembered(python, settings)):
        return {}
    from .configured import configured_sources  # what reads indexes takes a while to load
    from .grading import FileGrader
    from .index import IndexSource

    found = configured_sources(
        target, python=python, options=options, settings=settings, offline=not ask
    )
    indexes = [each for each in found if isinstance(each, IndexSource)]
    if not indexes:  # none was fetched from, or --no-index forbids to ask
        return {}
    grader = FileGrader(target)
    lacks: dict[str, str] = {}
    for name, version in wanted.items():
        if not _may_be_had(name, version, indexes, grader, ask=ask):
            lacks[name] = "; ".join(passed_over(name, indexes))
    return lacks


def _is_remembered(python: str, settings: IndexSettings) -> bool:
    """Return whether pip said before, to us, what it is configured with."""
    return options_at_hand(python, HttpCache(settings.cache), settings.pip) is not None


def _may_be_had(
    name: str, version: Version, indexes: Sequence[IndexSource], grader: FileGrader, *, ask: bool
) -> bool:
    """Return whether some index has a version, or is not known to lack it."""
    for index in indexes:
        try:
            if version in _versions(name, version, index, grader):
                return True
        except SourceError:
            if ask:
                raise
            return True  # it was never asked
        if not ask and index.passed_over(name):
            return True
    return False


def _versions(
    name: str, wanted: Version, index: IndexSource, grader: FileGrader
) -> Iterator[Version]:
    """Yield the versions that a page names; first, of thousands, what is spelled as the wanted."""
    links = index.links(name)
    spelled = [link for link in links if f"-{wanted}" in link.file]
    yield from grader.by_version(name, spelled)
    yield from grader.by_version(name, links)
