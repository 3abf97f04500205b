"""Read the libraries that a compiled file links to (ELF, System V ABI, chapter 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from .errors import NoElfReaderError


@dataclass(frozen=True, slots=True)
class LinkedLibraries:
    """The libraries that one compiled file links to."""

    needed: tuple[str, ...]
    """The sonames that it asks for (DT_NEEDED), in order."""
    search: tuple[str, ...]
    """The folders that are searched first (DT_RUNPATH, DT_RPATH), with ``$ORIGIN``."""


NONE = LinkedLibraries((), ())


def read_links(stream: BinaryIO) -> LinkedLibraries:
    """Return the links of a file; none if it is damaged or no ELF file.

    Raises NoElfReaderError if pyelftools is not installed.
    """
    try:
        from elftools.common.exceptions import ELFError
        from elftools.construct.core import ConstructError
        from elftools.elf.dynamic import DynamicSegment
        from elftools.elf.elffile import ELFFile
    except ImportError as error:
        raise NoElfReaderError from error
    if stream.read(4) != b"\x7fELF":  # a linker script, for example
        return NONE
    stream.seek(0)
    try:
        segments = ELFFile(stream).iter_segments()
        dynamic = next((each for each in segments if isinstance(each, DynamicSegment)), None)
        tags = list(dynamic.iter_tags()) if dynamic is not None else []
    except (ELFError, ConstructError, UnicodeDecodeError, ValueError, OverflowError):
        return NONE
    said = [(tag.entry.d_tag, tag) for tag in tags]
    needed = tuple(getattr(tag, "needed", "") for kind, tag in said if kind == "DT_NEEDED")
    runpath = [getattr(tag, "runpath", "") for kind, tag in said if kind == "DT_RUNPATH"]
    rpath = [getattr(tag, "rpath", "") for kind, tag in said if kind == "DT_RPATH"]
    search = [each for text in runpath or rpath for each in text.split(":") if each]
    return LinkedLibraries(needed, tuple(search))
