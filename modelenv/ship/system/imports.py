"""Find the files of pins that the pins' own imports load, from source and without running any."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from .pin_files import PinFiles, is_compiled
from .statements import ModuleImport, imported_at_once

_MOST_FILES = 4_000
_PACKAGE = "__init__"
_OPENS = ("CDLL", "LoadLibrary", ".dlopen(", "load_library(")


class OwnImports:
    """The modules that pins import as soon as each of them is imported by its own name.

    For pins that were `seen` to be imported, the trace tells, and nothing is guessed. An import
    counts if it is outside of functions, and in no `try` that goes on without it: later imports
    are optional, and attempted ones are `doubtful`.
    """

    def __init__(self, files: PinFiles, seen: Collection[str] = ()) -> None:
        self._files = files
        self._seen = frozenset(seen)
        self._imported: dict[str, tuple[ModuleImport, ...]] = {}

    def compiled(self) -> set[str]:
        """Return the paths of the compiled files that these imports load.

        Those are extension modules; one with the name of its package, as ``cv2/cv2.abi3.so``,
        which the package loads explicitly; and libraries that the source of such a module names.
        """
        reached = self._reached(tried=False)
        found = {path for path in reached if is_compiled(path)}
        found |= {path for path in self._unseen() if _has_the_name_of_its_package(path)}
        return found | set(self._named_in(path for path in reached if path.endswith(".py")))

    def doubtful(self) -> set[str]:
        """Return the paths of the compiled files that they may load.

        Those are of attempted imports, and of source that opens libraries by computed names: then
        every library of its pin beside it.
        """
        reached = self._reached(tried=True)
        sources = [path for path in reached if path.endswith(".py")]
        found = {path for path in reached if is_compiled(path)}
        opening = {
            path.rpartition("/")[0]
            for path in sources
            if any(word in self._files.text(path) for word in _OPENS)
        }
        found |= {
            path
            for path in self._unseen()
            if _is_library(path) and path.rpartition("/")[0] in opening
        }
        return (found | set(self._named_in(iter(sources)))) - self.compiled()

    def _unseen(self) -> Iterator[str]:
        return (path for path, pin in self._files.owners.items() if pin not in self._seen)

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        """The file of each module, by its dotted name; for a package, its ``__init__``."""
        found: dict[str, str] = {}
        for path in self._files.owners:
            if path.endswith(".py") or is_compiled(path):
                folder, _, name = path.rpartition("/")
                stem = name.partition(".")[0]
                parts = [*folder.split("/"), *([] if stem == _PACKAGE else [stem])]
                found.setdefault(".".join(filter(None, parts)), path)
        return found

    def _reached(self, *, tried: bool) -> set[str]:
        """Return the files of imported modules; with `tried`, also of attempted ones."""
        found: set[str] = set()
        modules = self._modules
        tops = (path for path in self._unseen() if path.count("/") < 2)
        named = {path: module for module, path in modules.items() if "." not in module}
        waiting = [named[path] for path in tops if path in named]
        while waiting and len(found) < _MOST_FILES:
            path = modules.get(waiting.pop())
            if path is not None and path not in found:
                found.add(path)
                waiting += self._imports(path, tried=tried) if path.endswith(".py") else ()
        return found

    def _imports(self, path: str, *, tried: bool) -> Iterator[str]:
        """Yield the modules that a file imports, and the packages above them."""
        if path not in self._imported:
            folder = path.rpartition("/")[0].replace("/", ".")
            self._imported[path] = imported_at_once(self._files.text(path), folder)
        for each in self._imported[path]:
            parts = each.name.split(".") if tried or not each.tried else []
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))

    def _named_in(self, sources: Iterator[str]) -> Iterator[str]:
        """Yield the libraries whose names occur in the source of modules of the same pin."""
        libraries: dict[str, list[str]] = {}
        for path, name in self._files.owners.items():
            if _is_library(path):
                libraries.setdefault(name, []).append(path)
        for source in sources:
            own = libraries.get(self._files.owners[source], ())
            text = self._files.text(source) if own else ""
            yield from (path for path in own if path.rpartition("/")[2] in text)


def _has_the_name_of_its_package(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 2 and is_compiled(path) and parts[1].partition(".")[0] == parts[0]


def _is_library(path: str) -> bool:
    return is_compiled(path) and path.rpartition("/")[2].startswith("lib")
