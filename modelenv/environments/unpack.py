"""Lay out a wheel as an installer does, without one."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from .errors import NotUnpackedError


def unpack(wheel: Path, site: Path, prefix: Path, scripts: Path | None = None) -> None:
    """Unpack a wheel (PEP 427) into `site`, its data below `prefix`, its programs into `scripts`.

    Programs stay as they are in the wheel; without `scripts` they are left out.

    Raises NotUnpackedError for what is no wheel, and for one with a file that would go elsewhere.
    """
    places = {"": site, "purelib": site, "platlib": site, "data": prefix}
    if scripts is not None:
        places["scripts"] = scripts
    try:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                target = _target(PurePosixPath(entry.filename), places)
                if target is None or entry.is_dir():
                    continue
                if ".." in target.parts:
                    raise NotUnpackedError(wheel, f"{entry.filename} leads out of it")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(entry))
    except zipfile.BadZipFile as error:
        raise NotUnpackedError(wheel, str(error)) from error


def _target(name: PurePosixPath, places: Mapping[str, Path]) -> Path | None:
    """Return where a file of a wheel goes, None for one that nobody asked for."""
    top, *rest = name.parts
    if not top.endswith(".data") or len(rest) < 2:
        return places[""] / (name.relative_to("/") if name.is_absolute() else name)
    scheme, *inside = rest
    return places[scheme].joinpath(*inside) if scheme in places else None
