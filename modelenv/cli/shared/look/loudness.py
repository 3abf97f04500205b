"""How much a command prints: only the answer, what matters, or every fact."""

from __future__ import annotations

from typing import Literal

import click

from ..bundles import together

Loudness = Literal["quiet", "usual", "verbose"]

VERBOSE = "-v"
"""The option for all facts."""
_META = "modelenv.loudness"


def _choose(ctx: click.Context, option: click.Parameter, chosen: bool) -> None:
    if not chosen:
        return
    name: Loudness = "quiet" if option.name == "quiet" else "verbose"
    if ctx.meta.setdefault(_META, name) != name:
        raise click.UsageError("-q and -v contradict each other", ctx)


loudness_options = together(
    click.option(
        "-q",
        "--quiet",
        is_flag=True,
        expose_value=False,
        callback=_choose,
        help="Print only the answer, in a line, and errors.",
    ),
    click.option(
        VERBOSE,
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_choose,
        help="Print every fact; without it a terminal shows only the first items of long lists.",
    ),
)
"""The options of a command that reports; `loudness` reads them."""


def loudness() -> Loudness:
    """Return how much the running command has to print."""
    context = click.get_current_context(silent=True)
    asked: Loudness = "usual" if context is None else context.meta.get(_META, "usual")
    return asked


def is_quiet() -> bool:
    """Return whether the running command has to print only its answer."""
    return loudness() == "quiet"


def is_verbose() -> bool:
    """Return whether the command that runs was asked for every fact."""
    return loudness() == "verbose"
