"""Settings for indexes from the environment, read once at the door."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

STRATEGY = "MODELENV_INDEX_STRATEGY"
SECONDS = "MODELENV_INDEX_SECONDS"
"""Variable: seconds for a whole answer; a file that is fetched whole may take 24 times as long."""
CACHE = "MODELENV_CACHE_DIR"
"""Variable: the folder of cached index pages and of environments that were built."""
Strategy: TypeAlias = Literal["first-index", "unsafe-first-match", "unsafe-best-match"]
"""The names and meanings of uv's index strategies."""

_FILE = 24  # six hours; a page has a quarter of an hour
_OTHER_NAMES: Mapping[str, Strategy] = {"first-match": "unsafe-first-match"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits on the answers of an index; no honest answer exceeds them.

    An answer is aborted if it is too slow for `patience` seconds, or if it takes longer than
    `page_seconds` or `file_seconds` in all, retries included. So a server that sends a byte a
    second is cut off, and a wheel of 900 MB may take six hours at 45 kB a second.
    """

    page: int = 50_000_000
    """Bytes of a page, compressed and decompressed: four times the largest on PyPI."""

    links: int = 100_000
    """The most files on one page."""

    metadata: int = 8_000_000
    """Bytes of a METADATA, a PKG-INFO or a pyproject.toml."""

    archive: int = 16_000_000
    """Bytes read from an archive to find these, with its directory."""

    file: int = 20_000_000_000
    """Bytes of a file that is fetched whole."""

    slowest: int = 1_000
    """Bytes a second, averaged over `patience`, below which an answer is aborted."""

    patience: float = 60.0
    """Seconds until the head of an answer has to arrive; also the time over which its speed is
    averaged."""

    page_seconds: float = 900.0
    file_seconds: float = 21_600.0

    wait: float = 30.0
    """The longest Retry-After that is waited for, in seconds."""

    redirects: int = 10


STANDARD = Bounds()
"""The default limits."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Settings of index access, beside pip's own configuration."""

    cache: Path | None = None
    """The folder of fetched pages and metadata; None: nothing is stored."""

    netrc: Path | None = None
    """The file of logins by host."""

    strategy: Strategy = "first-index"
    """Whether the first index that has a name answers for it alone ("first-index"), the next one is
    asked if nothing of it will do ("unsafe-first-match"), or all are and the best version of any is
    taken ("unsafe-best-match"): with the last two a public name can replace a private one. With
    each strategy, an index that is asked and cannot be read is an error: it may have the right
    file, and an answer must not depend on which servers work today."""

    as_of: datetime | None = None
    """Only files that an index received before this moment count; None: all. `read_moment` makes it
    of a text. Files that are installed, in a folder or named by a URL count whenever they were
    made."""

    bounds: Bounds = STANDARD
    """Limits on the answers of an index."""

    tell: Callable[[str], None] | None = field(default=None, repr=False, compare=False)
    """Called about waits for a slow index, from another thread."""

    pip: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables that select pip's configuration; they may hold logins."""

    def __post_init__(self) -> None:
        """Convert the moment to UTC. Raises `MomentError` for one without a zone."""
        if self.as_of is not None:
            from .moments import read_moment  # few ask as of a moment

            object.__setattr__(self, "as_of", read_moment(self.as_of))

    @classmethod
    def from_environment(cls) -> IndexSettings:
        """Read the environment of this process."""
        said = os.environ  # noqa: TID251  # this is the door
        netrc = said.get("NETRC")
        found = [Path(netrc)] if netrc else [Path.home() / name for name in (".netrc", "_netrc")]
        shaping = ("HOME", "APPDATA", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS")
        return cls(
            cache=_cache_folder(said),
            netrc=next((file for file in found if file.is_file()), None),
            strategy=strategy_of(said.get(STRATEGY, "")) or "first-index",
            bounds=_bounds(said.get(SECONDS, "")),
            pip={key: said[key] for key in said if key.startswith("PIP_") or key in shaping},
        )


def strategy_of(text: str) -> Strategy | None:
    """Return the strategy of a name, an older one too; None: it is unknown.

    >>> strategy_of("first-match")
    'unsafe-first-match'
    """
    known: dict[str, Strategy] = {**{each: each for each in get_args(Strategy)}, **_OTHER_NAMES}
    return known.get(text)


def _bounds(seconds: str) -> Bounds:
    """Return the limits with the given seconds for a whole answer; the defaults for no number."""
    if not (seconds.isascii() and seconds.isdecimal() and int(seconds[:9]) > 0):
        return STANDARD
    each = float(seconds[:9])
    return replace(STANDARD, page_seconds=each, file_seconds=_FILE * each)


def _cache_folder(said: Mapping[str, str]) -> Path:
    """Return the platform's folder for caches (XDG, and its like elsewhere)."""
    if said.get(CACHE):
        return Path(said[CACHE]) / "index"
    from platformdirs import user_cache_path

    return user_cache_path("modelenv", appauthor=False) / "index"
