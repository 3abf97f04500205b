"""A copy of a model that took long to make, kept until its folder is written."""

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
    """Keep a model and its example near `target` until the block is completed.

    Where the block fails or is interrupted, the copies stay; a `note` tells `how` to go on with
    them, as does a text beside them for a process that was killed. They stay until the target is
    saved, from them or from a later call's model. Where nothing can be written there, they lie
    among the temporary files. An interruption during the copying is reported, and takes effect once
    it is done. Raises NotPicklableError, UnwritableError.
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
    forget_kept(target)


def find_kept(target: Path) -> tuple[Path, ...]:
    """Return where models are kept that were to become a target, by processes that are gone.

    What one of them left that is no whole model is removed.
    """
    kept = []
    for folder in _iter_orphaned(target):
        if KeptModel(folder).model.is_file():
            kept.append(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return tuple(kept)


def forget_kept(target: Path) -> None:
    """Remove what was kept until a target would be saved: now it is."""
    envfiles.tidy(_above(target) / f"{target.name}.kept")
    for folder in _iter_orphaned(target):
        shutil.rmtree(folder, ignore_errors=True)


def _iter_orphaned(target: Path) -> Iterator[Path]:
    """Yield what is kept whose owner is gone; nobody can take a folder while it is looked at."""
    named = re.compile(re.escape(f"{target.name}.kept") + r"(-\d+)?")
    with suppress(OSError):
        for path in sorted(_above(target).iterdir()):
            if named.fullmatch(path.name) and (path / OWNER).is_file():
                with orphaned(path) as gone:
                    if gone:
                        yield path


def _dump(what: str, value: object, file: Path) -> None:
    """Pickle a value to `file`, whole or not at all."""
    new = file.with_suffix(".partial")
    try:
        with new.open("wb") as stream:
            tracer.write_pickle(value, stream)
        new.replace(file)
    except Exception as error:  # a __getstate__ or __reduce__ may raise anything
        new.unlink(missing_ok=True)
        raise not_written(what, file, error) from error


def _new_copy(stack: ExitStack, target: Path) -> KeptModel:
    """Make a folder that is named for the target, in the nearest one above it that is there.

    It is seen to be owned until the stack is left.
    """
    for number in count(1):
        place = _above(target) / f"{target.name}.kept{'' if number == 1 else f'-{number}'}"
        try:
            with envfiles.stage(place) as staging:
                (staging.folder / OWNER).touch()  # whoever is killed from now on has left it
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
    with suppress(OSError):  # a full disk is told where the model is written
        stack.enter_context(owned(folder))
    return KeptModel(folder)


def _above(target: Path) -> Path:
    return next(parent for parent in target.absolute().parents if parent.is_dir())
