"""Keep a copy of a model that took long to make until its folder is written."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from ...base.files.disk import UnwritableError
from ...base.files.scratch import OWNER, orphaned, owned
from ...base.siblings import envfiles, tracer
from ...folder.errors import not_written
from .model import NO_EXAMPLE

_AGAIN = "keeping a copy of the model first; interrupt again to give it up"


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model and its input example, pickled in a folder of their own."""

    folder: Path

    @property
    def model(self) -> Path:
        """The path of the pickled model."""
        return self.folder / "model.pkl"

    @property
    def example(self) -> Path:
        """The path of the pickled example, which may not exist."""
        return self.folder / "input.pkl"

    def write(self, model: object, example: object) -> None:
        """Pickle both. Raises NotPicklableError, and UnwritableError if there is no room."""
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
    """Keep a model and its example near `target` until the block completes.

    If the block fails or is interrupted, the copies stay, and `note` is called with `how` to go on
    with them; a text file beside them says the same in case the process is killed. They stay until
    the target is saved, from them or from the model of a later call. If nothing can be written near
    the target, they are kept among the temporary files. An interruption during the copying is
    reported, and raised once the copy is complete. Raises NotPicklableError, UnwritableError.
    """
    for earlier in find_kept(target):
        note(f"what an earlier call returned is kept in {earlier}, until {target.name} is saved")
    with ExitStack() as stack:
        copy = _new_copy(stack, target)
        try:
            try:
                copy.write(model, example)
            except UnwritableError:
                shutil.rmtree(copy.folder, ignore_errors=True)
                copy = _temporary_copy(stack, target)
                copy.write(model, example)
            except (KeyboardInterrupt, SystemExit):
                tell(_AGAIN)
                copy.write(model, example)
                raise
            with suppress(OSError):  # only the model matters
                (copy.folder / "how_to_go_on.txt").write_text(f"{how(copy)}\n", "utf-8")
            yield copy
        except BaseException:
            if copy.model.is_file():
                note(how(copy))
            else:
                shutil.rmtree(copy.folder, ignore_errors=True)
            raise
    shutil.rmtree(copy.folder, ignore_errors=True)
    forget_kept(target)


def find_kept(target: Path) -> tuple[Path, ...]:
    """Return the folders of models kept for a target by processes that have ended.

    Folders without a complete model are removed.
    """
    kept = []
    for folder in _iter_orphaned(target):
        if KeptModel(folder).model.is_file():
            kept.append(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return tuple(kept)


def forget_kept(target: Path) -> None:
    """Remove the models that were kept until a target would be saved."""
    envfiles.tidy(_above(target) / f"{target.name}.kept")
    for folder in _iter_orphaned(target):
        shutil.rmtree(folder, ignore_errors=True)


def _iter_orphaned(target: Path) -> Iterator[Path]:
    """Yield kept folders whose process has ended, each locked while it is inspected."""
    named = re.compile(re.escape(f"{target.name}.kept") + r"(-\d+)?")
    with suppress(OSError):
        for path in sorted(_above(target).iterdir()):
            if named.fullmatch(path.name) and (path / OWNER).is_file():
                with orphaned(path) as gone:
                    if gone:
                        yield path


def _dump(what: str, value: object, file: Path) -> None:
    """Pickle a value to `file`, completely or not at all."""
    new = file.with_suffix(".partial")
    try:
        with new.open("wb") as stream:
            tracer.write_pickle(value, stream)
        new.replace(file)
    except Exception as error:  # a __getstate__ or __reduce__ may raise anything
        new.unlink(missing_ok=True)
        raise not_written(what, file, error) from error


def _new_copy(stack: ExitStack, target: Path) -> KeptModel:
    """Create a folder named for the target, in the nearest existing one above it.

    It counts as owned by this process until the stack is left.
    """
    for number in count(1):
        place = _above(target) / f"{target.name}.kept{'' if number == 1 else f'-{number}'}"
        try:
            with envfiles.stage(place) as staging:
                (staging.folder / OWNER).touch()  # from now on it outlives a killed process
                staging.commit()
            stack.enter_context(owned(place))
        except envfiles.TargetExists:
            continue
        except (envfiles.StoreError, OSError):
            break
        return KeptModel(place)
    return _temporary_copy(stack, target)


def _temporary_copy(stack: ExitStack, target: Path) -> KeptModel:
    folder = Path(tempfile.mkdtemp(prefix=f"{target.name[:40]}.kept-"))
    with suppress(OSError):  # writing the model reports a full disk
        stack.enter_context(owned(folder))
    return KeptModel(folder)


def _above(target: Path) -> Path:
    return next(parent for parent in target.absolute().parents if parent.is_dir())
