"""The imports of an MLflow model's own code, read without running it: a script, and ``code/``.

MLflow's requirements omit modules that such code imports and mlflow itself requires.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

from ..code.import_statements import imports_in
from ..model_folder import ModelFolder

_SCRIPT = "model_code_path"
_MOST_FILES = 1000
_LARGEST = 400_000  # total bytes: half a second of CPU time


@dataclass(frozen=True, slots=True)
class SourceImport:
    """A module that the model's own code imports, at any depth."""

    module: str
    place: str
    """The file and line: ``agent.py:3``, ``code/prices/table.py:12``."""

    def __str__(self) -> str:
        """Return it as the reason for a distribution."""
        return f"{self.place} imports {self.module}"


def model_script(folder: ModelFolder) -> Path | None:
    """Return the script of a model from code; None for another model, or if it is missing."""
    function = folder.flavors.get("python_function")
    said = function.get(_SCRIPT) if isinstance(function, dict) else None
    # The recorded path is that of the author's machine, which may run Windows.
    name = said.replace("\\", "/").rpartition("/")[2] if isinstance(said, str) else ""
    script = folder.path / name
    return script if name and script.is_file() and not script.is_symlink() else None


def source_imports(folder: ModelFolder) -> Iterator[SourceImport]:
    """Yield the imports of an MLflow model's own code, except its own and Python's modules.

    Files that this Python cannot parse, and those beyond the limits, are skipped.
    """
    files = _files(folder)
    own = {part for file in files for part in (file.stem, *file.relative_to(folder.path).parts)}
    for file in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # the user cannot act on them
                found = imports_in(str(file))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        place = file.relative_to(folder.path).as_posix()
        for module, line in found:
            if module.partition(".")[0] not in own | sys.stdlib_module_names:
                yield SourceImport(module, f"{place}:{line}")


def _files(folder: ModelFolder) -> list[Path]:
    if folder.ours:
        return []
    function = folder.flavors.get("python_function")
    said = function.get("code") if isinstance(function, dict) else None
    below: list[Path] = []
    if isinstance(said, str) and said and ".." not in said.split("/"):
        below = sorted(islice((folder.path / said).rglob("*.py"), _MOST_FILES))
    script = model_script(folder)
    files = [*([] if script is None else [script]), *below]
    root = folder.path.resolve()
    inside = [file for file in files if root in file.resolve().parents and file.is_file()]
    sizes = accumulate(file.stat().st_size for file in inside)
    return [file for file, size in zip(inside, sizes, strict=True) if size <= _LARGEST]
