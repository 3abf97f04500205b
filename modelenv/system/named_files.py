"""Find system files that a model names: C code that opens them leaves no trace."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from .used_file import UsedFile

_MOST = 200_000_000  # bytes of a file that are searched; names stand beside the code
_ZONES = "/usr/share/zoneinfo"
_FONTS = (Path("/usr/share/fonts"),)
# A path ends at a quote in source, and at the next opcode in a pickle, which in older protocols
# may be a letter.
_PATH = re.compile(rb"/(?:usr/share|usr/lib|etc)/[\w./+@-]{3,200}")
_FONT = re.compile(rb"[\w.+-]{1,100}\.(?:ttf|otf|ttc)")
_ZONE = re.compile(
    rb"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific"
    rb"|Brazil|Canada|Chile|Mexico|US)/[A-Z][\w+/-]{1,30}"
)
# Names of zones in one word count only if something uses zones from C code; otherwise they are
# ordinary words. C code needs no file for UTC and its aliases.
_PLAIN_ZONE = re.compile(
    rb"(?<![\w/.-])(?:CET|CST6CDT|Cuba|EET|EST|EST5EDT|Egypt|Eire|GB|HST|Hongkong|Iceland|Iran"
    rb"|Israel|Jamaica|Japan|Kwajalein|Libya|MET|MST|MST7MDT|NZ|Navajo|PRC|PST8PDT|Poland|Portugal"
    rb"|ROC|ROK|Singapore|Turkey|W-SU|WET)(?![a-z/.-])"
)
_SETS_ZONE = re.compile(rb"\btzset\b|(?<!\w)TZ(?![A-Za-z_])")


def find_named_files(sources: Iterable[Path], *, here: bool = True) -> tuple[UsedFile, ...]:
    """Return the existing system files that pickles or sources name, sorted.

    They are named by path, fonts by file name, time zones by zone name. If the model ran on another
    machine (not `here`), nothing is looked for.
    """
    found: dict[str, UsedFile] = {}
    for source in sources:
        with suppress(OSError, ValueError):  # gone, or empty
            for path in sorted(_named_in(source, here=here)):
                found.setdefault(path, UsedFile("named", path, source.name))
    return tuple(found[path] for path in sorted(found))


def _named_in(source: Path, *, here: bool) -> Iterator[str]:
    with (
        source.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        data = content[:_MOST]
    named = [found.decode() for found in {*_PATH.findall(data)}]
    zones = {*_ZONE.findall(data), *(_PLAIN_ZONE.findall(data) if _SETS_ZONE.search(data) else ())}
    named += [f"{_ZONES}/{found.decode()}" for found in zones]
    fonts = {found.decode() for found in _FONT.findall(data)}
    if not here:
        yield from named
        yield from (f"{_FONTS[0]}/truetype/{name}" for name in fonts)
        return
    for path in named:
        yield from (each for each in (path, path[:-1]) if Path(each).is_file())
    if fonts:
        there = (each for folder in _FONTS for each in folder.rglob("*.*"))
        yield from (str(path) for path in there if path.name in fonts)
