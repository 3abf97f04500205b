"""Find files that a run used and no distribution has: own files, programs, the system's."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...base.siblings import resolver, tracer
from ...base.text import few
from ...folder.code.code_plan import CodePlan
from ...system.used_file import UsedFile
from .capture import FILES, Captured

_NOTHING = CodePlan()


def find_used_files(
    captured: Captured,
    installed: resolver.Installed,
    first_party: Iterable[resolver.FirstParty] = (),
    carried: CodePlan = _NOTHING,
) -> tuple[UsedFile, ...]:
    """Return the files that a run used and no distribution has, sorted, with their first user.

    Of `first_party` modules those are included that are not `carried` by name, such as a file that
    was loaded by its path; the model's own script is not. Left out are files of the interpreter,
    and archives that modules were imported from.
    """
    touches = [each for each in captured.trace.touches if each.kind in FILES]
    loaded = [each for each in first_party if not carried.names_module(each.module)]
    script = str(captured.job.model)  # its path in the folder that is being written
    touches += _loadings(captured.trace, (each for each in loaded if each.file != script))
    archives = _folders_of(captured.trace.files)
    own = _interpreter(captured)
    found: dict[str, UsedFile] = {}
    for touch in sorted(touches, key=lambda each: each.importer_file is None):
        path = touch.name
        if (
            path in found
            or path in archives
            or path.startswith(own)
            or _is_brought(path, installed)
        ):
            continue
        found[path] = UsedFile(touch.kind, path, *_asker(touch, installed, script))
    return tuple(sorted(found.values()))


def _folders_of(files: Iterable[str]) -> set[str]:
    """Return all parents of files, since each part of a path may be an archive."""
    found: set[str] = set()
    for file in files:
        above = os.path.dirname(file)  # noqa: PTH120  # thousands of them
        while above not in found:
            found.add(above)
            above = os.path.dirname(above)  # noqa: PTH120
    return found


def without_askers(used: Iterable[UsedFile], names: Collection[str]) -> tuple[UsedFile, ...]:
    """Return the files without those that only the distributions `names` asked for."""
    return tuple(each for each in used if not each.askers or not set(each.askers) <= set(names))


def paths_of(used: Iterable[UsedFile]) -> list[Path]:
    """Return the paths of the files; a program that was not found has none."""
    return [Path(each.path) for each in used if Path(each.path).is_absolute()]


def staying_files(used: Iterable[UsedFile], travelling: Collection[Path]) -> tuple[UsedFile, ...]:
    """Return the used files that do not travel, without those of the system."""
    there = {os.path.realpath(path) for path in travelling}
    return tuple(
        each for each in used if not each.is_of_system and os.path.realpath(each.path) not in there
    )


def _loadings(trace: tracer.Trace, loaded: Iterable[resolver.FirstParty]) -> Iterator[tracer.Touch]:
    """Yield the files of modules as files that were read, with the code that imported them."""
    asked = {each.name: each for each in reversed(trace.records) if each.importer_file}
    for module in loaded:
        touch = tracer.Touch("file", module.file)
        by = asked.get(module.module)
        if by is not None:
            touch = replace(
                touch, importer=by.importer, importer_file=by.importer_file, line=by.line
            )
        yield touch


def _is_brought(path: str, installed: resolver.Installed) -> bool:
    """Return whether a distribution installed a file, rather than a user putting it there."""
    whose = installed.whose(path)
    return whose.listed or any(owner.record_text is None for owner in whose.owners)


def _interpreter(captured: Captured) -> tuple[str, ...]:
    """Return path prefixes that belong to the interpreter: its programs, and its own prefix."""
    python = captured.python
    prefix = python.base.resolve().parent.parent
    # With /usr as prefix, the whole system would count as the interpreter's.
    inside = () if str(prefix) in ("/usr", "/", "/usr/local") else (f"{prefix}{os.sep}",)
    return (str(python.executable), str(python.base), *inside)


def _asker(
    touch: tracer.Touch, installed: resolver.Installed, script: str
) -> tuple[str, tuple[str, ...]]:
    """Return the place that asked for a file, and the distributions of that code."""
    if touch.importer_file is None:
        return "", ()
    is_script = touch.importer_file == script
    file = Path(script).name if is_script else installed.relative(touch.importer_file)
    if file.startswith("<"):  # a function from a pickle, whose file is unknown
        file = touch.importer or "the model"
    owners = installed.owners(touch.importer_file)
    return f"{file}:{touch.line}" if touch.line else file, tuple(each.name for each in owners)


def on_failure(
    used: Sequence[UsedFile], missed: Collection[str], taken: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Yield hints after a failed proof: files that it `missed` or may need, and who asked for them.

    `used` are the files that do not travel and those that were copied; `taken` maps the copied ones
    to their places in the model's folder.
    """
    known = [each for each in used if each.path in missed]
    for each in known:
        if each.path in taken:
            yield (
                f"{each} travels as {' and '.join(taken[each.path])}, but the code has its path on"
                " this machine: find it by __file__, or from the working folder"
            )
        elif each.asked_by:
            yield f"{each.path} was asked for by {each.asked_by}"
    staying = [str(each) for each in used if each.path not in taken]
    if not known and staying:
        yield (
            f"it used files that do not travel: {few(staying)}. artifacts= (--artifact),"
            ' code_paths= (--code-path) or carry="touched" (--carry touched) takes files along,'
            " allow_paths= (--allow-path) makes them visible where they are"
        )
    if not known and taken:
        yield "files that travel are found by __file__, or from the working folder"
