"""The environment of a Ray job, task or actor: ``ray job submit --runtime-env FILE``."""

from __future__ import annotations

from typing import Any

from ...base.siblings import envfiles
from ...base.text import few
from ...pins.package_sources import WHEELS
from ..exported import FormDraft
from ..lists.requirements import iter_options
from ..pinning.pinned import plain
from ..subject import Subject

_WORKING = "${RAY_RUNTIME_ENV_CREATE_WORKING_DIR}"
"""The variable that Ray replaces by a job's working directory in pip's option lines."""


def runtime_env(subject: Subject) -> FormDraft:
    """Return the runtime environment: the pins for pip, installed without dependencies."""
    name = subject.folder.path.resolve().name
    wheels = f"--find-links {_WORKING}/{name}/{WHEELS}"
    options = [each for each in iter_options(subject) if not each.endswith(f"/{WHEELS}")]
    hashed = subject.pinned.is_hashed
    lines = [
        " ".join((plain(entry), *(entry.options if hashed else ())))
        for entry in subject.pinned.entries
    ]
    document: dict[str, Any] = {
        "pip": {
            "packages": [*([wheels] if subject.bundled else []), *options, *lines],
            "pip_check": False,
            "pip_install_options": ["--no-deps", "--disable-pip-version-check"],
        },
    }
    if subject.folder.mlmodel.variables:
        document["env_vars"] = dict(subject.folder.mlmodel.variables)
    unsaid = [*subject.iter_unsaid(python=True, system=True)]
    unsaid.append(
        f"the model itself: it travels in the job's folder (--working-dir, which contains {name})"
    )
    notes = [*subject.iter_unhashed(), *subject.iter_logins()]
    if subject.bundled:
        said = few(sorted(subject.bundled))
        notes.append(f"the wheels of {said} are searched below the job's folder, in {name}")
    text = f"# The environment of {name}, pinned; written by modelenv.\n"
    return FormDraft(
        files={subject.output.name: text + envfiles.dump_yaml(document)},
        unexpressed=tuple(unsaid),
        notes=tuple(notes),
    )
