"""Sources of packages in uv.lock, as lines of pip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from ..values import ListFile

_ON_DISK = ("editable", "virtual", "directory")


def is_project(package: Mapping[str, Any], place: str) -> bool:
    """Return whether a package is the project in a folder, named relative to the lock."""
    return any(_source(package).get(kind) == place for kind in _ON_DISK)


def registry_of(package: Mapping[str, Any]) -> str:
    """Return the index that a package comes from; empty if it comes from none."""
    return str(_source(package).get("registry", ""))


def files_of(package: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the tables of the files that a package has."""
    wheels = package.get("wheels")
    listed = [package.get("sdist"), *(wheels if isinstance(wheels, list) else [])]
    return [each for each in listed if isinstance(each, dict)]


def iter_paths(package: Mapping[str, Any]) -> Iterator[str]:
    """Yield the folders with the files of a package from a folder, relative to the lock.

    >>> package = {"source": {"registry": "wheels"}, "wheels": [{"path": "a-1-py3-none-any.whl"}]}
    >>> list(iter_paths(package))
    ['wheels/a-1-py3-none-any.whl']
    """
    folder = registry_of(package)
    if folder and "://" not in folder:
        yield from (f"{folder}/{each['path']}" for each in files_of(package) if "path" in each)


def located(file: ListFile, package: Mapping[str, Any]) -> str | None:
    """Return the requirement for a package as locked; None for one without code."""
    name, source = package["name"], _source(package)
    folder = Path(file.path).parent.absolute()
    if "virtual" in source:
        return None
    if "editable" in source:
        return f"-e {(folder / str(source['editable'])).resolve().as_uri()}"
    if "git" in source:
        return f"{name} @ {_of_git(str(source['git']))}"
    if "url" in source:
        return f"{name} @ {_with_folder(str(source['url']), source.get('subdirectory'))}"
    for kind in ("path", "directory"):
        if kind in source:
            return f"{name} @ {(folder / str(source[kind])).resolve().as_uri()}"
    return f"{name}=={package.get('version', '')}"


def _of_git(text: str) -> str:
    """Return a repository at its commit; uv notes the requested revision as a query.

    >>> _of_git("https://host/r.git?rev=main&subdirectory=a#0123abc")
    'git+https://host/r.git@0123abc#subdirectory=a'
    """
    parts = urlsplit(text)
    asked = parse_qs(parts.query)
    place = parts._replace(query="", fragment="").geturl()
    commit = f"@{parts.fragment}" if parts.fragment else ""
    return _with_folder(f"git+{place}{commit}", asked.get("subdirectory", [None])[0])


def _with_folder(url: str, folder: object) -> str:
    if not folder:
        return url
    return f"{url}{'&' if '#' in url else '#'}subdirectory={folder}"


def _source(package: Mapping[str, Any]) -> Mapping[str, Any]:
    source = package.get("source")
    return source if isinstance(source, dict) else {}
