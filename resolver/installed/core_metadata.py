"""Core metadata as text: its headers, and the requirements that can apply."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from packaging.requirements import Requirement

    from ..target import Target

_NAME = re.compile(r"\s*([A-Za-z0-9._-]+)")
_EXTRA = re.compile(r"""\bextra\s*==\s*['"]([^'"]*)""")


def read_headers(text: str) -> Mapping[str, list[str]]:
    r"""Read the headers of a METADATA file, up to the first blank line; keys in lower case.

    >>> read_headers("Name: a\nRequires-Dist: b\n\nRequires-Dist: words")
    {'name': ['a'], 'requires-dist': ['b']}
    """
    headers: dict[str, list[str]] = {}
    values: list[str] = []
    head = text.replace("\r\n", "\n") if "\r" in text else text
    for line in head.partition("\n\n")[0].split("\n"):
        if not line:  # a text that begins with a blank line has no headers
            break
        if line[0] in " \t" and values:
            values[-1] += "\n" + line.strip()
            continue
        field, _, value = line.partition(":")
        values = headers.setdefault(field.lower(), [])
        values.append(value.strip())
    return headers


class Dependencies(NamedTuple):
    """The headers that matter to a resolution."""

    requires_python: str
    extras: list[str]
    requires: list[str]


def read_dependencies(headers: Mapping[str, list[str]]) -> Dependencies:
    r"""Return Python, extras and requirements from headers.

    >>> read_dependencies(read_headers("Name: a\nRequires-Dist: b"))
    Dependencies(requires_python='', extras=[], requires=['b'])
    """
    return Dependencies(
        headers.get("requires-python", [""])[0],
        headers.get("provides-extra", []),
        headers.get("requires-dist", []),
    )


class ImportNames(NamedTuple):
    """The modules that a project states (core metadata 2.5, PEP 794), as dotted names."""

    names: tuple[str, ...]
    """The names that only it has, private ones too."""
    namespaces: tuple[str, ...]
    """The namespaces that it may share with others."""


def read_import_names(headers: Mapping[str, list[str]]) -> ImportNames | None:
    r"""Return the modules in the headers; None if no header is about modules.

    An empty field means that there are none. A name in both fields is ambiguous, an error for
    builders and installers; here it counts as one that others may share.

    >>> read_import_names(read_headers("Import-Name: a.b ; private\nImport-Namespace: a"))
    ImportNames(names=('a.b',), namespaces=('a',))
    >>> read_import_names(read_headers("Import-Name:")), read_import_names({})
    (ImportNames(names=(), namespaces=()), None)
    """
    if headers.keys().isdisjoint(("import-name", "import-namespace")):
        return None
    namespaces = _module_names(headers.get("import-namespace", ()))
    names = _module_names(headers.get("import-name", ()))
    return ImportNames(tuple(name for name in names if name not in namespaces), namespaces)


def _module_names(values: Iterable[str]) -> tuple[str, ...]:
    names = dict.fromkeys(value.partition(";")[0].strip() for value in values)
    return tuple(name for name in names if all(map(str.isidentifier, name.split("."))))


def counting(
    lines: Iterable[str],
    parse: Callable[[str], Requirement | None],
    target: Target,
    extra: str,
) -> tuple[Requirement, ...]:
    """Return the requirements that apply on `target` while `extra` is requested.

    Only lines that can apply are parsed; one for which `parse` returns None is left out.
    """
    parsed = [parse(line) for line in lines if may_count(line, extra)]
    return tuple(each for each in parsed if each and target.admits(each.marker, extra))


def named_extras(line: str) -> list[str]:
    """Return the extras that the marker of a requirement names, without parsing it."""
    return _EXTRA.findall(line)


def leading_name(line: str) -> str:
    """Return the normalised name that a requirement begins with, without parsing the rest.

    >>> leading_name("Ruamel.Yaml[jinja2] >= 1; extra == 'x'")
    'ruamel-yaml'
    """
    found = _NAME.match(line)
    return canonicalize_name(found[1]) if found else ""


def may_count(line: str, extra: str) -> bool:
    """Return, without parsing, whether a requirement can apply while `extra` is requested.

    Most lines are for other extras. If there is an `or`, the parser has to decide.

    >>> may_count('b; extra == "x"', ""), may_count('b; extra == "x"', "x"), may_count("b", "")
    (False, True, True)
    """
    marker = line.partition(";")[2]
    if "extra" not in marker:
        return True
    wanted = named_extras(marker)
    if not wanted or " or " in marker:
        return True
    return bool(extra) and {*map(canonicalize_name, wanted)} == {canonicalize_name(extra)}
