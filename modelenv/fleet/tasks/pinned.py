"""What a model pins, in a word: models with the same share what is done for their pins."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from ...base.errors import ModelenvError
from ...base.siblings import envfiles
from ...folder.model_folder import ModelFolder

UNKNOWN = ""
"""The key where the environment of a model cannot be read."""


def pin_key(folder: Path) -> str:
    """Return the key of what the model in a folder pins; empty where that cannot be read."""
    try:
        pins = ModelFolder(folder).pins
        return key_of(pins.spec, closed=pins.closed)
    except (ModelenvError, envfiles.EnvFilesError, OSError):
        return UNKNOWN


def key_of(spec: envfiles.EnvSpec, *, closed: bool) -> str:
    """Return the key of what an environment pins: its Python, its lines, and where they lead.

    Neither the order of lines nor their hashes and reasons are a part of it; whether they are
    `closed`, and nothing else is needed, is.
    """
    lines = sorted(each.requirement for each in spec.requirements)
    said = (
        *(spec.python, closed, lines, sorted(spec.options), sorted(spec.constraints)),
        *(sorted(spec.conda_dependencies), sorted(spec.unnamed)),
    )
    return blake2b(repr(said).encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
