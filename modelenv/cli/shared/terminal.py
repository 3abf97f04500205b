"""What is printed: no control characters but our own, no secrets, in any encoding."""

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
    """Return a text as it may be printed, whoever wrote what is in it."""
    from ...base.text import visible

    return visible(_mask()(text))


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text, which somebody else may have written a part of."""
    click.echo(shown(text), nl=nl, err=err)


def echo_styled(text: str) -> None:
    """Print a text that was laid out for whoever looks: its colours are our own."""
    click.echo(text, color=True)


def echo_json(document: Any, *, indent: int | None = 2, nl: bool = True, err: bool = False) -> None:
    """Print a JSON document: secrets are hidden in its texts, and its keys are as they are."""
    import json

    from ...base.text import visible

    mask = _mask()
    if mask is not str:  # else what hides them cannot be imported
        from ...base.addresses.masks import masked

        document = masked(document, mask)
    click.echo(visible(json.dumps(document, indent=indent)), nl=nl, err=err)


def is_of_output(error: BaseException) -> TypeGuard[OSError]:
    """Tell whether it was printing that failed: the error names no file, and came from here."""
    if not isinstance(error, OSError) or error.filename is not None:
        return False
    from traceback import walk_tb

    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_code.co_filename in (click.utils.__file__, __file__)


def give_up_output(refused: OSError) -> None:
    """Say that standard output takes nothing, and why, and drop what is left for it."""
    drop_output()
    said = f"standard output takes nothing: {refused.strerror}"
    echo(f"modelenv: {said}. What the command did is done; what it says is lost.", err=True)


def drop_output() -> None:
    """Let nothing of what standard output did not take be written at the end."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


@contextmanager
def any_encoding() -> Iterator[None]:
    r"""Let standard output have what its encoding lacks as ``\u4e2d``, as standard error does."""
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
    """Return what hides this environment's secrets, made once in a command."""
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
    except (SiblingMissingError, SiblingOverwrittenError):  # which is what will be printed
        return str
    return Mask.of(Settings.from_environment().environment)
