"""A development container (containers.dev) with the model's Python and pins."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

from ...base.text import few
from ..errors import NotExportedError
from ..exported import FormDraft
from ..lists.requirements import listed
from ..subject import Subject

_FOLDER, _PINS = ".devcontainer", "requirements.txt"
_REGISTRY = "docker.io/library"
"""Spelled out: podman and buildah have no default registry."""
_PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}


def devcontainer(subject: Subject) -> FormDraft:
    """Return ``.devcontainer/devcontainer.json``, and the pins beside it.

    Raises NotExportedError if wheels that travel are at a path that the container does not mount.
    """
    if subject.bundled and not subject.is_below:
        reason = f"{few(sorted(subject.bundled))}: the container does not mount the model's wheels"
        way = f"choose a folder above the model (-o {subject.folder.path.parent})"
        raise NotExportedError(str(subject.output), reason, way)
    platform = _PLATFORMS.get(subject.pinned.target.markers["platform_machine"])
    install = ["python", "-m", "pip", "install", "--disable-pip-version-check"]
    install += ["--no-deps", "-r", f"{_FOLDER}/{_PINS}"]
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
        unsaid.append("the versions of Debian packages: the newest of the image's release")
    if not subject.is_below:
        unsaid.append("the model: it is outside the folder that the container mounts")
    inside = replace(subject, base=subject.base / _FOLDER)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return FormDraft(
        files={
            f"{_FOLDER}/devcontainer.json": f"{text}\n",
            f"{_FOLDER}/{_PINS}": listed(inside, _PINS),
        },
        unexpressed=tuple(unsaid),
        notes=(*subject.iter_unhashed(), *subject.iter_logins()),
    )


def _apt(subject: Subject) -> str:
    packages = shlex.join(subject.system_packages)
    return f"apt-get update && apt-get install -y --no-install-recommends {packages}"
