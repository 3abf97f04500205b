"""Parts of a pylock.toml that only some installers accept: they are read, with a remark.

Observed: a name that is not normalised is taken by uv 0.13.9; the wheel of a variant beside others
by uv, which skips it; a later minor version of the format by uv and by pip 26.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.utils import (
    InvalidName,
    InvalidWheelFilename,
    canonicalize_name,
    parse_wheel_filename,
)

from ..errors import Fault, InvalidFile, Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LATER = re.compile(r"1\.[1-9][0-9]*")
_VARIANT = re.compile(r"(?P<wheel>.+)-[a-z0-9_.]{1,16}\.whl")


def tolerated(
    content: Mapping[str, Any], file: str | None = None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a lock's document as PEP 751 has it, and a sentence for each deviation.

    Raises InvalidFile if a package has no file but wheels of variants.

    >>> tolerated({"lock-version": "1.1"})
    ({'lock-version': '1.0'}, ('lock-version is 1.1: what it has beyond 1.0 is not read',))
    """
    found, remarks = dict(content), []
    version = found.get("lock-version")
    if isinstance(version, str) and _LATER.fullmatch(version):
        found["lock-version"] = "1.0"
        remarks.append(f"lock-version is {version}: what it has beyond 1.0 is not read")
    packages = found.get("packages")
    if isinstance(packages, list):
        read = [_Package(each, f"packages[{at}]", file) for at, each in enumerate(packages)]
        found["packages"] = [each.tolerated() for each in read]
        remarks += [remark for each in read for remark in each.remarks()]
    return found, tuple(remarks)


def is_variant(file: str) -> bool:
    """Return whether a file name is that of a wheel with a variant label (PEP 825).

    >>> is_variant("a-1-py3-none-any-cu12.whl"), is_variant("a-1-py3-none-any.whl")
    (True, False)
    """
    found = _VARIANT.fullmatch(file)
    return found is not None and not _is_wheel(file) and _is_wheel(f"{found['wheel']}.whl")


class _Package:
    """The table of one package, as written."""

    def __init__(self, table: Any, key: str, file: str | None) -> None:
        self.table = table if isinstance(table, dict) else {}
        self.given = table
        self.place = Location(file, None, key)
        wheels = self.table.get("wheels")
        self.wheels = wheels if isinstance(wheels, list) else []
        self.variants = [each for each in self.wheels if is_variant(_name_of(each))]

    @property
    def name(self) -> str:
        """Its name, normalised; empty if it is invalid."""
        try:
            return canonicalize_name(self.table.get("name") or "", validate=True)
        except (InvalidName, TypeError):  # which its reader says
            return ""

    def tolerated(self) -> Any:
        """Return it as PEP 751 has it. Raises InvalidFile if nothing would be left of it."""
        if not self.name:
            return self.given
        found = {**self.table, "name": self.name}
        if self.variants:
            left = [each for each in self.wheels if each not in self.variants]
            if not left and "sdist" not in found:
                names = ", ".join(map(_name_of, self.variants))
                reason = f"{self.name} has no file but wheels of variants, which no installer takes"
                raise InvalidFile([Fault(self.place, f"{reason}: {names}")])
            found = {key: value for key, value in found.items() if key != "wheels"}
            found |= {"wheels": left} if left else {}
        return found

    def remarks(self) -> Iterator[str]:
        """Yield a sentence for each deviation from PEP 751."""
        said = self.table.get("name")
        if self.name and said != self.name:
            yield f"the name {said!r} is not normalised: uv takes it, pip refuses the lock"
        for each in self.variants:
            yield (
                f"{_name_of(each)} is the wheel of a variant and is passed over, as by uv; pip"
                " refuses the lock"
            )


def _name_of(wheel: object) -> str:
    """Return the file name of a wheel's table; empty if it has none."""
    if not isinstance(wheel, dict):
        return ""
    name, path, url = (wheel.get(key) for key in ("name", "path", "url"))
    if isinstance(name, str):
        return name
    place = path if isinstance(path, str) else urlsplit(url).path if isinstance(url, str) else ""
    return unquote(place.rpartition("/")[2])


def _is_wheel(file: str) -> bool:
    try:
        parse_wheel_filename(file)
    except InvalidWheelFilename:
        return False
    return True
