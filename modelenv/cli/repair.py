"""``modelenv diagnose``, ``fix`` and ``minimize``: running a model to repair its requirements."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from .options import (
    FILE,
    MODEL_TO_READ,
    changed_model_option,
    index_options,
    json_option,
    manager_option,
    report,
    seal_options,
    timeout_option,
    trial_options,
)
from .shared.bundles import together
from .shared.look.beside import tell_lines
from .shared.look.loudness import is_quiet
from .shared.progress import Progress, progress_option
from .shared.terminal import echo_json
from .shared.wrong_use import wrong_use

if TYPE_CHECKING:
    from pathlib import Path

    from ..repair.diagnosis import Diagnosis
    from ..run.isolated import RunOptions
    from ..serving.watching.production import Production
    from ..worker.verdict import Verdict


# Suffixes of files that hold a failure, which names in an error message do not have.
_OF_LOGS = (".txt", ".log", ".json", ".jsonl", ".out", ".err")


@click.command()
@click.argument("failure", nargs=-1)
@click.option("-m", "--model", type=MODEL_TO_READ, metavar="FOLDER", help="The model folder.")
@click.option(
    "--index", is_flag=True, help="Ask the index about names that are guesses, and about extras."
)
@click.option(
    "--served", is_flag=True, help="Report what serving has shown, and do not run the model."
)
@click.option(
    "--watch-log",
    type=FILE,
    metavar="FILE",
    help="The file in which serving kept it, if not in your own folder for state.",
)
@trial_options
@json_option
def diagnose(
    failure: tuple[str, ...],
    model: Path | None,
    how: RunOptions,
    *,
    index: bool,
    served: bool,
    watch_log: Path | None,
    as_json: bool,
) -> None:
    """Say why a model fails, and what mends it.

    FAILURE is an error message in quotes, or a file with a traceback or a log; - reads standard
    input. Without it the model is verified, and a failure is diagnosed. So is anything that it did
    while it was served and that the capture never saw. The exit code is 1 if there is a diagnosis.

    \b
    Examples:
      modelenv diagnose -m churn_model                     run it, and say what is wrong
      modelenv diagnose -m churn_model --served            what it did in production
      modelenv diagnose -m churn_model traceback.txt       what went wrong elsewhere
      modelenv diagnose "No module named 'cv2'"            a line of it will do
      docker logs serving 2>&1 | modelenv diagnose -       a container's log
    """
    from dataclasses import replace

    from ..base.files.absent import no_file
    from ..repair.diagnose import diagnose as find_cause
    from ..repair.diagnose import diagnose_folder

    if served and (failure or model is None):
        raise wrong_use("--served tells of a model folder: name it with -m, and give no error")
    if watch_log is not None and (failure or model is None):
        raise wrong_use("--watch-log is of a model: name it with -m, and give no error")
    if watch_log is not None and not watch_log.is_file():
        raise wrong_use(f"{watch_log}: {no_file(watch_log)}")
    if failure or model is None:
        report(find_cause(_read(failure), model, index=index), as_json=as_json)
        sys.exit(1)
    if served:
        shown = _shown_by_serving(model, watch_log)
        report(shown, as_json=as_json)
        sys.exit((0 if shown.good else 1) if shown.is_recorded else 2)
    if _is_fed():
        tell_lines("standard input is not read: give - to diagnose what it says")
    with Progress.of_command() as tell:
        tell(f"reading {model}")
        verdict, found = diagnose_folder(model, replace(how, report=tell), index=index)
    shown = _shown_by_serving(model, watch_log)
    _report_both(found or verdict, shown, as_json=as_json)
    if found is not None or not shown.good:
        sys.exit(1)


def _report_both(run: Diagnosis | Verdict, served: Production, *, as_json: bool) -> None:
    """Print the diagnosis of a run, and that of serving if there is any."""
    if not served:
        report(run, as_json=as_json)
    elif as_json:
        echo_json({**run.to_json(), "served": served.to_json()})
    else:
        from .shared.look.tell import tell

        tell(run, served)


def _shown_by_serving(model: Path, file: Path | None) -> Production:
    from ..folder.model_folder import ModelFolder
    from ..serving.watching.production import read_production

    return read_production(ModelFolder.open(model), file)


def _read(words: tuple[str, ...]) -> str:
    """Return the text to diagnose: standard input, a file, or the words themselves."""
    from pathlib import Path

    given = " ".join(words)
    if given == "-" or not (words or sys.stdin.isatty()):
        text, given = sys.stdin.read(), "standard input"
    elif not words:
        raise wrong_use("give a model folder (-m), what an error says, or a file with it")
    else:
        text = _read_file(Path(given)) if _is_path(given) else given
    if not text.strip():
        raise wrong_use(f"there is nothing to diagnose in {given or 'an empty text'}")
    return text


def _is_fed() -> bool:
    """Return whether standard input is a pipe or a redirected file."""
    with suppress(AttributeError, OSError, ValueError):  # stdin is missing, or not a file
        mode = os.fstat(sys.stdin.fileno()).st_mode
        return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
    return False


def _is_path(given: str) -> bool:
    """Return whether a word is the path of a file, rather than an error message."""
    from pathlib import Path

    with suppress(OSError):  # longer than a file name can be
        if Path(given).exists():
            return True
    library = given.endswith((".dylib", ".dll")) or ".so" in given
    file = given.endswith(_OF_LOGS) or any(sign and sign in given for sign in (os.sep, os.altsep))
    return len(given.split()) == 1 and file and not library


def _read_file(file: Path) -> str:
    from ..base.files.absent import no_file

    if file.is_dir():
        raise wrong_use(f"{file} is a folder: if it is a model's, name it with -m")
    if not file.is_file():
        raise wrong_use(f"{file} (what an error says goes in quotes): {no_file(file)}")
    return file.read_text("utf-8", "replace")


@click.command()
@changed_model_option
@click.option("--write", is_flag=True, help="Update the folder if the model runs in the end.")
@click.option("--steps", type=int, default=10, show_default=True, help="Changes at most.")
@click.option("--index", is_flag=True, help="Ask the index about names that are guesses.")
@manager_option
@timeout_option
@together(*seal_options, progress_option)
@index_options
@json_option
def fix(model: Path, *, as_json: bool, **options: Any) -> None:
    """Mend the requirements of a model that fails.

    It is run, the failure diagnosed, the requirements changed, and so on; each step is shown, and
    what makes no difference is taken back. The folder itself is changed with --write alone. The
    exit code is 1 if no way was found.

    \b
    Examples:
      modelenv fix -m churn_model            show what would work
      modelenv fix -m churn_model --write    and put it into the folder
    """
    from ..repair.fix import fix as mend

    with Progress.of_command() as tell:
        tell(f"reading {model}")
        found = mend(model, report=tell if is_quiet() else tell.note, progress=tell, **options)
    report(found, as_json=as_json)
    if not found.good:
        sys.exit(1)


@click.command()
@changed_model_option
@click.option("--write", is_flag=True, help="Remove what is not needed from the folder.")
@manager_option
@timeout_option
@together(*seal_options, index_options, progress_option)
@json_option
def minimize(model: Path, *, as_json: bool, **options: Any) -> None:
    """Find the smallest set of pins that still gives the recorded prediction.

    Only what libraries probe for may go: never what the model imports or what that requires.

    \b
    Examples:
      modelenv minimize -m churn_model            show what could go, and what it saves
      modelenv minimize -m churn_model --write    and take it out of the folder
    """
    from ..repair.minimize import minimize as find_smallest

    with Progress.of_command() as tell:
        tell(f"reading {model}")
        found = find_smallest(model, report=tell, **options)
    report(found, as_json=as_json)
