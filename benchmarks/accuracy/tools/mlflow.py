"""MLflow: as it is, with its lock, and each with what only MLflow itself needs taken out.

It gets what it does not find by itself and its user has to give: the first-party modules, as
`code_paths`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..authors.pins import read_pins
from ..running.closure import closure, read_installed
from .once import capture_once
from .tool import TOOL_PINS, Captured, CaptureError, Spent, install_beside, train_and_save

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from packaging.utils import NormalizedName

    from ..authors.source import Source
    from ..running.closure import Installed
    from ..running.environments import Builder

ITS_FORMATS = frozenset({"cloudpickle", "skops"})
"""The formats of its own model files."""
ORIGINAL = "# Original requirements"


@dataclass(frozen=True, slots=True)
class MLflow:
    """`mlflow.<flavor>.save_model`."""

    name: str
    title: str
    lock: bool = False

    @property
    def key(self) -> str:
        return f"{_requirement()} lock={self.lock}"

    def capture(self, source: Source, builder: Builder, folder: Path) -> Captured:
        environment = install_beside(source, builder, _requirement())
        code = [str(source.development / place) for place in source.case.first_party.values()]
        variables = {
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
            "MLFLOW_LOCK_MODEL_DEPENDENCIES": "true" if self.lock else "false",
        }
        options = {"code_paths": code} if code else {}
        report = train_and_save(
            "save_mlflow.py",
            _requirement(),
            source,
            builder,
            environment,
            folder,
            options,
            variables,
        )
        if "failed" in report:
            raise CaptureError(self.name, f"{report['failed']['type']}: {report['notes'][-1]}")
        return Captured(
            spent=Spent(report["wall"], report["cpu"]),
            requirements="model/requirements.txt",
            loader="mlflow",
            code="model/code",
            notes=(report["flavor"], *report["notes"]),
        )


@dataclass(frozen=True, slots=True)
class WithoutItself:
    """What MLflow wrote, without what only MLflow needs; the model is loaded by hand."""

    name: str
    title: str
    whole: MLflow

    @property
    def key(self) -> str:
        return self.whole.key

    def capture(self, source: Source, builder: Builder, folder: Path) -> Captured:
        captured, origin = capture_once(self.whole, source, builder)
        if captured.failed:
            return captured
        installed = read_installed(install_beside(source, builder, _requirement()).site_packages)
        needed = {canonicalize_name(root.name) for root in source.case.roots}
        written = (origin / captured.requirements).read_text("utf-8")
        kept = take_out(written, ITS_FORMATS - needed, installed, builder.markers())
        (folder / "requirements.txt").write_text(kept, "utf-8")
        return replace(captured, requirements="requirements.txt", loader="pickle", code=None)


def take_out(
    requirements: str, formats: Iterable[str], installed: Installed, markers: Mapping[str, str]
) -> str:
    """Return the lines without mlflow and `formats`, and without what only those brought in.

    What a line of a lock is there for follows from the requirements that were locked, which the
    file has as comments, and from the metadata of what is `installed`.
    """
    lines = requirements.splitlines()
    roots = _roots(lines)
    out = {"mlflow", *formats}
    kept_roots = [line for line in roots or lines if _name(line) not in out]
    if not roots:
        return "\n".join(kept_roots) + "\n"
    wanted = [Requirement(line) for line in kept_roots]
    # MLflow names a module's best known distribution, which need not be the installed one.
    there = [_bare(root) for root in wanted if canonicalize_name(root.name) in installed]
    needed = {canonicalize_name(root.name) for root in wanted} | set(
        closure(there, installed, markers)
    )
    locked = [line for line in lines if line and not line.startswith("#")]
    return "\n".join(line for line in locked if _name(line) in needed) + "\n"


def _roots(lines: list[str]) -> list[str]:
    """Return what was locked, from the comments at the head of a lock; nothing of another file."""
    if ORIGINAL not in lines:
        return []
    after = lines[lines.index(ORIGINAL) + 1 :]
    return [line[2:] for line in after[: after.index("#")]]


def _bare(requirement: Requirement) -> Requirement:
    extras = ",".join(sorted(requirement.extras))
    return Requirement(f"{requirement.name}[{extras}]" if extras else requirement.name)


def _name(line: str) -> NormalizedName | None:
    try:
        return canonicalize_name(Requirement(re.sub(r"\s#.*$", "", line)).name)
    except InvalidRequirement:
        return None


def _requirement() -> str:
    return f"mlflow=={read_pins(TOOL_PINS)[canonicalize_name('mlflow')]}"
