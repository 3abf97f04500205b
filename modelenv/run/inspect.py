"""Tell what a model folder holds, without loading anything from it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.doors import door
from ..base.siblings import envfiles, tracer
from ..base.text import brief, counted, few
from ..folder.errors import BadFolderError
from ..folder.mlmodel import MLmodel
from ..folder.model_folder import ModelFolder
from ..seal.seals import WORDS


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a model folder says of itself."""

    mlmodel: MLmodel
    environment: envfiles.EnvSpec
    globals: tuple[str, ...]
    """What the model's pickle names and would call when it is loaded."""
    bytes: int

    def __str__(self) -> str:
        """Return a short report, a fact a line."""
        model, proof = self.mlmodel, self.mlmodel.proof
        untraced = model.input["type"] == "none" and not model.written_by_mlflow
        proven = f"not traced; {proof['status']}" if untraced else proof["status"]
        if "where" in proof:
            proven += f": {proof.get('reason')}, in {proof['where']}"
            proven += f", {WORDS.get(proof['seal'], proof['seal'])}" if "seal" in proof else ""
        pins = counted(len(self.environment.requirements), "pin")
        lines = [
            f"model {model.uuid}, made {model.created} UTC by {_maker(model)},"
            f" {self.bytes:,} bytes",
            f"proof: {proven}",
            *_needs(model),
            f"input example: {_describe(model.input)}",
            f"Python {self.environment.python}, {pins}:",
        ]
        width = max((len(e.requirement) for e in self.environment.requirements), default=0)
        reasons = ((entry.requirement, entry.comment) for entry in self.environment.requirements)
        lines += [f"  {pin:<{width}}  {comment}".rstrip() for pin, comment in reasons]
        if model.not_compared:
            lines.append(f"not deterministic: {few(model.not_compared)}")
        if model.variables:
            given = (f"{name}={value}" for name, value in model.variables.items())
            lines.append(f"environment variables of every run: {', '.join(given)}")
        if model.left_out:
            left_out = (f"{name} ({asked})" for name, asked in model.left_out.items())
            lines.append(f"left out: {', '.join(left_out)}")
        if self.globals:
            lines.append(f"the pickle names: {', '.join(self.globals)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        model = self.mlmodel
        return {
            "schema": 1,
            "uuid": model.uuid,
            "created": model.created,
            "modelenv": model.version,
            "python": self.environment.python,
            "pins": [
                {"requirement": entry.requirement, "because": entry.comment}
                for entry in self.environment.requirements
            ],
            "left_out": dict(model.left_out),
            "proof": dict(model.proof),
            "needs": {name: list(values) for name, values in model.needs.items()},
            "deterministic": model.deterministic,
            "compared": list(model.compared),
            "not_compared": list(model.not_compared),
            "environment": dict(model.variables),
            "input": dict(model.input),
            "prediction": dict(model.prediction),
            "globals": list(self.globals),
            "bytes": self.bytes,
        }


@door
def inspect_model(folder: str | os.PathLike[str]) -> Inspection:
    """Read what the folder says of itself; nothing of it is loaded or run.

    Raises BadFolderError, and the errors of the environment files.
    """
    model = ModelFolder.open(folder)
    if not model.data.is_file() and not model.mlmodel.written_by_mlflow:
        raise BadFolderError(model.path, f"its model, {model.data.name}, is not there")
    named = {name for file in model.pickles for name in tracer.scan_globals(file)}
    return Inspection(
        mlmodel=model.mlmodel,
        environment=model.environment,
        globals=tuple(sorted(named)),
        bytes=sum(file.stat().st_size for file in model.path.rglob("*") if file.is_file()),
    )


def _needs(model: MLmodel) -> Iterator[str]:
    for name, values in model.needs.items():
        if values:
            yield f"to be provided where it runs ({name}=): {', '.join(values)}"


def _describe(described: Mapping[str, Any]) -> str:
    """Say of what type an example is and where it stands."""
    if described["type"] == "examples":
        return "; ".join(map(_describe, described["items"]))
    return f"{described['type']} ({described['file']})" if "file" in described else "none"


def _maker(model: MLmodel) -> str:
    return model.version if model.written_by_mlflow else f"modelenv {model.version}"
