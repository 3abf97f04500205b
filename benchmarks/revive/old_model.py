"""An old model on disk, as `make` wrote it: what it states, and what it once predicted."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_CLOSE = 1e-6
"""How far a float may be from the recorded one, as a share of it."""


@dataclass(frozen=True, slots=True)
class OldModel:
    """The folder of a story: a model, an input, the prediction of then, and `story.json`."""

    folder: Path
    story: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> OldModel:
        """Read the folder of a story."""
        return cls(folder, json.loads((folder / "story.json").read_text("utf-8")))

    @property
    def name(self) -> str:
        return str(self.story["name"])

    @property
    def model(self) -> Path:
        """The folder of the model, or its bare pickle."""
        return self.folder / str(self.story["model"])

    @property
    def input(self) -> Path:
        return self.folder / "input.json"

    @property
    def options(self) -> list[str]:
        """What its owner tells `modelenv revive` beside the model."""
        said = [str(each) for each in self.story["options"]]
        return [
            str(self.folder / each) if (self.folder / each).is_file() else each for each in said
        ]

    @property
    def requirements(self) -> list[str]:
        """The lines for pip that it lists: requirements.txt, else the part in conda.yaml."""
        at = self.model if self.model.is_dir() else self.folder
        if (at / "requirements.txt").exists():
            lines = (at / "requirements.txt").read_text("utf-8").splitlines()
        else:
            lines = [line for part in self._conda if isinstance(part, dict) for line in part["pip"]]
        return [line for line in lines if line.strip() and not line.startswith("#")]

    @property
    def pins(self) -> dict[str, str]:
        """Every version that it states, by its name: for pip, and for conda."""
        found: dict[str, str] = {}
        for part in self._conda:
            exact = (
                re.fullmatch(r"([\w.-]+)==?([\w.]+)(=\w+)?", part)
                if isinstance(part, str)
                else None
            )
            if exact and exact[1] != "python":
                numbers = re.fullmatch(r"[\d.]+", exact[2])
                found[canonicalize_name(exact[1])] = f"{exact[2]}.*" if numbers else exact[2]
        for line in self.requirements:
            wanted = _requirement(line)
            if wanted is not None and str(wanted.specifier).startswith("=="):
                found[canonicalize_name(wanted.name)] = str(wanted.specifier)[2:]
        return found

    @property
    def bounds(self) -> list[Requirement]:
        """What it lists without a pin, as requirements."""
        wanted = [_requirement(line) for line in self.requirements]
        return [each for each in wanted if each and not str(each.specifier).startswith("==")]

    @property
    def _conda(self) -> list[str | dict[str, list[str]]]:
        file = self.model / "conda.yaml"
        return (
            list(yaml.safe_load(file.read_text("utf-8"))["dependencies"]) if file.exists() else []
        )

    def is_prediction(self, answer: object) -> bool:
        """Tell whether an answer is the recorded prediction, within a millionth for floats."""
        recorded = json.loads((self.folder / "prediction.json").read_text("utf-8"))
        return _equal(recorded["predictions"], _column(answer))

    def fingerprint(self) -> str:
        """Return a hash of all files of the model: another one, if it was touched."""
        files = sorted(self.model.rglob("*")) if self.model.is_dir() else [self.model]
        digest = hashlib.sha256()
        for file in files:
            if file.is_file():
                digest.update(str(file).encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()


def old_models(folder: Path) -> Iterator[OldModel]:
    """Yield the old models below a folder, by name."""
    for file in sorted(folder.glob("*/story.json")):
        yield OldModel.read(file.parent)


def _requirement(line: str) -> Requirement | None:
    try:
        return Requirement(bare(line))
    except InvalidRequirement:
        return None


def bare(line: str) -> str:
    """Return a line of requirements without its comment and its hashes."""
    return line.partition(" #")[0].partition(" --hash")[0].strip(" \\")


def _column(answer: object) -> object:
    """Return the predictions of an answer; those of one column as a list."""
    said = answer["predictions"] if isinstance(answer, dict) else answer
    if isinstance(said, list) and all(isinstance(row, dict) and len(row) == 1 for row in said):
        return [value for row in said for value in row.values()]
    return said


def _equal(first: object, second: object) -> bool:
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_equal, first, second))
    if isinstance(first, float) or isinstance(second, float):
        if not (isinstance(first, (int, float)) and isinstance(second, (int, float))):
            return False
        return math.isclose(first, second, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return first == second
