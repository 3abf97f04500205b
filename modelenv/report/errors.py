"""Errors of writing a page."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.errors import NotMadeError, WrongUseError


@dataclass(eq=False)
class TemplatesMissingError(WrongUseError):
    """Jinja, which writes the page, is not installed."""

    def __str__(self) -> str:
        return "what writes the page is not installed: pip install 'modelenv[report]'"


class NotReportedError(NotMadeError):
    """A place that no page can be written to."""
