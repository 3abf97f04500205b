"""A container to develop in (containers.dev): the Python of the model, and its pins installed."""

from __future__ import annotations

import json
import shlex
from typing import Any

from ..exported import FormDraft
from ..subject import Subject

_REGISTRY = "docker.io/library"
"""Spelled out: podman and buildah ask no registry that nobody named."""
_PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}


def devcontainer(subject: Subject) -> FormDraft:
    """Return ``.devcontainer/devcontainer.json``."""
    platform = _PLATFORMS.get(subject.pinned.target.markers["platform_machine"])
    install = ["python", "-m", "pip", "install", "--disable-pip-version-check"]
    # An open list, as MLflow's, is installed with all that it requires.
    install += ["--no-deps"] if subject.folder.pins.closed else []
    install += ["-r", f"{subject.model}/requirements.txt"]
    document: dict[str, Any] = {
        "name": subject.name,
        "image": f"{_REGISTRY}/python:{subject.python}",
        **({"runArgs": [f"--platform={platform}"]} if platform else {}),
        **({"onCreateCommand": _apt(subject)} if subject.system_packages else {}),
        "postCreateCommand": shlex.join(install),
    }
    if subject.folder.mlmodel.variables:
        document["containerEnv"] = dict(subject.folder.mlmodel.variables)
    unsaid = [*subject.iter_unsaid()]
    if subject.system_packages:
        unsaid.append("the versions of Debian's packages: the newest of the image's release")
    if not subject.is_below:
        unsaid.append("the model stands outside the folder that the container is given")
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return FormDraft(
        files={".devcontainer/devcontainer.json": f"{text}\n"},
        unexpressed=tuple(unsaid),
        notes=tuple(subject.iter_unhashed()),
    )


def _apt(subject: Subject) -> str:
    packages = shlex.join(subject.system_packages)
    return f"apt-get update && apt-get install -y --no-install-recommends {packages}"
