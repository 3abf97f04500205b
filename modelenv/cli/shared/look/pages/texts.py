"""The page of a value without a layout of its own: its text."""

from __future__ import annotations

from typing import Any

from ..blocks import Facts, Headline, Page, Tone


def text(value: Any) -> Page:
    """Return the page of a text: its first line is the answer."""
    first, *rest = str(value).split("\n")
    good = getattr(value, "good", None)
    tone: Tone = "plain" if good is None else "good" if good else "bad"
    return (Headline(first, tone), *(line(each) for each in rest))


def line(said: str) -> Facts:
    """Return a line, as deep as it stands."""
    return Facts("", (said,), folds=False)
