"""Printed output without foreign control characters and secrets, in any encoding."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TypeGuard

import click
import click.utils

_META = "modelenv.mask"


def shown(text: str) -> str:
    """Return a text that is safe to print, whatever its source."""
    from ...base.text import visible

    return visible(_mask()(text))


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text that may contain parts from others."""
    click.echo(shown(text), nl=nl, err=err)


def echo_styled(text: str, *, err: bool = False) -> None:
    """Print a text that was laid out for whoever looks: its colours are our own."""
    click.echo(text, color=True, err=err)


def echo_json(document: Any, *, indent: int | None = 2, nl: bool = True, err: bool = False) -> None:
    """Print a JSON document with secrets hidden in its values; its keys are unchanged."""
    import json

    from ...base.text import visible

    mask = _mask()
    if mask is not str:  # otherwise the mask cannot be imported
        from ...base.addresses.masks import masked

        document = masked(document, mask)
    click.echo(visible(json.dumps(document, indent=indent)), nl=nl, err=err)


def is_of_output(error: BaseException) -> TypeGuard[OSError]:
    """Return whether an error came from printing: it names no file, and was raised here."""
    if not isinstance(error, OSError) or error.filename is not None:
        return False
    from traceback import walk_tb

    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_code.co_filename in (click.utils.__file__, __file__)


def give_up_output(refused: OSError) -> None:
    """Report that standard output is not writable, and why, and discard the rest of it."""
    drop_output()
    said = f"standard output takes nothing: {refused.strerror}"
    try:
        echo(f"modelenv: {said}. What the command did is done; what it says is lost.", err=True)
    except OSError:
        drop_errors()


def drop_output() -> None:
    """Redirect standard output to the null device, so that nothing fails to be flushed at exit."""
    _drop(1)


def drop_errors() -> None:
    """Redirect standard error to the null device; a flush that fails would change the status."""
    _drop(2)


def _drop(number: int) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)


@contextmanager
def any_encoding() -> Iterator[None]:
    r"""Escape characters that standard output cannot encode as ``\u4e2d``, as stderr does."""
    stream = sys.stdout
    if not isinstance(stream, TextIOWrapper) or stream.errors != "strict":
        yield
        return
    stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        stream.reconfigure(errors="strict")


def _mask() -> Callable[[str], str]:
    """Return the mask of this environment's secrets, made once per command."""
    context = click.get_current_context(silent=True)
    known = context.meta if context is not None else {}
    if _META not in known:
        known[_META] = _new_mask()
    made: Callable[[str], str] = known[_META]
    return made


def _new_mask() -> Callable[[str], str]:
    from ...base.errors import SiblingMissingError, SiblingOverwrittenError
    from ...base.settings import Settings

    try:
        from ...base.addresses.masks import Mask
    except (SiblingMissingError, SiblingOverwrittenError):  # this very error will be printed
        return str
    return Mask.of(Settings.from_environment().environment)
