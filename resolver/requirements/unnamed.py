"""Requirements without a name: a path or a URL, whose file or project says the name."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

_LOOKS_SO = re.compile(
    r"^(\.{1,2}([/\\]|$)|[/\\~]|[A-Za-z]:\\|[A-Za-z][\w+.-]*://|file:)|[/\\]|\.(whl|zip|tar\.gz)$"
)
_IS_NAMED = re.compile(
    r"[A-Za-z0-9._-]+\s*(\[[^\]]*\])?\s*@(\s|[A-Za-z][\w+.-]*://|file:)"  # PEP 508
)
_EXTRAS = re.compile(r"^(?P<rest>.+?)(?P<extras>\[[^\]]*\])$")
_NAME = re.compile(r"""^\s*name\s*=\s*["']?([A-Za-z0-9][\w.-]*)["']?\s*$""", re.MULTILINE)


def is_unnamed(text: str) -> bool:
    """Tell whether a line is a path or a URL, not a name.

    >>> is_unnamed("./here"), is_unnamed("numpy==2.0"), is_unnamed("a @ https://host/a.whl")
    (True, False, False)
    """
    place = text.partition(";")[0].strip()
    return not _IS_NAMED.match(place) and bool(_LOOKS_SO.search(_EXTRAS.sub(r"\g<rest>", place)))


def named(text: str, folder: str) -> str | None:
    """Write a path or URL as `name[extras] @ url; marker`; None where nothing says the name.

    Paths are relative to `folder`. The name is that of a wheel's or an archive's file, `#egg=`, or
    what the project's own files say without being run.
    """
    place, semicolon, marker = text.partition(";")
    place, extras = _without_extras(place.strip())
    url = place if "://" in place or place.startswith("file:") else _as_url(place, folder)
    name = _named_by_egg(url)
    if name is not None:
        name, more = _without_extras(name)
        extras = extras or more
    name = name or _named_by_file(url) or _named_by_project(url)
    if name is None:
        return None
    return f"{name}{extras} @ {url}{' ;' if semicolon else ''}{marker}"


def _without_extras(text: str) -> tuple[str, str]:
    found = _EXTRAS.match(text)
    return (found["rest"], found["extras"]) if found else (text, "")


def _as_url(path: str, folder: str) -> str:
    return (Path(folder) / Path(path).expanduser()).absolute().resolve().as_uri()


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
