"""Say on a terminal what takes time; elsewhere nothing."""

from __future__ import annotations

import sys

import click

from ..isolation.wanted import Report, silent


def progress() -> Report:
    """Return what tells the user, on standard error where that is a terminal."""
    return _tell if sys.stderr.isatty() else silent


def _tell(what: str) -> None:
    click.echo(click.style(f"{what} …", dim=True), err=True)
