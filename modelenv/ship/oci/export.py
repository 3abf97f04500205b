"""Write a saved model in a format that needs no builder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from ...base import arguments
from ...base.doors import door
from ...base.files.scratch import scratch_folder
from ...base.indexes import AS_CONFIGURED, Indexes
from ...base.settings import Settings
from ...environments.spec import Report, silent
from ...folder.model_folder import ModelFolder
from ...wheels.targets import this_platform
from ..context import check_unchanged, copy_model
from ..engines.names import ImageName, name_of
from ..image import ImageOptions, ImagePlan
from ..plan import check_server, minor_version, planned
from .base import packages
from .ground import Ground
from .write import ExportedImage, check_target, write

Format = Literal["oci-layout"]


@door
def export_model(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    to: Format = "oci-layout",
    base: str | os.PathLike[str],
    name: str | None = None,
    platform: str | None = None,
    server: bool = True,
    system_packages: str | Iterable[str] = (),
    base_has: str | Iterable[str] = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> ExportedImage:
    """Write a saved model as a runnable image, in the format `to`, without any builder.

    An OCI image layout is written upon the layout `base`: a folder or a tar, followed by ``:NAME``
    if it has several images. The result is a folder, or a tar if `output` ends in ``.tar``, which
    ``docker load`` accepts. `name` is the name of the image in it. Nothing is run in the image, so
    the base must have the Debian packages that the model needs: by its list of packages, by its
    files, or because `base_has` names them. Raises NoImageError, and the errors of locking.
    """
    arguments.choice("to", to, _FORMATS)
    if name is not None:
        ImageName.read(name)
    target = arguments.path("output", output).absolute()
    check_target(target)
    model = ModelFolder.open(folder)
    options = ImageOptions(
        base=os.fspath(base),
        platform=platform,
        server=server,
        wheelhouse=True,  # layers are made of local wheels
        system_packages=arguments.texts("system_packages", system_packages),
        indexes=indexes,
    )
    # A fault of the base is reported before the pins are locked, which takes longer.
    python = minor_version(model)
    check_server(python, options)
    ground = Ground.read(os.fspath(base), platform or this_platform(), python, report)
    plan = planned(model, options, report, packages.release(ground.tree))
    there = frozenset(arguments.texts("base_has", base_has))
    taken = [each for each in plan.packages if each.package in there]
    lacking = tuple(each for each in plan.packages if each.package not in there)
    called = name or name_of(model.path.name)
    with scratch_folder() as scratch:
        report("copying the model")
        copy = scratch / model.path.name
        left = copy_model(model.path, copy)
        check_unchanged(model)
        exported = _FORMATS[to](
            replace(plan, folder=copy, packages=lacking), target, called, ground, report
        )
    said = (f"the base has, as stated, {each.package}: {each.why}" for each in taken)
    notes = tuple(f"left out by .dockerignore: {each}" for each in left)
    return replace(exported, notes=(*exported.notes, *said, *notes))


def _oci_layout(
    plan: ImagePlan, target: Path, name: str, ground: Ground, report: Report
) -> ExportedImage:
    return write(plan, target, name, Settings.from_environment(), report, ground)


_FORMATS: Mapping[str, Callable[[ImagePlan, Path, str, Ground, Report], ExportedImage]] = {
    "oci-layout": _oci_layout,
}
"""The writer of each format; the plan's folder is a copy that it may use up."""
