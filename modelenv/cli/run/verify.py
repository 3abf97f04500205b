"""``modelenv verify``: a check that a saved model still gives its recorded prediction."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..options import json_option, model_option, python_option, run_options
from ..shared.look.loudness import is_quiet
from ..shared.progress import Progress
from ..shared.terminal import echo_json

if TYPE_CHECKING:
    from pathlib import Path

    from ...run.cross_check import CrossCheck
    from ...run.isolated import RunOptions

_ANY_LOCK = "that of the folder"


@click.command()
@model_option
@run_options
@python_option
@click.option(
    "--lock",
    is_flag=False,
    flag_value=_ANY_LOCK,
    default=None,
    metavar="[FILE]",
    help="Prove what a lock in the folder installs instead of the requirements: pylock.toml, else "
    "the uv.lock that MLflow put there, or the lock of this name.",
)
@click.option(
    "--index",
    is_flag=True,
    help="Ask the index, too, whether it has each pin; if one is in quarantine, nothing is run.",
)
@click.option("--deep", is_flag=True, help="Ask pip too what is installed here.")
@json_option
def verify(
    model: Path,
    how: RunOptions,
    *,
    python: str | None,
    lock: str | None,
    index: bool,
    deep: bool,
    as_json: bool,
) -> None:
    """Check that a saved model still gives its recorded prediction.

    It predicts on the recorded example in an environment that holds only the pins. The exit code
    is 1 if it fails, the prediction differs, or a second opinion does.

    \b
    Examples:
      modelenv verify -m churn_model                     in a replica if that can be
      modelenv verify -m churn_model --env-manager uv    in one that uv builds from the pins
      modelenv verify -m churn_model --python 3.14       would it run there?
      modelenv verify -m churn_model --lock              what pylock.toml installs
      modelenv verify -m churn_model --index --deep      ask the index and pip as well
    """
    from dataclasses import replace

    from ...run.cross_check import ask_index, ask_pip, not_run
    from ...run.verify import verify_again

    opinions = []
    with Progress.of_command() as tell:
        tell(f"reading {model}")
        wanted = True if lock == _ANY_LOCK else lock or False
        if index:  # first: what it says against a pin is why that cannot be built
            tell("asking the index")
            opinions.append(ask_index(model, indexes=how.indexes, lock=wanted))
        verdict = not_run(opinions[0]) if index else None
        if verdict is None:
            with _told_all_the_same(opinions):
                verdict = verify_again(model, replace(how, python=python, lock=wanted, report=tell))
        if deep:
            tell("asking pip")
            opinions.append(ask_pip(model))
    if as_json:
        said = {opinion.who: opinion.to_json() for opinion in opinions}
        echo_json({**verdict.to_json(), **said})
    else:
        from ..shared.look.tell import tell as show

        show(verdict, *opinions, plain="\n".join(map(str, (verdict, *verdict.notes, *opinions))))
        if verdict.detail and not (verdict.good or is_quiet()):
            from ..shared.look.beside import tell_failure

            tell_failure(verdict.detail.rstrip())
    if not verdict.good or any(opinion.against for opinion in opinions):
        sys.exit(1)


@contextmanager
def _told_all_the_same(opinions: Iterable[CrossCheck]) -> Iterator[None]:
    """Print what the index and pip say against the pins if a block gives no verdict."""
    from ...base.errors import ModelenvError
    from ..shared.look.beside import tell_lines

    try:
        yield
    except ModelenvError:
        for opinion in opinions:
            if opinion.against:
                tell_lines(str(opinion))
        raise
