"""Unpack wheels (PEP 427) into an environment, whichever Python that is of."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from installer.destinations import SchemeDictionaryDestination
from installer.records import RecordEntry
from installer.utils import Scheme
from packaging.utils import parse_wheel_filename

from ..environments import replica
from ..environments import scripts as programs
from ..environments.errors import NotUnpackedError
from .errors import NoWheelsError
from .guard import check

_INSTALLER = b"modelenv\n"


class _BesideItsPython(SchemeDictionaryDestination):
    """A destination for wheels whose scripts run the interpreter beside them."""

    def write_to_fs(
        self, scheme: Scheme, path: str, stream: BinaryIO, is_executable: bool
    ) -> RecordEntry:
        """Write a file; the first line of a Python script names no absolute path."""
        if scheme == "scripts":
            stream = io.BytesIO(programs.movable(stream.read()))
        return super().write_to_fs(scheme, path, stream, is_executable)


def install(wheel: Path, versioned: str, place: str, root: Path, *, movable: bool = False) -> None:
    """Unpack a wheel into the environment at `place`, an absolute path below the folder `root`.

    `versioned` is the name of its interpreter, as ``python3.11``. Scripts refer to that by `place`,
    unless they are to be `movable`. Raises NoWheelsError for a wheel that cannot be unpacked or is
    unsafe.
    """
    check(wheel)
    name = parse_wheel_filename(wheel.name)[0]
    site = f"{place}/lib/{versioned}/site-packages"
    schemes = {
        "purelib": site,
        "platlib": site,
        "headers": f"{place}/include/site/{versioned}/{name}",
        "scripts": f"{place}/bin",
        "data": place or "/",
    }
    try:
        replica.install_wheel(
            wheel,
            schemes,
            f"{place}/bin/python",
            root=root,
            besides={"INSTALLER": _INSTALLER},
            destination=_BesideItsPython if movable else SchemeDictionaryDestination,
        )
    except (NotUnpackedError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        reason = error.reason if isinstance(error, NotUnpackedError) else str(error)
        raise NoWheelsError(str(wheel), f"it cannot be unpacked ({reason})") from error
