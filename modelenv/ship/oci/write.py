"""Make an image of a plan upon an image layout: nothing runs in it, no privilege is needed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...base.files.scratch import scratch_folder
from ...base.settings import Settings
from ...environments.spec import Report, silent
from ..errors import NoImageError
from ..image import (
    MODEL,
    MODEL_ENVIRONMENT,
    ROOT,
    SERVER_ENVIRONMENT,
    UNSET,
    ImagePlan,
    LockedEnvironment,
    Runtime,
)
from . import layer as layers
from . import layout, wheels
from .base import image as bases
from .base import packages, present, python
from .base.tree import Tree
from .environment import Compiler, lay_out
from .layer import Layer

TAR = ".tar"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedImage:
    """An image that was written."""

    place: Path
    reference: str
    """What it is called in there."""
    digest: str
    """Of its manifest: what a registry knows it by."""
    platform: str
    layers: tuple[Layer, ...]
    """What was put upon the base, the model last."""
    base: str
    """The digest of the manifest of what it stands on."""
    needs: tuple[str, ...]
    """What whoever runs it has to provide, as sentences."""
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Say where it is, what it is made of, and what is to be known of it."""
        lines = [f"{self.place}: {self.reference}, {self.platform}", f"  {self.digest}"]
        lines += [
            f"  {each.what}: {each.unpacked / 1e6:.1f} MB, {each.blob.size / 1e6:.1f} compressed"
            for each in self.layers
        ]
        return "\n".join((*lines, *self.needs, *self.notes))

    def to_json(self) -> dict[str, Any]:
        """Return it as a document."""
        return {
            "schema": 1,
            "place": str(self.place),
            "reference": self.reference,
            "digest": self.digest,
            "platform": self.platform,
            "base": self.base,
            "layers": [
                {"what": each.what, "diff_id": each.diff_id, "unpacked": each.unpacked}
                | each.blob.document()
                for each in self.layers
            ],
            "needs": [*self.needs],
            "notes": [*self.notes],
        }


def write(
    plan: ImagePlan, output: Path, reference: str, settings: Settings, report: Report = silent
) -> ExportedImage:
    """Write the image of a plan, whose base is an image layout, as another one.

    It is a folder, or a tar where `output` ends in ``.tar``. The plan's environments are of wheels
    that are here. Raises NoImageError for what cannot be put into an image so.
    """
    is_tar = output.name.lower().endswith(TAR)
    check_target(output)
    report(f"reading {plan.base}")
    base = bases.read(plan.base, plan.platform)
    tree = base.tree(_kept)
    fit = _fit(plan, base, tree)
    environments = [
        (f"{each.name} environment", place, wheels.choose(each, fit))
        for each, place in _environments(plan)
    ]
    compiler = Compiler.of(plan.python, settings)
    with scratch_folder() as scratch:
        made = [
            *_iter_environments(environments, fit.python, tree, compiler, scratch, report),
            _model(plan, tree, scratch, report),
        ]
        image = layout.assemble(plan, base, made, Runtime.of(plan))
        report(f"writing {output}")
        write = layout.write_tar if is_tar else layout.write_folder
        write(image, output, reference)
    return ExportedImage(
        place=output,
        reference=reference,
        digest=image.manifest.digest,
        platform="/".join(image.platform.values()),
        layers=tuple(made),
        base=base.manifest.digest,
        needs=plan.needs,
        notes=tuple(_iter_notes(plan, base, compiler)),
    )


def _kept(path: str) -> int:
    """Return how many bytes of a file of the base are kept."""
    return max(packages.kept(path), python.kept(path))


def check_target(output: Path) -> None:
    """Raise NoImageError where something stands already: before the work, not after it."""
    is_new = not output.exists() or (output.is_dir() and not any(output.iterdir()))
    if not is_new:
        raise NoImageError(str(output), "it is there already", "choose another path, or remove it")
    if not output.absolute().parent.is_dir():
        raise NoImageError(str(output), f"there is no folder {output.absolute().parent}")


def _fit(plan: ImagePlan, base: bases.BaseImage, tree: Tree) -> wheels.Fit:
    """Return what wheels have to fit. Raises NoImageError where the base is none for this model."""
    if tree.find(ROOT) is not None:
        reason = f"it has a {ROOT} already"
        raise NoImageError(base.where, reason, "take what that image itself stands on")
    found = python.find(tree, plan.python, base.variables, base.architecture, base.where)
    has = partial(present.has, tree, python=found, variables=base.variables)
    packages.check(plan.packages, tree, base.where, has)
    return wheels.Fit(found, packages.c_library(tree, base.where))


def _environments(plan: ImagePlan) -> Iterator[tuple[LockedEnvironment, str]]:
    """Yield the environments, what changes least first, each with where it stands."""
    if plan.server is not None:
        yield plan.server, SERVER_ENVIRONMENT
    yield plan.model, MODEL_ENVIRONMENT


def _iter_environments(
    environments: Sequence[tuple[str, str, tuple[Path, ...]]],
    found: python.BasePython,
    tree: Tree,
    compiler: Compiler | None,
    scratch: Path,
    report: Report,
) -> Iterator[Layer]:
    """Yield the layer of each environment: it is laid out, written, and gone."""
    for what, place, chosen in environments:
        real, above = tree.parents(place)
        root = scratch / "root"
        lay_out(chosen, found, place, root, compiler, report)
        report(f"writing the layer of the {what}")
        source = root / place.lstrip("/")
        yield layers.write(what, source, real, above, scratch)
        shutil.rmtree(root)


def _model(plan: ImagePlan, tree: Tree, scratch: Path, report: Report) -> Layer:
    """Return the layer of the model, which all that hangs on the pins alone comes before."""
    report("writing the layer of the model")
    real, above = tree.parents(MODEL)
    return layers.write("model", plan.folder, real, above, scratch)


def _iter_notes(plan: ImagePlan, base: bases.BaseImage, compiler: Compiler | None) -> Iterator[str]:
    left = [name for name in UNSET if base.variables.get(name)]
    if left:
        yield (
            f"not taken over from the base, since they change what Python does: {', '.join(left)}"
        )
    if compiler is None:
        yield (
            f"there is no Python {plan.python} here, so the environments hold no bytecode: every"
            " start of the image compiles what it imports"
        )
