"""Files of the system that a model names: C code opens them by itself, and no trace sees that."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ...system.used_file import UsedFile

_MOST = 200_000_000  # bytes of a file that are looked at; names stand beside the code
_ZONES = "/usr/share/zoneinfo"
_FONTS = (Path("/usr/share/fonts"),)
# The texts end where a source has a quote, and a pickle goes on with an opcode: in older protocols
# that may be a letter.
_PATH = re.compile(rb"/(?:usr/share|usr/lib|etc)/[\w./+@-]{3,200}")
_FONT = re.compile(rb"[\w.+-]{1,100}\.(?:ttf|otf|ttc)")
_ZONE = re.compile(
    rb"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
    rb"/[A-Z][\w+/-]{1,30}"
)


def find_named_files(sources: Iterable[Path]) -> tuple[UsedFile, ...]:
    """Return the files of the system that pickles or sources name and that are there, sorted.

    They name them by a path, a font by the name of its file, a time zone by its own.
    """
    found: dict[str, UsedFile] = {}
    for source in sources:
        with suppress(OSError, ValueError):  # gone, or empty
            for path in sorted(_named_in(source)):
                found.setdefault(path, UsedFile("named", path, source.name))
    return tuple(found[path] for path in sorted(found))


def _named_in(source: Path) -> Iterator[str]:
    with (
        source.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        data = content[:_MOST]
    named = [found.decode() for found in {*_PATH.findall(data)}]
    named += [f"{_ZONES}/{found.decode()}" for found in {*_ZONE.findall(data)}]
    for path in named:
        yield from (each for each in (path, path[:-1]) if Path(each).is_file())
    fonts = {found.decode() for found in _FONT.findall(data)}
    if fonts:
        there = (each for folder in _FONTS for each in folder.rglob("*.*"))
        yield from (str(path) for path in there if path.name in fonts)
