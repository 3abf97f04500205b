"""Planning the first-party code that travels beside the model, with its import paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from ...base.files.scratch import scratch_folder
from ...base.siblings import resolver
from .code_plan import CodePlan
from .import_paths import importable, is_initial, outermost_package, suffix
from .named import plan_named
from .sweep import sweep
from .zipped import unpack

_METADATA = ("METADATA", "PKG-INFO", "requires.txt", "entry_points.txt", "top_level.txt")


def carry_code(
    modules: Iterable[resolver.FirstParty],
    code_paths: Sequence[Path],
    search_path: Sequence[str],
    folder: Path,
    *,
    projects: Iterable[resolver.Project] = (),
    used: Iterable[Path] = (),
) -> CodePlan:
    """Copy a model's code below `folder`; return the plan with the original source paths.

    Modules that were imported from an archive are extracted. Otherwise as `plan_code`.
    """
    with scratch_folder() as scratch:
        unpacked = unpack(modules, scratch / "archives")
        roots = tuple(unpacked.roots)
        plan = plan_code(
            unpacked.modules,
            (*code_paths, *roots),
            (*search_path, *map(str, roots)),
            projects=projects,
            used=used,
        )
        plan.carry(folder)
        return unpacked.as_found(plan)


def plan_code(
    modules: Iterable[resolver.FirstParty],
    code_paths: Sequence[Path],
    search_path: Sequence[str],
    *,
    projects: Iterable[resolver.Project] = (),
    used: Iterable[Path] = (),
) -> CodePlan:
    """Plan a model's code: `modules` that its run imported, `code_paths` that the user named.

    A package is carried whole, with its data files, but without hidden files, caches, virtual
    environments, tests that the run did not import, and secrets; a module of a namespace package,
    or a top-level module, alone. Links are followed within a package, and where the run imported or
    `used` their targets. Paths that the user named keep their path below each entry of
    `search_path`; if none contains one, its own name. The metadata of `projects`, editable
    installs, is added for importlib.metadata and entry points. Raises CodeClashError and
    BadCodePathError; nothing is written.
    """
    imported = sorted(importable(modules))
    sources = {source for _, source in imported}
    used = {*sources, *used}
    named, left_out = plan_named(code_paths, search_path, used)
    packages = {module: source.parent for module, source in imported if is_initial(source)}
    result = CodePlan(named.files)
    for project in projects:
        for place, source in _metadata(project.distribution):
            result.add(place, source)
    names = list(named.names)
    for module, source in imported:
        package, root = outermost_package(module, source, packages)
        name = package or module
        if name in names:
            continue
        names.append(name)
        place = PurePosixPath(*name.split("."))
        if package:
            swept = sweep(root, keep=sources, used=used)
            left_out += [str(file) for file in (*swept.secrets, *swept.strays)]
            for file in swept.files:
                result.add(place / file.relative_to(root).as_posix(), file)
        else:
            result.add(place.with_name(place.name + suffix(module, source)), source)
    return CodePlan(result.files, tuple(sorted(set(names))), tuple(sorted(set(left_out))))


def _metadata(distribution: resolver.Distribution) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the metadata of an installation, without the files that locate its code."""
    info = Path(distribution.info)
    for name in _METADATA:
        if (info / name).is_file():
            yield PurePosixPath(info.name, name), info / name
