"""Write a saved model in a format that needs no builder."""

from __future__ import annotations

import os
import re
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
from ..context import check_unchanged, copy_model
from ..errors import NoImageError
from ..image import ImageOptions, ImagePlan, served_name
from ..plan import planned, this_platform
from .base import image as bases
from .base import packages
from .write import ExportedImage, check_target, write

_NAME = re.compile(r"[a-z0-9][\w.:/-]*", re.ASCII)
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
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> ExportedImage:
    """Write a saved model as something that runs, in the format `to`, without any builder.

    An OCI image layout stands on the one that is `base`: a folder, or a tar of it, and ``:NAME``
    where it has several images. It is a folder too, or a tar where `output` ends in ``.tar``, which
    ``docker load`` takes. `name` is what the image is called there. Nothing is run in it, so what
    it needs of Debian has to be in the base. Raises NoImageError, and what locking raises.
    """
    arguments.choice("to", to, _FORMATS)
    if name is not None and not _NAME.fullmatch(name):
        raise NoImageError(name, "an image is not called so", "write a name as wine or wine:1")
    target = arguments.path("output", output).absolute()
    check_target(target)
    model = ModelFolder.open(folder)
    options = ImageOptions(
        base=os.fspath(base),
        platform=platform,
        server=server,
        wheelhouse=True,  # layers are made of wheels that are here
        system_packages=arguments.texts("system_packages", system_packages),
        indexes=indexes,
    )
    stands_on = bases.read(os.fspath(base), platform or this_platform())
    plan = planned(model, options, report, packages.release(stands_on))
    called = name or served_name(model.path.name).lower().strip("_")
    with scratch_folder() as scratch:
        report("copying the model")
        copy = scratch / model.path.name
        left = copy_model(model.path, copy)
        check_unchanged(model)
        exported = _FORMATS[to](replace(plan, folder=copy), target, called, report)
    notes = tuple(f"left out by .dockerignore: {each}" for each in left)
    return replace(exported, notes=(*exported.notes, *notes))


def _oci_layout(plan: ImagePlan, target: Path, name: str, report: Report) -> ExportedImage:
    return write(plan, target, name, Settings.from_environment(), report)


_FORMATS: Mapping[str, Callable[[ImagePlan, Path, str, Report], ExportedImage]] = {
    "oci-layout": _oci_layout,
}
"""What writes a model in each format: from its plan, whose folder is a copy."""
