"""The input of a prediction: a value of the caller's, or a file, as its worker reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import WrongUseError
from ..base.files.absent import no_file
from ..folder.model_folder import ModelFolder
from ..table.crossing import raw
from ..table.errors import RowsError
from ..table.files import read_binary, read_text
from ..table.incoming.contract import with_contract
from ..table.incoming.document import GUESSED, parse, read_document, read_table, untold
from ..table.incoming.document import described as one_example
from ..table.incoming.records import are_texts, types_of_records
from ..table.objects import class_of, untag
from ..table.table import Table, columns_of
from ..table.values import is_table
from .signature import Signature

_KINDS = {
    ".json": "payload",
    ".csv": "csv",
    ".npy": "npy",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".pkl": "pickle",
    ".pickle": "pickle",
}
_OF_ROWS = ("payload", "csv", "parquet", "arrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An input as a worker reads it."""

    described: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    """Sentences about rows or columns that were left out."""


def describe_file(
    file: Path, folder: ModelFolder, content_type: str | None = None
) -> Mapping[str, Any]:
    """Describe an input file by its suffix, or by a given ``json``, ``csv``, ...

    Raises WrongUseError for one that cannot be read.
    """
    if not file.is_file():
        raise WrongUseError(f"the input {file}: {no_file(file)}")
    suffix = file.suffix.lower() if content_type is None else f".{content_type}"
    kind = _KINDS.get(suffix)
    if kind is None:
        known = ", ".join(_KINDS)
        raise WrongUseError(f"{file}: cannot tell what it holds; its name may end in {known}")
    described = {"type": kind, "file": str(file.absolute())}
    like = {"like": told_by(folder)} if kind in _OF_ROWS else {}
    return {**described, **like}


def read_rows(described: Mapping[str, Any], scratch: Path) -> Incoming:
    """Return a described file of rows as buffers in `scratch`, of the types of the example.

    A format that only the model's environment can read is left to it. Raises WrongUseError for
    invalid rows, with the column and the row.
    """
    kind, file = described["type"], Path(described["file"]) if "file" in described else Path()
    if kind not in _OF_ROWS:
        return Incoming(described=described)
    like = like_of(described["like"])
    guessed = (GUESSED,) if kind in ("payload", "csv") and untold(like) else ()
    try:
        parts = _parts(kind, file, like)
    except RowsError as error:
        raise WrongUseError(f"{file.name}: {error}{error.by_file}") from error
    if parts is None:
        notes = tuple(f"{file.name}: {note}" for note in guessed)
        return Incoming(described={**described, "like": like}, notes=notes)
    told, buffers, notes = parts
    path = scratch / "input.buffers"
    raw.write(str(path), told, buffers)
    read = {**told, "encoding": "buffers", "file": str(path)}
    return Incoming(
        described=read, notes=tuple(f"{file.name}: {note}" for note in (*guessed, *notes))
    )


def _parts(kind: str, file: Path, like: dict[str, Any]) -> Any:
    """Return the description, the buffers and notes; None if this process cannot read it."""
    if kind == "payload":
        try:
            document = parse(file.read_bytes(), like)
        except ValueError as error:
            raise RowsError(f"it is no JSON: {error}") from error
        return read_document(document, like)
    if untold(like):
        return None
    rows = read_text(file) if kind == "csv" else read_binary(file, kind)
    return None if rows is None else read_table(rows, like)


def told_by(folder: ModelFolder) -> dict[str, Any]:
    """Return the description of a folder's example, with the types in its signature."""
    signature = Signature.of(folder.document)
    fields = None if signature is None else signature.inputs
    return with_contract(one_example(dict(folder.example)), fields)


def like_of(example: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form of inputs: the description of one example, with all that shows types.

    For a list of dictionaries these are the types of the cells, for a list of texts a mark, for a
    column of objects their class, if all have the same.
    """
    like = one_example(dict(example))
    try:
        if like.get("encoding") == "buffers" and like["type"] == "object":
            example = untag(json.loads(bytes(raw.read(like["file"])[1][0] or b"null")))
        elif like.get("encoding") == "buffers" and is_table(like):
            return {**like, **classes_of(like)}
        elif like["type"] == "json_object" and "file" in like:
            example = json.loads(Path(like["file"]).read_bytes())
        else:
            return dict(like)
    except FileNotFoundError:  # a user may have removed it before passing the model on
        return dict(like)
    if are_texts(example):
        return {**like, "texts": True}
    types = types_of_records(example)
    return dict(like) if types is None else {**like, "records": types}


def classes_of(like: Mapping[str, Any]) -> dict[str, Any]:
    """Return the classes of the objects in the first rows of a table, by column.

    Types of JSON count as no class: cells of any kind may stand beside them.
    """
    objects = [type_.kind == "object" for _, type_ in columns_of(dict(like))]
    if not any(objects):
        return {}
    told, buffers = raw.read(like["file"])
    columns = Table.of(told, iter(buffers)).columns
    found = [
        _class(each.cells()) if it else None for each, it in zip(columns, objects, strict=True)
    ]
    return {"objects": found} if any(found) else {}


def _class(cells: Sequence[Any]) -> str | None:
    names = {class_of(cell) for cell in cells if cell is not None}
    name = names.pop() if len(names) == 1 else "builtins."
    return None if name.startswith("builtins.") else name
