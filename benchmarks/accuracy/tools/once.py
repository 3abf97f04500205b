"""Capture each case with each tool once; keep what was written."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ..running.environments import BuildError, content_key, folder_digest
from ..running.predictions import PREDICT_IN, plain_environment
from .tool import INSIDE, Captured, CaptureError, Spent, Tool, run_timed

if TYPE_CHECKING:
    from pathlib import Path

    from ..authors.source import Source
    from ..running.environments import Builder


def capture_once(tool: Tool, source: Source, builder: Builder) -> tuple[Captured, Path]:
    """Return what `tool` makes of a case and the folder with it, captured now or earlier.

    A tool that fails gives a result that says so; it is not kept where the tool could not be
    installed.
    """
    key = content_key(source.folder.name, tool.name, tool.key, folder_digest(INSIDE))
    folder = builder.cache / "captures" / f"{source.case.name}-{tool.name}-{key}"
    record = folder / "captured.json"
    if record.exists():
        return _read(record), folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        captured = tool.capture(source, builder, folder)
    except BuildError as error:  # the index may answer, or the checkout be mended, the next time
        return Captured(spent=None, failed=str(error), floor=_floor(source)), folder
    except CaptureError as error:
        captured = Captured(spent=None, failed=str(error))
    if captured.floor is None:
        captured = replace(captured, floor=_floor(source))
    record.write_text(json.dumps(asdict(captured), indent=1), "utf-8")
    return captured, folder


def _read(record: Path) -> Captured:
    said: dict[str, Any] = json.loads(record.read_text("utf-8"))
    spent, floor = (Spent(**said[key]) if said[key] else None for key in ("spent", "floor"))
    several = {key: tuple(said[key]) for key in ("notes", "guesses")}
    return Captured(**{**said, "spent": spent, "floor": floor, **several})


def _floor(source: Source) -> Spent:
    """Measure what a fresh interpreter spends on loading and predicting; the better of two."""
    return min((_load_and_predict(source) for _ in range(2)), key=lambda spent: spent.wall)


def _load_and_predict(source: Source) -> Spent:
    arguments = [argument for entry in source.import_path for argument in ("--path", str(entry))]
    command = [source.environment.python, "-I", PREDICT_IN, "--model", source.model]
    command += ["--example", source.example, "--output", source.folder / "floor.json"]
    _, spent = run_timed([*command, *arguments], source.folder, plain_environment(os.environ))
    return spent
