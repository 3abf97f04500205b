"""Do old models run again after `modelenv revive`, where MLflow and uv by hand fail?"""

from __future__ import annotations

from .command import main

__all__ = ["main"]
