"""Images of models, compared with that of the Dockerfile that MLflow writes."""

from __future__ import annotations

from .command import main

__all__ = ["main"]
