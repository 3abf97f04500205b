"""The names of what stands in a model's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOADER = "modelenv_pyfunc_loader"
LOADER_SOURCE = Path(__file__).parent.parent / "loader.py"
"""The loader that travels with a model, where it stands here."""
MODEL = "model.pkl"
SCRIPT = "model.py"
LOCK = "pylock.toml"
CODE = "code"
NOTHING: Mapping[str, Any] = {"type": "none"}
"""The description of an example that is not there, and of what was predicted on it."""
