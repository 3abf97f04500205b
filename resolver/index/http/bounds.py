"""How much, and how long, an answer may be before it is ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """What no honest answer exceeds; whoever has one that does gives others.

    An answer is ended where it is too slow for `patience` on end, and where the whole of it, with
    what had to be asked again, takes longer than `page_seconds` or `file_seconds`. So a byte a
    second for ever is ended, and a wheel of 900 MB has its six hours on a line of 45 kB a second.
    """

    page: int = 50_000_000
    """Bytes of a page, as it comes and unpacked: four times those of the largest on PyPI."""

    links: int = 100_000
    """Files that one page names."""

    metadata: int = 8_000_000
    """Bytes of a METADATA, a PKG-INFO or a pyproject.toml."""

    archive: int = 16_000_000
    """Bytes of an archive that are read to find these, its directory with them."""

    file: int = 20_000_000_000
    """Bytes of a file that is fetched whole."""

    slowest: int = 1_000
    """Bytes a second, on the average of `patience`, below which an answer is ended."""

    patience: float = 60.0
    """Seconds in which the head of an answer has to come, and over which its speed is taken."""

    page_seconds: float = 900.0
    file_seconds: float = 21_600.0

    wait: float = 30.0
    """Seconds that a server may have us wait before it is asked again (Retry-After)."""

    redirects: int = 10


STANDARD = Bounds()
"""What holds where nobody says otherwise."""
