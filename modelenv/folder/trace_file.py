"""Read trace.json: what the prediction touched when the model was saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BadFolderError

TRACE = "trace.json"


@dataclass(frozen=True, slots=True)
class TraceFile:
    """What a model folder's trace says; a folder without one says nothing."""

    python: str = ""
    """The Python that the model was traced with."""
    imports: tuple[Mapping[str, Any], ...] = ()
    """The records of the imports, in the order they were seen."""
    touches: tuple[Mapping[str, Any], ...] = ()
    """The files, libraries, hosts and programs that were touched."""

    @classmethod
    def read(cls, folder: Path) -> TraceFile:
        """Read the trace of a folder. Raises BadFolderError where it is no JSON."""
        file = folder / TRACE
        try:
            document = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            return cls()
        except ValueError as error:
            raise BadFolderError(file, str(error)) from error
        if not isinstance(document, dict):
            return cls()
        return cls(
            python=str(document.get("python", "")),
            imports=tuple(each for each in document.get("imports", ()) if "name" in each),
            touches=tuple(document.get("touches", ())),
        )
