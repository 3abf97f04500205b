"""Progress on a terminal; elsewhere none."""

from __future__ import annotations

import sys

import click

from ..base.settings import Settings
from ..environments.spec import Report, silent


def progress() -> Report:
    """Return a function that prints to standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        return silent
    dim = Settings.from_environment().colours

    def tell(what: str) -> None:
        click.echo(click.style(f"{what} …", dim=True) if dim else f"{what} …", err=True)

    return tell
