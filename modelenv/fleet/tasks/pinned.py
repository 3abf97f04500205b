"""What a model pins, in a word: models with the same share what is done for their pins."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from ...base.errors import ModelenvError
from ...base.siblings import envfiles
from ...folder.model_folder import ModelFolder
from ...pins.pin_set import PinSet

UNKNOWN = ""
"""The key where the environment of a model cannot be read."""


def pin_key(folder: Path) -> str:
    """Return the key of what the model in a folder pins; empty where that cannot be read."""
    try:
        return key_of(ModelFolder(folder).pins)
    except (ModelenvError, envfiles.EnvFilesError, OSError):
        return UNKNOWN


def key_of(pins: PinSet) -> str:
    """Return the key of a pin set: its Python, its lines and where they lead, in no order.

    Hashes and the reasons of lines are no part of it.
    """
    spec = pins.spec
    lines = sorted(each.requirement for each in spec.requirements)
    said = (
        *(spec.python, pins.closed, lines, sorted(spec.options), sorted(spec.constraints)),
        *(sorted(spec.conda_dependencies), sorted(spec.unnamed), sorted(pins.tools)),
    )
    return blake2b(repr(said).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
