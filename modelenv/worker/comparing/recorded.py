"""Read the recorded prediction as buffers, whatever its format, without its libraries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...table.crossing.received import read_content, read_unchecked
from ...table.errors import RowsError, UnfaithfulError
from .of_json import parts_of

if TYPE_CHECKING:
    from ...table.table import Parts


def read_recorded(described: Mapping[str, Any]) -> Parts | None:
    """Return a folder's recorded value in the form in which a worker writes an equal value.

    None if the value's own library is needed. Raises UnfaithfulError if its file is invalid.
    """
    file = recorded_file(described)
    if described.get("encoding") == "buffers":
        return read_unchecked(file, links=True)
    data = read_data(file)
    try:
        return parts_of(described, data)
    except RecursionError:
        raise _nested(file) from None
    except (RowsError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnfaithfulError(f"{file.name} does not hold what MLmodel says: {error}") from error


def recorded_file(described: Mapping[str, Any]) -> Path:
    """Return the file of a folder's recorded prediction. Raises UnfaithfulError."""
    if "file" not in described:
        raise UnfaithfulError("MLmodel names no file of the recorded prediction")
    return Path(described["file"])


def read_data(file: Path) -> Any:
    """Return the JSON of a recorded prediction. Raises UnfaithfulError."""
    try:
        return json.loads(read_content(file, links=True))
    except RecursionError:
        raise _nested(file) from None
    except ValueError as error:
        raise UnfaithfulError(f"{file.name} does not hold what MLmodel says: {error}") from error


def _nested(file: Path) -> UnfaithfulError:
    return UnfaithfulError(f"{file.name} is nested deeper than any such file is")
