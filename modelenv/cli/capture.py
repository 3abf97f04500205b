"""``modelenv capture --model model.pkl --input input.pkl -o OUT``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from ..base.errors import WrongUseError
from ..base.settings import Settings
from ..environments.interpreter import Python
from ..pins.conda_env import CondaEnv
from ..save.inputs import Given, Policy
from ..save.save_model import capture_pickle
from ..save.target_python import executable_of
from .options import PATH, json_option, report, requirement_options, timeout_option


@click.command()
@click.option("--model", type=PATH, required=True, metavar="FILE", help="The pickled model.")
@click.option(
    "--input", "input_", type=PATH, required=True, metavar="FILE", help="A pickled input."
)
@click.option("-o", "--output", type=PATH, required=True, metavar="FOLDER", help="The new folder.")
@click.option(
    "--python",
    metavar="PYTHON",
    help="The interpreter that can load the model, or its version; modelenv need not be installed"
    " there."
    "  [default: this one]",
)
@click.option(
    "--path",
    "code_folders",
    type=PATH,
    multiple=True,
    metavar="DIR",
    help="A folder with code of your own; may be repeated.",
)
@requirement_options
@timeout_option
@json_option
def capture(
    model: Path,
    input_: Path,
    output: Path,
    python: str | None,
    code_folders: tuple[Path, ...],
    extra: tuple[str, ...],
    pip_requirements: Path | None,
    conda_env: Path | None,
    constraints: tuple[str, ...],
    overrides: tuple[str, ...],
    exclude: tuple[str, ...],
    optional: Literal["prove", "keep"],
    timeout: float,
    *,
    no_prove: bool,
    strict: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the environment files for a model that is already pickled.

    The model is loaded in an interpreter that can load it, and predicts there; modelenv need not
    be installed in it.

    \b
    Examples:
      modelenv capture --model model.pkl --input input.pkl -o env
      modelenv capture --model model.pkl --input input.pkl -o env --python old-env/bin/python
      modelenv capture --model model.pkl --input input.pkl -o env --path src
    """
    for what in (model, input_):
        if not what.is_file():
            raise WrongUseError(f"{what}: there is no such file")
    for folder in code_folders:
        if not folder.is_dir():
            raise WrongUseError(f"{folder}: there is no such folder")
    here, settings = Python.current(), Settings.from_environment()
    executable = here.executable if python is None else executable_of(python, here, settings)
    account = capture_pickle(
        model,
        input_,
        output,
        python=executable,
        code_folders=code_folders,
        given=Given.of(
            pip_requirements,
            extra or None,
            constraints or None,
            overrides or None,
            exclude or None,
            None if conda_env is None else CondaEnv.of(conda_env),
            settings.environment,
        ),
        policy=Policy(optional=optional, prove=not no_prove, strict=strict, timeout=timeout),
        overwrite=overwrite,
    )
    report(account, as_json=as_json)
