"""Keep a model that took long to make until its folder is written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import cloudpickle

from ...base.files.disk import UnwritableError
from ...folder.errors import not_written
from .model import NO_EXAMPLE

_AGAIN = "keeping the model first: interrupting again gives it up"


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model and its input example, pickled in a folder of their own."""

    folder: Path

    @property
    def model(self) -> Path:
        """The pickled model."""
        return self.folder / "model.pkl"

    @property
    def example(self) -> Path:
        """The pickled example; it need not be there."""
        return self.folder / "input.pkl"

    def write(self, model: object, example: object) -> None:
        """Pickle both. Raises NotPicklableError, also where there is no room."""
        _dump("model", model, self.model)
        if example is not NO_EXAMPLE:
            _dump("input example", example, self.example)


@contextmanager
def keeping(
    model: object,
    example: object,
    target: Path,
    *,
    tell: Callable[[str], None],
    note: Callable[[str], None],
    how: Callable[[KeptModel], str],
) -> Iterator[KeptModel]:
    """Keep a model and its example near `target` until the block has come to its end.

    Where it does not, or is interrupted, they stay, and a `note` says `how` to go on with them, as
    does a text beside them for whoever was killed. Where nothing can be written there, they are
    among the temporary files. An interruption of the keeping itself is told
    of, and heeded once it is done. Raises NotPicklableError, UnwritableError.
    """
    copy = KeptModel(_new_folder(target))
    try:
        try:
            copy.write(model, example)
        except UnwritableError:
            shutil.rmtree(copy.folder, ignore_errors=True)
            copy = KeptModel(_temporary_folder(target))
            copy.write(model, example)
        except (KeyboardInterrupt, SystemExit):
            tell(_AGAIN)
            copy.write(model, example)
            raise
        with suppress(OSError):  # the model is what counts
            (copy.folder / "how_to_go_on.txt").write_text(f"{how(copy)}\n", "utf-8")
        yield copy
    except BaseException:
        if copy.model.is_file():
            note(how(copy))
        else:
            shutil.rmtree(copy.folder, ignore_errors=True)
        raise
    shutil.rmtree(copy.folder, ignore_errors=True)


def _dump(what: str, value: object, file: Path) -> None:
    """Pickle a value to `file`, whole or not at all."""
    try:
        with file.open("wb") as stream:
            cloudpickle.dump(value, stream)
    except Exception as error:  # a __getstate__ or __reduce__ may raise anything
        file.unlink(missing_ok=True)
        raise not_written(what, file, error) from error


def _new_folder(target: Path) -> Path:
    """Make a folder that is named for the target, in the nearest one above it that is there."""
    place, number = target.absolute(), 1
    above = next(parent for parent in place.parents if parent.is_dir())
    while True:
        folder = above / f"{place.name}.kept{'' if number == 1 else f'-{number}'}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        except OSError:
            return _temporary_folder(target)
        else:
            return folder


def _temporary_folder(target: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{target.name[:40]}.kept-"))
