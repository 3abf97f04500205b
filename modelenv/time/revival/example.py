"""The input of a revived model: the user's example, the folder's own, or generated rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...base.errors import WrongUseError
from ...base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ...base.files.scratch import scratch_folder
from ...folder import example
from ...folder.documents.names import NOTHING
from ...folder.mlmodel import relative
from ...folder.model_folder import ModelFolder
from ...run.incoming import describe_file, read_rows, told_by
from ...run.signature import Signature
from ...table.incoming.contract import schema_of
from .rows import Features, MadeRows, of_features, of_signature

_LARGEST = 200_000_000


@dataclass(frozen=True, slots=True)
class OldExample:
    """The example of a model, as it lies in its new folder."""

    described: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    """Its description; the file is relative to the folder."""
    source: str = ""
    """The source of generated rows; empty: they were recorded, or there are none."""
    notes: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether there is anything to predict on."""
        return bool(self.described["type"] != "none")


def given_file(file: Path, folder: Path) -> OldExample:
    """Put a file of the user's into the new `folder`. Raises WrongUseError.

    Without a signature lists are arrays, as in MLflow.
    """
    described = dict(describe_file(file, ModelFolder(folder)))
    like = described.get("like")
    if like is not None and like["type"] == "none":
        described["like"] = {"schema": {}, **like}
    return _placed(described, folder)


def given_value(value: object, folder: Path) -> OldExample:
    """Put a value of the caller's into the new folder."""
    return OldExample(relative(example.write_examples([value], folder)))


def recorded_by_mlflow(old: ModelFolder, folder: Path) -> OldExample:
    """Put the example that MLflow recorded into the new folder, without MLflow.

    One that cannot be read is reported, and left out.
    """
    info = old.document.get("saved_input_example_info")
    said = old.example
    if said["type"] != "mlflow" or not isinstance(info, dict):
        return OldExample()
    file, like = Path(said["file"]), told_by(old)
    try:
        document = parse_json(read_bytes(file, largest=_LARGEST), file)
    except (UntrustedFileError, OSError) as error:
        return OldExample(notes=(f"{file.name} is not its example: {error}",))
    try:
        found = _written(_as_request(document, info), like, folder)
    except WrongUseError as error:
        return OldExample(notes=(f"the recorded example is left out: {error}",))
    is_typed = {"sizes", "dtypes"} & like.get("schema", {}).keys()
    return replace(found, notes=()) if is_typed else found


def made(known: Features, folder: Path) -> OldExample:
    """Generate rows and put them into the new folder; none if the inputs are unknown."""
    signature = Signature.of(ModelFolder(folder).document)
    rows: MadeRows | None = None
    if signature is not None and signature.inputs:
        rows = of_signature(signature.inputs, schema_of(signature.inputs), known)
    rows = rows or of_features(known)
    if rows is None:
        return OldExample()
    found = _written(rows.document, rows.like, folder)
    return replace(found, source=rows.source, notes=())


def _as_request(document: Any, info: Mapping[str, Any]) -> Any:
    """Return an example of MLflow's as a request to the model."""
    if info.get("type") == "dataframe" and isinstance(document, dict) and "columns" in document:
        return {"dataframe_split": {key: document[key] for key in ("columns", "data")}}
    if info.get("type") == "dataframe" and isinstance(document, list):
        return {"dataframe_records": document}
    keyed = isinstance(document, dict) and len({"inputs", "instances"} & document.keys()) == 1
    return document if keyed else {"inputs": document}


def _written(document: Any, like: Mapping[str, Any], folder: Path) -> OldExample:
    with scratch_folder() as scratch:
        file = scratch / f"{example.INPUT}.json"
        file.write_text(json.dumps(document), "utf-8")
        return _placed({"type": "payload", "file": str(file), "like": dict(like)}, folder)


def _placed(described: Mapping[str, Any], folder: Path) -> OldExample:
    """Put a described input into a folder, rows of text as buffers. Raises WrongUseError."""
    with scratch_folder() as scratch:
        read = read_rows(described, scratch)
        source = Path(read.described["file"])
        name = f"{example.INPUT}{source.suffix}"
        for left in folder.glob(f"{example.INPUT}.buffers"):
            left.unlink()
        shutil.copyfile(source, folder / name)
    return OldExample({**read.described, "file": name}, notes=read.notes)
