"""``modelenv save module:function -o FOLDER``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import click

from ..base.errors import ModelenvError, UserCodeError, WrongUseError
from ..save.save_model import save_model
from .options import PATH, json_option, report, requirement_options, timeout_option


@click.command()
@click.argument("source", metavar="MODULE:FUNCTION")
@click.option("-o", "--output", type=PATH, required=True, metavar="FOLDER", help="The new folder.")
@click.option(
    "--python",
    metavar="PYTHON",
    help="The Python that the model is for: an interpreter, or a version, as 3.12."
    "  [default: this one]",
)
@requirement_options
@timeout_option
@json_option
def save(
    source: str,
    output: Path,
    extra: tuple[str, ...],
    python: str | None,
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
    """Save the model that a function returns.

    MODULE is imported with the working directory on the path; FUNCTION takes nothing and returns
    the model and an input example for it.

    \b
    Examples:
      modelenv save train:build -o churn_model
      modelenv save train:build -o churn_model --requirement tabulate
      modelenv save train:build -o churn_model --overwrite -c "numpy<2"
    """
    model, example = _build(source)
    account = save_model(
        model,
        output,
        input_example=example,
        extra_pip_requirements=extra or None,
        pip_requirements=pip_requirements,
        conda_env=conda_env,
        constraints=constraints or None,
        overrides=overrides or None,
        exclude=exclude or None,
        optional=optional,
        prove=not no_prove,
        strict=strict,
        python=python,
        timeout=timeout,
        overwrite=overwrite,
    )
    report(account, as_json=as_json)


def _build(source: str) -> tuple[Any, Any]:
    """Call the function that `source` names. Raises WrongUseError where it is not one."""
    module_name, colon, function_name = source.partition(":")
    if not colon or not module_name or not function_name:
        raise WrongUseError(f"{source!r} is not of the form MODULE:FUNCTION, as in train:build")
    sys.path.insert(0, str(Path.cwd()))
    try:
        result = _function(module_name, function_name)()
    except ModelenvError:
        raise
    except (Exception, SystemExit) as error:  # theirs, whatever it is
        raise UserCodeError(source, error) from error
    if not isinstance(result, tuple) or len(result) != 2:
        raise WrongUseError(f"{source} has to return a model and its input example, as a pair")
    return result


def _function(module_name: str, function_name: str) -> Callable[[], Any]:
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise WrongUseError(f"there is no module {module_name!r} here or installed") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise WrongUseError(f"{module.__name__} has no function {function_name!r}")
    return cast("Callable[[], Any]", function)
