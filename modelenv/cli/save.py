"""``modelenv save`` and ``modelenv capture``: write a folder, or its environment files alone."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from ..base.errors import ModelenvError, UserCodeError, WrongUseError
from .options import (
    PATH,
    bundle,
    constraint_option,
    json_option,
    report,
    seal_options,
    timeout_option,
)

if TYPE_CHECKING:
    from ..seal.seals import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class PinningOptions:
    """What is pinned, and how."""

    extra: tuple[str, ...]
    pip_requirements: Path | None
    conda_env: Path | None
    constraints: tuple[str, ...]
    overrides: tuple[str, ...]
    exclude: tuple[str, ...]
    optional: Literal["prove", "keep"]
    no_prove: bool
    strict: bool
    overwrite: bool
    timeout: float
    seal: Wanted
    allow_hosts: tuple[str, ...]
    allow_paths: tuple[Path, ...]


pinning_options = bundle(
    "pinning",
    PinningOptions,
    click.option(
        "--requirement",
        "extra",
        multiple=True,
        metavar="LINE",
        help="Add this requirement to what is traced; may be repeated.",
    ),
    click.option(
        "--pip-requirements",
        type=PATH,
        metavar="FILE",
        help="Take this requirements file instead of what is traced.",
    ),
    click.option(
        "--conda-env",
        type=PATH,
        metavar="FILE",
        help="Take this conda file, its Python and its pip section, instead of what is traced.",
    ),
    constraint_option,
    click.option(
        "--override",
        "overrides",
        multiple=True,
        metavar="LINE",
        help="Replace every requirement on this name, whoever states it; may be repeated.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="NAME",
        help="Drop every requirement on this name, whoever states it; may be repeated.",
    ),
    click.option(
        "--optional",
        type=click.Choice(["prove", "keep"]),
        default="prove",
        show_default=True,
        help="What becomes of distributions that libraries merely probe for.",
    ),
    click.option("--no-prove", is_flag=True, help="Write without proving that it runs."),
    click.option("--strict", is_flag=True, help="Refuse pins other than what was traced."),
    click.option("--overwrite", is_flag=True, help="Replace a model folder that is there."),
    timeout_option,
    *seal_options,
)
"""The options of whoever writes a pinned set, as `PinningOptions`."""


@click.command()
@click.argument("source", metavar="MODULE:FUNCTION")
@click.option("-o", "--output", type=PATH, required=True, metavar="FOLDER", help="The new folder.")
@click.option(
    "--python",
    metavar="PYTHON",
    help="The Python that the model is for: an interpreter, or a version, as 3.12."
    "  [default: this one]",
)
@pinning_options
@json_option
def save(
    source: str, output: Path, python: str | None, pinning: PinningOptions, *, as_json: bool
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
    from ..save.save_model import save_model

    model, example = _build(source)
    account = save_model(
        model,
        output,
        input_example=example,
        extra_pip_requirements=pinning.extra or None,
        pip_requirements=pinning.pip_requirements,
        conda_env=pinning.conda_env,
        constraints=pinning.constraints or None,
        overrides=pinning.overrides or None,
        exclude=pinning.exclude or None,
        optional=pinning.optional,
        prove=not pinning.no_prove,
        strict=pinning.strict,
        python=python,
        timeout=pinning.timeout,
        seal=pinning.seal,
        allow_hosts=pinning.allow_hosts,
        allow_paths=pinning.allow_paths,
        overwrite=pinning.overwrite,
    )
    report(account, as_json=as_json)


def _build(source: str) -> tuple[Any, Any]:
    """Return what the function that `source` names returns. Raises WrongUseError, UserCodeError."""
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
@pinning_options
@json_option
def capture(
    model: Path,
    input_: Path,
    output: Path,
    python: str | None,
    code_folders: tuple[Path, ...],
    pinning: PinningOptions,
    *,
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
    from ..base.settings import Settings
    from ..environments.interpreter import Python
    from ..pins.conda_env import CondaEnv
    from ..save.inputs import Policy, UserRequirements
    from ..save.save_model import capture_pickle
    from ..save.target_python import executable_of
    from ..seal.choose import SealRequest

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
        requirements=UserRequirements.read(
            pip_requirements=pinning.pip_requirements,
            extra_pip_requirements=pinning.extra or None,
            constraints=pinning.constraints or None,
            overrides=pinning.overrides or None,
            exclude=pinning.exclude or None,
            conda=None if pinning.conda_env is None else CondaEnv.of(pinning.conda_env),
            environment=settings.environment,
        ),
        policy=Policy(
            optional=pinning.optional,
            prove=not pinning.no_prove,
            strict=pinning.strict,
            timeout=pinning.timeout,
            seal=SealRequest.read(pinning.seal, pinning.allow_hosts, pinning.allow_paths),
        ),
        overwrite=pinning.overwrite,
    )
    report(account, as_json=as_json)
