"""What a model of MLflow's imports by its own code, read and not run: a script, and ``code/``.

MLflow leaves out of its list what such code imports and mlflow itself requires.
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
_LARGEST = 400_000  # bytes, of all of them: half a second of CPU


@dataclass(frozen=True, slots=True)
class SourceImport:
    """A module that the model's own code imports, wherever in it that stands."""

    module: str
    place: str
    """Where: ``agent.py:3``, ``code/prices/table.py:12``."""

    def __str__(self) -> str:
        """Return it as why a distribution is there."""
        return f"{self.place} imports {self.module}"


def model_script(folder: ModelFolder) -> Path | None:
    """Return the script that makes the model, where it is a model from code and it is there."""
    function = folder.flavors.get("python_function")
    said = function.get(_SCRIPT) if isinstance(function, dict) else None
    # What stands there is the path on the machine of the author, Windows perhaps.
    name = said.replace("\\", "/").rpartition("/")[2] if isinstance(said, str) else ""
    script = folder.path / name
    return script if name and script.is_file() and not script.is_symlink() else None


def source_imports(folder: ModelFolder) -> Iterator[SourceImport]:
    """Yield what a model of MLflow's imports by its own code, but for its own and Python's modules.

    Of files that this Python cannot read, and of those beyond the bound, nothing is known.
    """
    files = _files(folder)
    own = {part for file in files for part in (file.stem, *file.relative_to(folder.path).parts)}
    for file in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # whose it is, nobody here is told
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
