"""``modelenv save`` and ``modelenv capture``: write a folder, or its environment files alone."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import click

from ..base.errors import ModelenvError, UserCodeError, WrongUseError
from .options import (
    PATH,
    constraint_option,
    index_options,
    json_option,
    progress,
    report,
    seal_options,
    timeout_option,
    together,
)

pinning_options = together(
    click.option(
        "--requirement",
        "extra_pip_requirements",
        multiple=True,
        callback=lambda _, __, lines: lines or None,  # beside a whole list none may be given
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
    click.option(
        "--no-prove",
        "prove",
        is_flag=True,
        callback=lambda _, __, unproven: not unproven,
        help="Write without proving that it runs.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Refuse pins other than what was traced, and files edited since they were installed.",
    ),
    click.option(
        "--bundle",
        multiple=True,
        metavar="edited|NAME",
        help="Let what was edited since it was installed travel as a wheel, under a local version;"
        " or let this distribution travel as a wheel; may be repeated.",
    ),
    click.option(
        "--ask-index",
        is_flag=True,
        help="Ask the index that pip is configured with whether it has each pin.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace a model folder that is there."),
    timeout_option,
    *seal_options,
    index_options,
)
"""The options of whoever writes a pinned set, called as `save_model` takes them."""


@click.command()
@click.argument("source", metavar="MODULE:FUNCTION")
@click.option("-o", "--output", type=PATH, required=True, metavar="FOLDER", help="The new folder.")
@click.option(
    "--python",
    metavar="PYTHON",
    help="The Python that the model is for: an interpreter, or a version, as 3.12."
    "  [default: this one]",
)
@click.option(
    "--carry",
    type=click.Choice(["imported", "touched"]),
    default="imported",
    show_default=True,
    help="Carry modules of your own, or with them all that the run used in the working folder.",
)
@pinning_options
@json_option
def save(
    source: str,
    output: Path,
    *,
    carry: Literal["imported", "touched"],
    as_json: bool,
    **options: Any,
) -> None:
    """Save the model that a function returns.

    MODULE is imported with the working directory on the path; FUNCTION takes nothing and returns
    the model and an input example for it.

    \b
    Examples:
      modelenv save train:build -o churn_model
      modelenv save train:build -o churn_model --requirement tabulate
      modelenv save train:build -o churn_model --overwrite -c "numpy<3"
    """
    from ..save.save_model import save_model

    model, example = _build(source)
    tell = progress(always=carry == "touched")
    account = save_model(model, output, input_example=example, carry=carry, report=tell, **options)
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
    *,
    as_json: bool,
    **pinning: Any,
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
    from ..save.observe.target_python import executable_of
    from ..save.pickled import capture_pickle

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
        report=progress(),
        **pinning,
    )
    report(account, as_json=as_json)
