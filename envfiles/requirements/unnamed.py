"""Requirements without a name: a path or a URL; the name comes from its file or project."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from ..credentials import protect
from ..errors import InvalidEntry
from .options import Option, parse_line, spell_of_requirement
from .requirement import read_requirement, split_marker

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_ARCHIVE = r"\.(whl|zip|tar|t(ar\.)?(gz|bz2?|xz|lz|lzma)|tbz|tlz)"
_IS_PLACE = re.compile(
    rf"\.{{1,2}}$|\.{{1,2}}[/\\]|[A-Za-z]:[/\\]|[A-Za-z][\w+.-]*://|file:|\S*[/\\]|\S+{_ARCHIVE}$"
)
_IS_NAMED = re.compile(
    r"[A-Za-z0-9._-]+\s*(\[[^\]]*\])?\s*@(\s|[A-Za-z][\w+.-]*://|file:)"  # PEP 508
)
_NAME = re.compile(r"""^\s*name\s*=\s*["']?([A-Za-z0-9][\w.-]*)["']?\s*$""", re.MULTILINE)


def is_unnamed(text: str) -> bool:
    """Return whether a requirement is a path or a URL, not a name.

    >>> is_unnamed("./here"), is_unnamed("numpy==2.0"), is_unnamed("a @ https://host/a.whl")
    (True, False, False)
    """
    place = text.partition(";")[0].strip()
    return not _IS_NAMED.match(place) and bool(_IS_PLACE.match(_split_extras(place)[0]))


def named(text: str, folder: Path | None = None) -> Requirement | None:
    """Return a path or a URL as a requirement; None if nothing says the name.

    A path is relative to `folder`, where pip runs, the working directory if None. The name comes
    from the file of a wheel or an archive, from `#egg=`, or from the project's own files, which are
    not run.

    >>> named("https://host/A_b-1.0-py3-none-any.whl").name
    'a-b'
    """
    try:
        return read_requirement(
            text if _IS_NAMED.match(text) else _with_name(text, folder or Path())
        )
    except (InvalidEntry, ValueError):  # no URL, and no path that can be
        return None


def spell_unnamed(text: str) -> str:
    """Write a line without a name, a path or a URL, without credentials.

    Raises InvalidEntry for a line with a name: that is a requirement.

    >>> spell_unnamed("--editable=./here")
    '-e ./here'
    """
    line = parse_line(text.strip())
    if not (line.editable or is_unnamed(line.requirement)) or line.ignored:
        raise InvalidEntry(text, "is neither a path nor a URL")
    option = str(Option("--editable", line.requirement)).removeprefix("--editable ")
    place = f"-e {option}" if line.editable else line.requirement
    behind = spell_of_requirement(line.values("--hash"), line.values("--config-settings"))
    spelled = protect(" ".join([*place.split(), *behind]))
    if not spelled.isprintable() or " #" in spelled or spelled.endswith("\\"):
        raise InvalidEntry(text, "holds characters that break a line of a requirements file")
    return spelled


def _with_name(text: str, folder: Path) -> str:
    place, marker = split_marker(text)
    place, extras = _split_extras(place)
    url = place if "://" in place or place.startswith("file:") else _as_url(place, folder)
    name = _named_by_egg(url)
    if name is not None:
        name, more = _split_extras(name)
        extras = extras or more
    name = name or _named_by_file(url) or _named_by_project(url) or ""
    return f"{name}{extras} @ {url}" + (f" ; {marker}" if marker else "")


def _split_extras(text: str) -> tuple[str, str]:
    at = text.rfind("[") if text.endswith("]") else 0
    return (text[:at], text[at:]) if at > 0 else (text, "")


def _as_url(path: str, folder: Path) -> str:
    # pdm writes an editable project as `./own#egg=own`, which uv takes for a path, too.
    bare, egg, name = path.partition("#egg=")
    place = (folder / os.path.expanduser(bare)).absolute().resolve()  # noqa: PTH111  # `~x` may be a folder
    return f"{place.as_uri()}{egg}{name}"


def _named_by_egg(url: str) -> str | None:
    egg = parse_qs(urlsplit(url).fragment).get("egg")
    return egg[0] if egg else None


def _named_by_file(url: str) -> str | None:
    file = unquote(urlsplit(url).path.rpartition("/")[2])
    try:
        if file.endswith(".whl"):
            return parse_wheel_filename(file)[0]
        return parse_sdist_filename(file)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _named_by_project(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    from urllib.request import url2pathname  # what it imports takes longer than reading a file

    folder = Path(url2pathname(parts.path))
    for file, section in (("pyproject.toml", "project"), ("setup.cfg", "metadata")):
        path = folder / file
        if path.is_file():
            text = path.read_text("utf-8", "replace")
            body = re.search(rf"^\[{section}\]\s*$(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
            found = _NAME.search(body[1]) if body else None
            if found:
                return found[1]
    return None
