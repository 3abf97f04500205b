"""``modelenv save`` and ``modelenv capture``: writing a folder, or its environment files alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from .options import PATH, json_option, report
from .shared.look.beside import tell_lines
from .shared.look.loudness import is_quiet
from .shared.progress import Progress
from .shared.saving import folder_options, pinning_options
from .shared.terminal import shown
from .shared.wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

    from ..save.account import Account
    from ..save.request.kept import KeptModel
    from ..save.request.plan import SavePlan

_WORDS, _FOLDER = "modelenv.words", "modelenv.folder"


class _Remembering(click.Command):
    """A command that records its words, and the working directory."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words, and record them."""
        words = tuple(args)
        left = super().parse_args(ctx, args)
        from pathlib import Path

        ctx.meta[_WORDS], ctx.meta[_FOLDER] = words, Path.cwd()
        return left


@click.command(cls=_Remembering)
@click.argument("source", metavar="[MODULE:FUNCTION|SCRIPT]", required=False)
@click.option(
    "--model",
    type=PATH,
    metavar="FILE",
    help="Instead of a function: a pickled model, or a script that defines one as `model`.",
)
@click.option(
    "--input", "input_example", type=PATH, metavar="FILE", help="The pickled input of --model."
)
@click.option(
    "-o", "--output", "path", type=PATH, required=True, metavar="FOLDER", help="The new folder."
)
@click.option(
    "--python",
    metavar="PYTHON",
    help="The Python that the model is for: an interpreter, or a version, as 3.12."
    "  [default: this one]",
)
@pinning_options
@folder_options
@json_option
def save(
    source: str | None,
    model: Path | None,
    input_example: Path | None,
    further_examples: tuple[Path, ...],
    path: Path,
    code_paths: tuple[Path, ...],
    *,
    no_code: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Save the model that a function returns.

    MODULE is imported with the working directory on the path; FUNCTION takes nothing and returns
    the model and an input example for it. A SCRIPT defines the model, as one that --model names.
    The metadata block of either (PEP 723) counts as --requirement. Everything that can be wrong is
    checked before the function is called. If something fails later the model is kept, and a command
    to continue is printed.

    \b
    Examples:
      modelenv save train:build -o churn_model
      modelenv save train:build -o churn_model --requirement tabulate
      modelenv save train:build -o churn_model --overwrite -c "numpy<3"
      modelenv save --model model.pkl --input input.pkl -o churn_model
      modelenv save model.py --input input.pkl -o churn_model
    """
    if source is not None and source.endswith(".py") and model is None:
        source, model = None, PATH.convert(source, None, None)
    examples = [*([input_example] if input_example else []), *further_examples]
    _check_source(source, model, input_example, further_examples)
    if no_code and code_paths:
        raise wrong_use("--code-path and --no-code contradict each other")
    with Progress.of_command() as tell:
        tell("checking what is asked for")
        from ..save.request.plan import SavePlan

        plan = SavePlan.checked(
            path,
            script=model if model and model.suffix == ".py" else None,
            source=None if source is None else _script_of(source),
            code_paths=() if no_code else code_paths or None,
            report=tell.line if options["trace_in_process"] else tell,
            **options,
        )
        plan.check_target()
        if source is None:
            assert model is not None
            account = _save_files(plan, model, examples, tell)
        else:
            account = _save_result(plan, source, examples, tell)
    if plan.carry == "touched" and not (tell.tells or is_quiet()):
        tell_lines(str(account.project_files))
    report(account, as_json=as_json)


def _check_source(
    source: str | None, model: Path | None, example: Path | None, further: Sequence[Path]
) -> None:
    """Raise WrongUseError unless the words name one model, and existing files."""
    if (source is None) == (model is None):
        raise wrong_use("name a function, as train:build, or a file with --model: one of them")
    if source is not None and example is not None:
        raise wrong_use("--input goes with --model: a function returns its own example")
    if source is None and further and example is None:
        raise wrong_use("--further-example is given without --input")
    from ..base.files.absent import no_file

    for file in filter(None, (model, example, *further)):
        if not file.is_file():
            raise wrong_use(f"{file}: {no_file(file)}")


def _save_files(plan: SavePlan, model: Path, examples: Sequence[Path], tell: Progress) -> Account:
    """Save a model that is in a file, with the examples in others."""
    from ..save.request.function import look_here
    from ..save.request.kept import forget_kept
    from ..save.request.model import NO_EXAMPLE, GivenModel, examples_of, read_pickle
    from ..save.save_model import save_as_planned

    given = GivenModel.of(model)
    look_here()
    tell("reading the examples")
    first, *further = map(read_pickle, examples) if examples else (NO_EXAMPLE,)
    account = save_as_planned(plan, given, examples_of(first, further)).account
    forget_kept(plan.target)
    return account


def _save_result(plan: SavePlan, source: str, further: Sequence[Path], tell: Progress) -> Account:
    """Save the model that a function returns; a copy is kept until the folder is written."""
    from ..folder.example import can_predict, check_predicts
    from ..save.request.function import ModelFunction
    from ..save.request.kept import keeping
    from ..save.request.model import NO_EXAMPLE, GivenModel, read_pickle
    from ..save.save_model import save_as_planned

    tell.line(f"importing the module of {source}")
    function = ModelFunction.find(source)
    examples = list(map(read_pickle, further))
    tell.line(f"calling {source}")
    result = function.result()
    is_pair = isinstance(result, tuple) and len(result) == 2
    model, example = result if is_pair else (result, NO_EXAMPLE)
    is_swapped = is_pair and can_predict(example) and not can_predict(model)
    if is_swapped:
        model, example = example, model
    tell("keeping the model until its folder is written")
    how = partial(_how_to_go_on, source, plan.stated)
    with keeping(model, example, plan.target, tell=tell.line, note=tell.note, how=how) as copy:
        if not is_pair:
            wanted = "has to return a model and its input example, as a pair"
            raise wrong_use(f"{source} {wanted}, not a {type(result).__name__}")
        if is_swapped:
            kinds = f"its {type(example).__name__} before its {type(model).__name__}"
            raise wrong_use(f"{source} returns {kinds}: the model comes first, then the example")
        check_predicts(model)
        given = GivenModel(model, pickle=copy.model)
        return save_as_planned(plan, given, (example, *examples)).account


def _script_of(source: str) -> Path | None:
    from ..save.request.function import script_of

    return script_of(source)


def _how_to_go_on(source: str, stated: Path | None, copy: KeptModel) -> str:
    """Return a sentence with the place of the model's copy and the command to continue."""
    context = click.get_current_context()
    here = context.meta[_FOLDER]
    words = [*_program(), "save", "--model", _near(copy.model, here)]
    has_example = copy.example.is_file()
    words += ["--input", _near(copy.example, here)] if has_example else []
    words += ["--requirement", str(stated)] if stated else []
    words += _without_argument(context.meta[_WORDS], context.command)
    place = _joined([_near(copy.folder, here)])
    return shown(
        f"what {source} returned is kept in {place}; to go on with it:\n  {_joined(words)}\n"
        f"{'' if has_example else '--input FILE gives it a pickled example; '}"
        "that folder goes once the model is saved there"
    )


def _program() -> tuple[str, ...]:
    """Return the words that call this program: its name, if the shell finds this one by it."""
    import shutil
    from pathlib import Path

    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return (sys.executable, "-m", "modelenv")
    found = shutil.which(called.name)
    known = found is None and not called.is_file()  # called from Python
    return (called.name,) if known or found == str(called.absolute()) else (str(called),)


def _joined(words: Sequence[str]) -> str:
    """Return words as one line of the system's shell."""
    if os.name == "nt":
        from subprocess import list2cmdline

        return list2cmdline(words)
    from shlex import join

    return join(words)


def _near(path: Path, here: Path) -> str:
    """Return a path relative to a folder, if it is below that."""
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _without_argument(words: Sequence[str], command: click.Command) -> Iterator[str]:
    """Yield the words that are options or values of options."""
    options = [each for each in command.params if isinstance(each, click.Option)]
    valued = {name for each in options if not each.is_flag for name in each.opts}
    is_value = False
    for word in words:
        if is_value or word.startswith("-"):
            yield word
        is_value = not is_value and word in valued


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
    from ..base.files.absent import no_file, no_folder
    from ..base.settings import Settings
    from ..environments.interpreter import Python
    from ..environments.pythons.named_python import NamedPython
    from ..save.pickled import capture_pickle

    for what in (model, input_):
        if not what.is_file():
            raise wrong_use(f"{what}: {no_file(what)}")
    for folder in code_folders:
        if not folder.is_dir():
            raise wrong_use(f"{folder}: {no_folder(folder)}")
    here, settings = Python.current(), Settings.from_environment()
    named = None if python is None else NamedPython.of(python, here, settings).executable
    with Progress.of_command() as tell:
        tell("checking what is asked for")
        account = capture_pickle(
            model,
            input_,
            output,
            python=named or here.executable,
            code_folders=code_folders,
            report=tell,
            **pinning,
        )
    report(account, as_json=as_json)
