"""Lay out a wheel as an installer does, without one."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from ..errors import NotUnpackedError


def unpack(wheel: Path, site: Path, prefix: Path) -> None:
    """Unpack a wheel (PEP 427) into `site`, its data below `prefix`; programs are left out.

    Raises NotUnpackedError for what is no wheel, and for one with a file that would go elsewhere.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                target = _target(PurePosixPath(entry.filename), site, prefix)
                if target is None or entry.is_dir():
                    continue
                if ".." in target.parts:
                    raise NotUnpackedError(wheel, f"{entry.filename} leads out of it")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(entry))
    except zipfile.BadZipFile as error:
        raise NotUnpackedError(wheel, str(error)) from error


def _target(name: PurePosixPath, site: Path, prefix: Path) -> Path | None:
    """Return where a file of a wheel goes, None for one that nothing imports."""
    top, *rest = name.parts
    if not top.endswith(".data") or len(rest) < 2:
        return site / name.relative_to("/") if name.is_absolute() else site / name
    scheme, *inside = rest
    places = {"purelib": site, "platlib": site, "data": prefix}
    return places[scheme].joinpath(*inside) if scheme in places else None
