"""The pins of the source environments: one version of each distribution, as of a day."""

from __future__ import annotations

from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

FOLDER = Path(__file__).resolve().parent
PINS = FOLDER / "pins.txt"
"""The day of the cases that name no other file."""

ALWAYS_INSTALLED = ("cloudpickle", "pip")
"""What every source environment holds beside its case's own: the pickler and the installer."""


def read_pins(file: Path = PINS) -> dict[NormalizedName, Version]:
    """Return the name and version of each line of a file of `name==version` lines."""
    lines = (line.strip() for line in file.read_text("utf-8").splitlines())
    parts = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in parts}
