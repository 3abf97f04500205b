"""Write a folder for any image builder: a Dockerfile and all files that it copies."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base import arguments
from ..base.doors import door
from ..base.text import brief, few
from ..environments.spec import Report, silent
from ..folder.model_folder import ModelFolder
from ..run.isolated import run_again
from .context import check_unchanged, write_context
from .errors import NoImageError
from .image import ImageOptions, ImagePlan
from .plan import check_options, describe, iter_facts, plan_as_json, planned

_FILE = "Dockerfile"
_OWN = frozenset({_FILE, ".dockerignore", "locks", "model", "settle.py", "wheels"})
_ELSEWHERE = "name a folder elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """A folder for any image builder, with its Dockerfile."""

    path: Path
    plan: ImagePlan
    left_out: tuple[str, ...]
    """Files of the model folder that were left out, as listed in its .dockerignore."""

    def __str__(self) -> str:
        """Return a short report, one fact per line."""
        lines = [f"{self.path}/{_FILE}: {describe(self.plan)}", *iter_facts(self.plan)]
        lines += [f"left out by .dockerignore: {name}" for name in self.left_out]
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Return the first line of the report, shortened."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
        return {
            "schema": 1,
            "path": str(self.path),
            "left_out": list(self.left_out),
            **plan_as_json(self.plan),
        }


@door
def generate_dockerfile(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    options: ImageOptions | None = None,
    report: Report = silent,
) -> BuildContext:
    """Write a folder for any image builder: the Dockerfile and all files that it copies.

    An earlier context at `output` is replaced, unless it has further files in it. Raises
    NoImageError for a model that cannot be put into an image, and for an `output` that is something
    else, and the errors of locking.
    """
    target = arguments.path("output", output).absolute()
    _check_output(target)
    check_options(options or ImageOptions())

    def written(model: ModelFolder) -> BuildContext:
        _check_apart(target, model.path)
        plan = planned(model, options or ImageOptions(), report)
        report("writing the context")
        with _replacing(target) as place:
            left = write_context(plan, place)
            check_unchanged(model)
        return BuildContext(path=target, plan=plan, left_out=left)

    return run_again(folder, written, report)


def _check_output(target: Path) -> None:
    """Raise NoImageError if the place is taken by something that is no context of ours."""
    if not target.parent.is_dir():
        raise NoImageError(str(target), f"there is no folder {target.parent}")
    if not os.path.lexists(target):
        return
    if target.is_symlink():
        reason = "this is a link, and would be replaced by a folder"
        raise NoImageError(str(target), reason, f"name its target: {target.resolve()}")
    found = {each.name for each in target.iterdir()} if target.is_dir() else {target.name}
    is_context = (target / _FILE).is_file() and (target / "settle.py").is_file()
    if found and not is_context:
        raise NoImageError(str(target), "something else is there", "name a folder that is not")
    if others := sorted(found - _OWN):
        reason = f"it would be replaced, and holds files of no context: {few(others)}"
        raise NoImageError(str(target), reason, "move that away, or name another folder")


def _check_apart(target: Path, model: Path) -> None:
    """Raise NoImageError if one folder is inside the other."""
    place, source = target.resolve(), model.resolve()
    if place.is_relative_to(source):
        raise NoImageError(str(target), f"it lies in the model folder {model}", _ELSEWHERE)
    if source.is_relative_to(place):
        raise NoImageError(str(target), f"the model folder {model} lies in it", _ELSEWHERE)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `target` once it is complete."""
    place = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    place.mkdir()
    try:
        yield place
        if target.exists():
            shutil.rmtree(target)
        place.rename(target)
    finally:
        shutil.rmtree(place, ignore_errors=True)
