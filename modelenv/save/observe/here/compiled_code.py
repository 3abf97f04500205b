"""Modules that libraries compile while they run, and keep in a cache of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ....base.files.temporary import temporary_folder
from ....base.siblings import resolver, tracer

_COMPILED = (".so", ".pyd")
_ASKED = ("imported", "lazy", "held")
"""The ways of a record by which code asks for a module, and does not merely run it."""


def without_compiled_here(
    modules: Iterable[resolver.FirstParty],
    records: Iterable[tracer.ImportRecord],
    installed: resolver.Installed,
    home: Path | None,
) -> Iterator[resolver.FirstParty]:
    """Yield the modules of a run that are the user's, without those that a library made.

    PyTensor writes C, compiles it for the processor that it runs on, keeps the module in a hidden
    folder of the home, and imports it by its name. It does so anew elsewhere; in ``code/`` it would
    find the module of another processor. Such a module lies in a hidden folder of `home` or among
    temporary files. Either it is compiled, or in a package with one that is, and the code that
    asked for it is a distribution's; or it is named as a part of a distribution's package, as the
    kernels of torch's compiler are.
    """
    askers: dict[str, set[str | None]] = defaultdict(set)
    brought: set[str] = set()
    for record in records:
        if record.how in _ASKED:
            askers[_top(record.name)].add(record.importer_file)
        if record.file and "." not in record.name and installed.owners(record.file):
            brought.add(record.name)
    packages: dict[str, list[resolver.FirstParty]] = defaultdict(list)
    for module in modules:
        packages[_top(module.module)].append(module)
    for top, parts in packages.items():
        files = {each.file for each in parts}
        is_compiled = any(file.endswith(_COMPILED) for file in files)
        asking = askers.get(top, set()) - files
        is_libraries = top in brought or (
            is_compiled and _is_asked_by_distributions(asking, installed)
        )
        if not (is_libraries and all(_is_in_cache(Path(file), home) for file in files)):
            yield from parts


def _top(module: str) -> str:
    return module.partition(".")[0]


def _is_in_cache(file: Path, home: Path | None) -> bool:
    if home is not None and home in file.parents:
        return file.relative_to(home).parts[0].startswith(".")
    return Path(temporary_folder()) in file.parents


def _is_asked_by_distributions(askers: set[str | None], installed: resolver.Installed) -> bool:
    return bool(askers) and all(each and installed.owners(each) for each in askers)
