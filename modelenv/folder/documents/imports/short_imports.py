"""Records of imports in the short form that a trace has since schema 2: see docs/folders.md.

A name is stored by its difference from the previous one, the importer by its distance from there,
and a file by its shape: the text before and after the module's name in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from ..typed import Reader, Stated, count, flag, optional, path, record, text
from .import_times import OF_TIME

Import = Mapping[str, Any]
"""One import in full: its `name`, `file`, `importer`, `importer_file`, `line`, ..."""

_FURTHEST = 100  # steps along the chain of importers; imports are hardly nested deeper
_UNTOLD = {"loaded": True, "how": "imported"}
_SAID = object()
_ELSEWHERE = OF_TIME | {"name", "file", "importer", "line", "phase"}
_READERS: Mapping[str, Reader] = {
    "loaded": flag,
    "how": text,
    "importer_file": optional(path),
    "error": optional(text),
    "caught": optional(flag),
    "used_by": optional(text),
    "used_file": optional(path),
    "used_line": optional(count),
}


class Known:
    """The importers and files of the modules seen so far."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.importers: dict[str, str | None] = {}
        self.files: dict[str, str] = {}

    def chain(self) -> Iterator[str]:
        """Yield the previous module, its importer, the importer of that, and so on."""
        name: str | None = ".".join(self.parts)
        for _ in range(_FURTHEST):
            if not name:
                return
            yield name
            name = self.importers.get(name)

    def add(self, name: str, file: str | None, importer: str | None) -> None:
        """Add one more import."""
        self.parts = name.split(".")
        self.importers.setdefault(name, importer)
        if file is not None:
            self.files.setdefault(name, file)

    def without_file(self, seen: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record without the importer's file, if that is known from its own import."""
        kept = dict(seen)
        importer, said = seen.get("importer"), kept.pop("importer_file", None)
        known = None if importer is None else self.files.get(importer)
        return kept if said == known else {**kept, "importer_file": said}

    def with_file(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Add the importer's file to a record, if it is known."""
        importer = seen.get("importer")
        if importer is not None and "importer_file" not in seen and importer in self.files:
            seen["importer_file"] = self.files[importer]
        elif seen.get("importer_file", "") is None:
            del seen["importer_file"]
        return seen


class Shortened:
    """Imports in their short form."""

    def __init__(self, imports: Iterable[Import]) -> None:
        self.known = Known()
        self._shapes: dict[tuple[str, str] | str, int] = {}
        phases = groupby(imports, key=lambda each: each["phase"])
        self.phases = [(phase, [*map(self._shorten, of_it)]) for phase, of_it in phases]
        """The phases of the run, each with its imports."""

    @property
    def shapes(self) -> list[list[str] | str]:
        """The shapes of files, by the numbers in the imports."""
        return [each if isinstance(each, str) else [*each] for each in self._shapes]

    def _shorten(self, each: Import) -> list[Any]:
        name, file, importer = each["name"], each.get("file"), each.get("importer")
        parts, before = name.split("."), self.known.parts
        same, most = 0, min(len(parts) - 1, len(before))
        while same < most and parts[same] == before[same]:
            same += 1
        up: int | str | None = importer
        if importer is not None:
            chain = enumerate(self.known.chain())
            up = next((steps for steps, asked in chain if asked == importer), importer)
        short = [same, ".".join(parts[same:]), self._shape(name, file), up, each.get("line")]
        rest = {
            key: value
            for key, value in self.known.without_file(each).items()
            if key not in _ELSEWHERE and _UNTOLD.get(key, _SAID) != value
        }
        self.known.add(name, file, importer)
        return [*short, rest] if rest else short

    def _shape(self, name: str, file: str | None) -> int | None:
        if file is None:
            return None
        return self._shapes.setdefault(_shape_of(file, name), len(self._shapes))


class Lengthened:
    """Imports in full, from those in their short form.

    Raises BadFolderError for invalid values, for more than `most` imports, or for names and files
    of more than `largest` characters in total: with repetition a small file could stand for any
    number.
    """

    def __init__(self, phases: Stated, shapes: Stated, *, most: int, largest: int) -> None:
        self.known = Known()
        self._shapes = [*map(_read_shape, shapes.items())]
        self._largest = self._left = largest
        listed = [(text(each.at("phase")), each.at("seen").items()) for each in phases.items()]
        if sum(len(seen) for _, seen in listed) > most:
            raise phases.fault(f"it has more than {most:,} imports")
        self.imports: tuple[Import, ...] = tuple(
            self._lengthen(said, phase) for phase, seen in listed for said in seen
        )

    def _lengthen(self, said: Stated, phase: str) -> Import:
        items = said.items()
        if len(items) not in (5, 6):
            raise said.fault(f"{said.key} has {len(items)} items; an import has 5 or 6")
        same, rest, shape, up, line = items[:5]
        if not 0 <= count(same) <= len(self.known.parts):
            raise same.fault(f"{same.key} is more than the name before has: {same.value}")
        name = ".".join([*self.known.parts[: same.value], text(rest)])
        file = self._file(name, shape)
        importer = self._importer(up)
        self._left -= len(name) + len(file or "")
        if self._left < 0:
            raise said.fault(f"its imports have more than {self._largest:,} characters")
        full: dict[str, Any] = {"name": name, "phase": phase, **_UNTOLD}
        told = {"file": file, "importer": importer, "line": optional(count)(line)}
        full |= {key: value for key, value in told.items() if value is not None}
        if len(items) > 5:
            full |= _read_rest(items[5])
        full = self.known.with_file(full)
        self.known.add(name, file, importer)
        return full

    def _file(self, name: str, shape: Stated) -> str | None:
        if shape.value is None:
            return None
        if not 0 <= count(shape) < len(self._shapes):
            raise shape.fault(f"{shape.key} is no shape of a file: {shape.value}")
        before, after = self._shapes[count(shape)]
        if after is None:
            return before
        return path(Stated(f"{before}{name.replace('.', '/')}{after}", shape.file, shape.key))

    def _importer(self, up: Stated) -> str | None:
        if up.value is None or isinstance(up.value, str):
            return optional(text)(up)
        chain, steps = [*self.known.chain()], count(up)
        if not 0 <= steps < len(chain):
            raise up.fault(f"{up.key} leads to no importer: {steps}")
        return chain[steps]


_read_rest = record(_READERS)


def _shape_of(file: str, name: str) -> tuple[str, str] | str:
    """Return the text before and after a module's name in a file; the whole path if it lacks it.

    >>> _shape_of("kiln/core/__init__.py", "kiln.core"), _shape_of("lib/kiln.py", "kiln")
    (('', '/__init__.py'), ('lib/', '.py'))
    """
    within = name.replace(".", "/")
    place = 0 if file.startswith(within) else file.rfind(f"/{within}") + 1
    if not within or not file.startswith(within, place):
        return file
    return file[:place], file[place + len(within) :]


def _read_shape(said: Stated) -> tuple[str, str | None]:
    """Return the text before and after a module's name in a file; None: the name is not in it."""
    if isinstance(said.value, str):
        return path(said), None
    items = said.items()
    if len(items) != 2:
        raise said.fault(f"{said.key} is neither a file nor what is before and after a name in one")
    return path(items[0]), path(items[1])
