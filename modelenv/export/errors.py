"""The error of a model or place that cannot be exported."""

from __future__ import annotations

from ..base.errors import NotMadeError


class NotExportedError(NotMadeError):
    """A model that a format cannot represent, or a place that cannot be written to."""
