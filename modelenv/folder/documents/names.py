"""The names of the files and folders of a model folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOADER = "modelenv_pyfunc_loader"
LOADER_SOURCE = Path(__file__).resolve().parent.parent / "loader.py"
"""The source of the loader that travels with a model."""
MODEL = "model.pkl"
SCRIPT = "model.py"
LOCK = "pylock.toml"
CODE = "code"
NOTHING: Mapping[str, Any] = {"type": "none"}
"""The description of a missing example, and of the prediction on it."""
