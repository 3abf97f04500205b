"""Make an image of a plan upon an image layout, without running anything or privileges."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...base.files.scratch import scratch_folder
from ...base.settings import Settings
from ...environments.spec import Report, silent
from ...wheels.locked_environment import LockedEnvironment
from ..errors import NoImageError
from ..image import (
    MODEL,
    MODEL_ENVIRONMENT,
    SERVER_ENVIRONMENT,
    UNSET,
    ImagePlan,
    Runtime,
)
from . import layer as layers
from . import layout, wheels
from .base.tree import Tree
from .environment import Compiler, lay_out
from .ground import Ground
from .layer import Layer

TAR = ".tar"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedImage:
    """An image that was written."""

    place: Path
    reference: str
    """The name of the image in the export."""
    digest: str
    """The digest of its manifest, by which a registry knows it."""
    platform: str
    layers: tuple[Layer, ...]
    """The layers upon the base, the model's last."""
    base: str
    """The digest of the base's manifest."""
    compiler: str
    """The release of Python that compiled its bytecode; empty if it has none."""
    needs: tuple[str, ...]
    """Sentences on what a user has to provide at run time."""
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Return its place, its layers, and the remarks on it."""
        lines = [f"{self.place}: {self.reference}, {self.platform}", f"  {self.digest}"]
        lines += [
            f"  {each.what}: {each.unpacked / 1e6:.1f} MB, {each.blob.size / 1e6:.1f} compressed"
            f"{each.made and f', {each.made}'}"
            for each in self.layers
        ]
        return "\n".join((*lines, *self.needs, *self.notes))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
        return {
            "schema": 1,
            "place": str(self.place),
            "reference": self.reference,
            "digest": self.digest,
            "platform": self.platform,
            "base": self.base,
            "compiler": self.compiler or None,
            "layers": [
                {"what": each.what, "diff_id": each.diff_id, "unpacked": each.unpacked}
                | each.blob.document()
                for each in self.layers
            ],
            "needs": [*self.needs],
            "notes": [*self.notes],
        }


def write(
    plan: ImagePlan,
    output: Path,
    reference: str,
    settings: Settings,
    report: Report = silent,
    ground: Ground | None = None,
) -> ExportedImage:
    """Write the image of a plan, whose base is an image layout, as another layout.

    It is a folder, or a tar if `output` ends in ``.tar``. The plan's environments consist of local
    wheels. `ground` is the base, if it was read already. Raises NoImageError for a model that
    cannot be put into an image in this way.
    """
    is_tar = output.name.lower().endswith(TAR)
    check_target(output)
    ground = ground or Ground.read(plan.base, plan.platform, plan.python, report)
    ground.check(plan)
    environments = [
        (f"{each.name} environment", place, wheels.choose(each, ground.fit))
        for each, place in _environments(plan)
    ]
    compiler = Compiler.of(_release(plan, ground), settings)
    with scratch_folder() as scratch:
        made = [
            *_iter_environments(environments, ground, compiler, scratch, report),
            _model(plan, ground.tree, scratch, report),
        ]
        image = layout.assemble(plan, ground.base, made, Runtime.of(plan))
        report(f"writing {output}")
        write = layout.write_tar if is_tar else layout.write_folder
        write(image, output, reference)
    return ExportedImage(
        place=output,
        reference=reference,
        digest=image.manifest.digest,
        platform="/".join(image.platform.values()),
        layers=tuple(made),
        base=ground.base.manifest.digest,
        compiler=compiler.version if compiler is not None else "",
        needs=plan.needs,
        notes=tuple(_iter_notes(plan, ground, compiler)),
    )


def _release(plan: ImagePlan, ground: Ground) -> str:
    """Return the release to compile for: the base's, else the model's, else the minor version."""
    said = (ground.fit.python.version, plan.labels.get("modelenv.python", ""))
    exact = (each for each in said if each.startswith(f"{plan.python}."))
    return next((each for each in exact if each.count(".") > 1), plan.python)


def check_target(output: Path) -> None:
    """Raise NoImageError if something exists at the place, before any work is done."""
    is_new = not output.exists() or (output.is_dir() and not any(output.iterdir()))
    if not is_new:
        raise NoImageError(str(output), "it exists already", "choose another path, or remove it")
    if not output.absolute().parent.is_dir():
        raise NoImageError(str(output), f"there is no folder {output.absolute().parent}")


def _environments(plan: ImagePlan) -> Iterator[tuple[LockedEnvironment, str]]:
    """Yield the environments with their places, the one that changes least first."""
    if plan.server is not None:
        yield plan.server, SERVER_ENVIRONMENT
    yield plan.model, MODEL_ENVIRONMENT


def _iter_environments(
    environments: Sequence[tuple[str, str, tuple[Path, ...]]],
    ground: Ground,
    compiler: Compiler | None,
    scratch: Path,
    report: Report,
) -> Iterator[Layer]:
    """Yield the layer of each environment; its unpacked files are removed after that."""
    by = f"bytecode by Python {compiler.version}" if compiler is not None else "no bytecode"
    for what, place, chosen in environments:
        real, above = ground.tree.parents(place)
        root = scratch / "root"
        lay_out(chosen, ground.fit.python, place, root, compiler, report)
        report(f"writing the layer of the {what}")
        source = root / place.lstrip("/")
        yield replace(layers.write(what, source, real, above, scratch), made=by)
        shutil.rmtree(root)


def _model(plan: ImagePlan, tree: Tree, scratch: Path, report: Report) -> Layer:
    """Return the layer of the model, the last one, since all others depend only on the pins."""
    report("writing the layer of the model")
    real, above = tree.parents(MODEL)
    return layers.write("model", plan.folder, real, above, scratch)


def _iter_notes(plan: ImagePlan, ground: Ground, compiler: Compiler | None) -> Iterator[str]:
    left = [name for name in UNSET if ground.base.variables.get(name)]
    if left:
        yield (
            f"not inherited from the base, since they change what Python does: {', '.join(left)}"
        )
    if compiler is None:
        yield (
            f"there is no Python {plan.python} here, so the environments hold no bytecode: every"
            " start of the image compiles what it imports"
        )
    elif _release(plan, ground) not in {compiler.version, plan.python}:
        yield (
            f"the bytecode is from Python {compiler.version}, since there is no"
            f" {_release(plan, ground)} here: it is valid, but the digests of these layers may"
            " differ from those that the other release gives"
        )
