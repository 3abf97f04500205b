"""Why something cannot be written in a form."""

from __future__ import annotations

from ..base.errors import NotMadeError


class NotExportedError(NotMadeError):
    """A model that cannot be said in a form, or a place that it cannot be written to."""
