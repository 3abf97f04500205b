"""Print the result of a command: as a page on a terminal, else as plain text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..terminal import echo, echo_styled, shown
from .loudness import loudness

if TYPE_CHECKING:
    from .blocks import Page
    from .screen import Screen

_PAGES = {
    "modelenv.save.account.Account": "saved.account",
    "modelenv.worker.verdict.Verdict": "saved.verdict",
    "modelenv.run.cross_check.CrossCheck": "saved.opinion",
    "modelenv.run.inspect.Inspection": "folders.inspection",
    "modelenv.edit.requirements.Edited": "folders.edited",
    "modelenv.edit.lock.Locking": "folders.locking",
    "envfiles.diff.Difference": "folders.difference",
    "modelenv.cli.shared.look.listed.ListedPins": "folders.listed",
    "modelenv.repair.why.Why": "repairs.why",
    "modelenv.repair.diagnosis.Diagnosis": "repairs.diagnosis",
    "modelenv.repair.mend.steps.Fixed": "repairs.fixed",
    "modelenv.repair.minimize.Minimized": "repairs.minimized",
}
"""The function that makes the page of a value, by its class: of others their text is laid out."""


def tell(*values: Any, plain: str | None = None) -> None:
    """Print values one below the other; `plain` is what a pipe gets, None: their texts.

    If only the answer is requested, that is the headline of the first.
    """
    screen, asked = _screen(), loudness()
    if screen is None and asked != "quiet":
        echo("\n".join(map(str, values)) if plain is None else plain)
        return
    page = tuple(block for value in values for block in page_of(value))
    page = page[:1] if asked == "quiet" else page
    if screen is None:
        echo(str(page[0]))
        return
    from .draw import Pen

    echo_styled(Pen(screen, shown, verbose=asked == "verbose").draw(page))


def _screen() -> Screen | None:
    """Return what standard output is shown on; None if that takes plain text alone."""
    from ....base.settings import Settings

    settings = Settings.from_environment()
    if not (sys.stdout.isatty() or settings.forces_colours):
        return None
    from .screen import Screen

    return Screen.of(sys.stdout, settings)


def page_of(value: Any) -> Page:
    """Return the page of a value, by its class."""
    kind = type(value)
    module, _, name = _PAGES.get(f"{kind.__module__}.{kind.__qualname__}", "texts.text").partition(
        "."
    )
    make: Callable[[Any], Page] = getattr(import_module(f".{module}", __package__), name)
    return make(value)
