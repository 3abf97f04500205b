"""``modelenv diagnose [-m FOLDER] [TRACEBACK]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ..base.errors import WrongUseError
from ..environments.managers import Manager
from ..repair.diagnose import diagnose as find
from ..repair.diagnose import diagnose_folder
from ..run.predict import Run
from .options import PATH, json_option, manager_option, report, timeout_option
from .progress import progress


@click.command()
@click.argument("traceback", type=PATH, required=False)
@click.option("-m", "--model", type=PATH, metavar="FOLDER", help="The model folder.")
@click.option("--index", is_flag=True, help="Ask the index about names that are guesses.")
@manager_option
@timeout_option
@json_option
def diagnose(
    traceback: Path | None,
    model: Path | None,
    env_manager: Manager,
    timeout: float,
    *,
    index: bool,
    as_json: bool,
) -> None:
    """Say why a model fails, and what mends it.

    TRACEBACK is a file that holds a traceback or a log; - reads standard input. Without it the
    model is verified, and a failure of that is diagnosed. The exit code is 1 where there is one.

    \b
    Examples:
      modelenv diagnose -m churn_model                     run it, and say what is wrong
      modelenv diagnose -m churn_model traceback.txt       what went wrong elsewhere
      docker logs serving 2>&1 | modelenv diagnose -       a container's log
    """
    if traceback is None and model is None:
        raise WrongUseError("give a model folder (-m), a file with a traceback, or both")
    if traceback is None:
        assert model is not None
        how = Run(manager=env_manager, timeout=timeout, report=progress())
        verdict, found = diagnose_folder(model, how, index=index)
        if found is None:
            click.echo(json.dumps(verdict.to_json(), indent=2) if as_json else str(verdict))
            return
    else:
        found = find(_read(traceback), model, index=index)
    report(found, as_json=as_json)
    sys.exit(1)


def _read(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    if file.is_dir():
        raise WrongUseError(f"{file} is a folder: if it is a model's, name it with -m")
    if not file.is_file():
        raise WrongUseError(f"{file}: there is no such file")
    return file.read_text("utf-8", "replace")
