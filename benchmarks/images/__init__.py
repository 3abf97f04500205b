"""How does an image of a model compare with that of the Dockerfile that MLflow writes?"""

from __future__ import annotations

from .command import main

__all__ = ["main"]
