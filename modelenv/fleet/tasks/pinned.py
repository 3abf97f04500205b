"""The key of a model's pins: models with the same key share work on their pins."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from ...base.errors import ModelenvError
from ...base.siblings import envfiles
from ...folder.model_folder import ModelFolder

UNKNOWN = ""
"""The key if the environment of a model cannot be read."""


def pin_key(folder: Path) -> str:
    """Return the key of the pins of the model in a folder; empty if they cannot be read."""
    try:
        pins = ModelFolder(folder).pins
        return key_of(pins.spec, closed=pins.closed)
    except (ModelenvError, envfiles.EnvFilesError, OSError):
        return UNKNOWN


def key_of(spec: envfiles.EnvSpec, *, closed: bool) -> str:
    """Return the key of an environment's pins: its Python, its lines, and its sources.

    It does not depend on the order of lines, their hashes and reasons; it does depend on whether
    they are `closed`, a complete closure.
    """
    lines = sorted(each.requirement for each in spec.requirements)
    said = (
        *(spec.python, closed, lines, sorted(spec.options), sorted(spec.constraints)),
        *(sorted(spec.conda_dependencies), sorted(spec.unnamed)),
    )
    return blake2b(repr(said).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
