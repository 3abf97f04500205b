"""modelenv, installed from this checkout beside the model's libraries."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..authors.schema import read_toml
from ..running.environments import content_key, folder_digest
from .tool import Captured, Spent, install_beside, train_and_save

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..authors.source import Source
    from ..running.environments import Builder

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGES = ("tracer", "resolver", "envfiles", "modelenv")

_SCRATCH = TemporaryDirectory(prefix="modelenv-checkout-")


@dataclass(frozen=True, slots=True)
class Modelenv:
    """`modelenv.save_model`."""

    name: str
    title: str
    options: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{_version()} {self.options}"

    def capture(self, source: Source, builder: Builder, folder: Path) -> Captured:
        project = read_toml(checkout_copy() / "pyproject.toml")["project"]
        environment = install_beside(source, builder, *project["dependencies"])
        builder.add(environment, builder.wheel(checkout_copy()))
        options = {**source.case.modelenv, **self.options}
        known = {"MODELENV_CACHE_DIR": str(folder / "cache")}
        report = train_and_save(
            "save_modelenv.py", _version(), source, builder, environment, folder, options, known
        )
        failed = report.get("failed")
        return Captured(
            spent=Spent(report["wall"], report["cpu"]),
            requirements="model/requirements.txt",
            loader="modelenv",
            code="model/code",
            failed=f"{failed['type']}: {failed['message']}" if failed else None,
            proof=report.get("proof"),
            guesses=tuple(report.get("guesses", ())),
        )


def _version() -> str:
    return content_key(*(folder_digest(checkout_copy() / name) for name in PACKAGES))


@cache
def checkout_copy() -> Path:
    """Copy what the checkout's wheel is made of, so that edits do not matter during a run."""
    project = Path(_SCRATCH.name)
    for name in PACKAGES:
        shutil.copytree(
            CHECKOUT / name, project / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", *_included()):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, project / name)
    return project


def _included() -> Iterator[str]:
    """Yield the files outside the packages that the wheel has."""
    build = read_toml(CHECKOUT / "pyproject.toml")["tool"]["hatch"]["build"]
    yield from build["targets"]["wheel"].get("force-include", {})
