"""Errors raised while a page is written."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.errors import NotMadeError, WrongUseError


@dataclass(eq=False)
class TemplatesMissingError(WrongUseError):
    """Jinja, which renders the page, is not installed."""

    def __str__(self) -> str:
        return "Jinja, which renders the page, is not installed: pip install 'modelenv[report]'"


class NotReportedError(NotMadeError):
    """The page cannot be written to the given place."""
