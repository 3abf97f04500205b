"""The one way to put folders in place, all or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OldFolderRemains, TargetExists, TargetRefused, TargetUnwritable
from .fingerprint import Fingerprint, changed_meanwhile, listed
from .journal import recover as _recover
from .journal import replace, sweep
from .leftovers import (
    clear,
    find_leftovers,
    hold,
    is_partial,
    release,
    remove,
    share,
    sibling,
)
from .locking import UNLOCKED, clear_locks, committing
from .swap import exchange
from .writing import writing

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

_MODEL_FILE = "MLmodel"
_ENVIRONMENT_FILES = frozenset({"requirements.txt", "conda.yaml", "python_env.yaml"})
_OVERWRITE = "choose another path, or pass overwrite=True (--overwrite) to replace it"
_MOUNTED = "is a mount point, which cannot be replaced: name a folder in it"


@contextmanager
def stage(
    target: str | os.PathLike[str], *, overwrite: bool = False, since: Fingerprint | None = None
) -> Iterator[Staging]:
    r"""Open a folder beside the target, to be filled and then put in the target's place whole.

    Killed at any moment, the target is absent, the old one or the new one; if the file system
    cannot exchange folders, `recover` or the next `stage` makes it so. Left without `commit`, the
    block leaves nothing behind, also no parent folder that it had to make; what a killed process
    left is removed by the next `stage`. An empty folder at the target counts as absent. Concurrent
    writers commit one after the other. A writer that read the target before passes its fingerprint
    as `since`: it commits only if the target still has that content.

    Raises TargetChanged if it has not, TargetBusy, TargetExists, TargetRefused (the target is not
    ours) and TargetUnwritable, before the block if they are known by then, and OldFolderRemains
    after it.

    >>> import tempfile
    >>> parent = tempfile.TemporaryDirectory()
    >>> with stage(Path(parent.name, "model")) as staging:
    ...     staging.write({"requirements.txt": "numpy==2.4.6\n"})
    ...     staging.commit()
    >>> [path.name for path in Path(parent.name, "model").iterdir()]
    ['requirements.txt']
    >>> parent.cleanup()
    """
    place = _absolute(target)
    tidy(place)
    replacing = _is_ours(place, overwrite=overwrite)
    found = since or Fingerprint.of(place) if replacing or since else None
    staging = Staging(place, overwrite=overwrite, found=found, strict=since is not None)
    owner = os.getpid()
    made: list[Path] = []
    try:
        staging.open(made)
        yield staging
    finally:
        # A child forked in the block must not take its parent's folder away.
        if os.getpid() == owner:
            _tidy(staging, made)
        staging.close()


class Staging:
    """The folder to fill, beside the target it is for."""

    def __init__(
        self, target: Path, *, overwrite: bool, found: Fingerprint | None, strict: bool
    ) -> None:
        self.target = target
        self.folder = sibling(target, "partial")
        self.committed = False
        self.replaced: Path | None = None
        """The folder that was at the target before, until the block ends."""
        self.notes: tuple[str, ...] = ()
        """Remarks on the commit: changes of others that it may have undone."""
        self._overwrite = overwrite
        self._found = found
        self._strict = strict
        self._held: list[int | None] = []

    def open(self, made: list[Path]) -> None:
        """Make the folder and hold it, so that no process takes it for a leftover."""
        while True:
            _make(self.folder, made, self.target)
            try:
                self._held.append(hold(self.folder, wait=True))
            except FileNotFoundError:  # it was taken for one, in the moment before
                made.remove(self.folder)
                self.folder = sibling(self.target, "partial")
            else:
                return

    def close(self) -> None:
        """Release the folders."""
        while self._held:
            release(self._held.pop())

    def write(self, files: Mapping[str, str | None]) -> None:
        """Write files by their names, as UTF-8 with the line ends as they are given.

        Those that become None are removed. Raises TargetUnwritable.
        """
        with writing(self.target):
            for name, text in files.items():
                # What was carried over is shared with the folder that is still in place.
                (self.folder / name).unlink(missing_ok=True)
                if text is not None:
                    (self.folder / name).write_bytes(text.encode())

    def carry(self, *, but: Container[str] = ()) -> None:
        """Take over the content of the target, without the names in `but` at its top.

        Files are shared with it, not copied, if the file system lets them; what is written to
        them has to go through `write`. Raises TargetUnwritable.
        """
        with writing(self.target):
            for path in self.target.iterdir():
                if path.name not in but and not is_partial(path.name):
                    share(path, self.folder / path.name)
            shutil.copystat(self.target, self.folder)
        self._changes()  # what is made of a mixture need not be made to its end

    def commit(self) -> None:
        """Put the folder in the target's place, once.

        Raises TargetChanged, TargetExists if somebody came first, TargetBusy, TargetRefused and
        TargetUnwritable.
        """
        if self.committed:
            raise RuntimeError(f"{self.target} is committed already")
        with writing(self.target), committing(self.target) as alone:
            changed = self._changes()
            replacing = _is_ours(self.target, overwrite=self._overwrite)
            if replacing:
                self._replace()
            else:
                self._appear()
            self.committed = True
        if changed:
            meanwhile = f"somebody else changed it since this began ({listed(changed)})"
            self.notes += (
                f"the overwritten folder was no longer the one that was read: {meanwhile}",
            )
        if replacing and not alone:
            self.notes += (UNLOCKED,)

    def _changes(self) -> tuple[str, ...]:
        """Return what somebody else changed in the target; raise TargetChanged for an edit."""
        if self._found is None:
            return ()
        changed = self._found.differing(Fingerprint.of(self.target))
        if changed and self._strict:
            raise changed_meanwhile(self.target, changed)
        return changed

    def _appear(self) -> None:
        if os.name == "nt":  # only POSIX renames over an empty folder
            with suppress(FileNotFoundError):
                self.target.rmdir()
        try:
            self.folder.rename(self.target)
        except OSError as error:
            if error.errno in {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}:
                reason = f"somebody else made it meanwhile: {_OVERWRITE}"
                raise TargetExists(self.target, reason) from error
            raise

    def _replace(self) -> None:
        with suppress(FileNotFoundError):
            self._held.append(hold(self.target, wait=False))
        try:
            if exchange(self.folder, self.target):
                self.replaced = self.folder
            else:
                aside = sibling(self.target, "old")
                replace(self.folder, self.target, aside)
                self.replaced = aside
        except OSError as error:
            if error.errno == errno.EBUSY:  # one of the same disk is not seen before
                raise TargetRefused(self.target, _MOUNTED) from error
            raise


def recover(target: str | os.PathLike[str]) -> None:
    """End what a killed process began at a target, if one did; readers call it first."""
    _recover(_absolute(target))


def tidy(target: str | os.PathLike[str]) -> None:
    """Remove what killed processes left of a target, and end what they began; writers do it first.

    What a living process holds stays; without locks everything stays.
    """
    place = _absolute(target)
    sweep(place)
    clear(place)
    clear_locks(place)


def leftovers(target: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Return what killed processes left of their writing of a target: `tidy` removes it.

    Without locks it cannot be distinguished from unfinished writes, and none is named.
    """
    return find_leftovers(_absolute(target))


def _absolute(target: str | os.PathLike[str]) -> Path:
    try:
        return Path(os.path.abspath(target))  # noqa: PTH100 (resolve() would follow a symlink)
    except FileNotFoundError as error:
        raise TargetUnwritable(Path(target), "the working directory is no longer there") from error


def _is_ours(target: Path, *, overwrite: bool) -> bool:
    """Return whether a folder of ours stands at the target; raise if none may be put."""
    with writing(target):
        try:
            mode = target.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise TargetRefused(target, "is a symbolic link: name the folder that it points to")
            if not stat.S_ISDIR(mode):
                kind = TargetRefused if overwrite else TargetExists
                raise kind(target, "is a file, which is never overwritten: choose another path")
            names = {path.name for path in target.iterdir()}
        except FileNotFoundError:
            return False
    if names and not overwrite:
        raise TargetExists(target, f"exists already: {_OVERWRITE}")
    _check_replaceable(target)
    if names:
        _check_content(target, names)
    return bool(names)


def _check_content(target: Path, names: set[str]) -> None:
    # One requirements.txt makes no model folder: every project has one.
    if _MODEL_FILE not in names and not names >= _ENVIRONMENT_FILES:
        known = f"neither {_MODEL_FILE} nor all of {', '.join(sorted(_ENVIRONMENT_FILES))}"
        raise TargetRefused(target, f"has {known}, so it is not overwritten: choose another path")
    if ".git" in names:
        raise TargetRefused(target, "holds a git repository, which overwriting would destroy")


def _check_replaceable(target: Path) -> None:
    if target.is_mount():
        raise TargetRefused(target, _MOUNTED)
    try:
        here = Path.cwd().resolve()
    except FileNotFoundError:  # it was removed under us, so the target does not hold it
        return
    if target.resolve() in (here, *here.parents):
        reason = "is or holds the working directory, so it is not replaced: name a folder in it"
        raise TargetRefused(target, reason)


def _make(folder: Path, made: list[Path], target: Path) -> None:
    """Make a folder and its missing parents, and note each in `made`."""
    missing = [folder]
    while not os.path.lexists(missing[-1].parent):
        missing.append(missing[-1].parent)
    with writing(target):
        for path in reversed(missing):
            # mkdir gives the permissions of the umask; tempfile's would be 0700.
            if path == folder or not path.is_dir():  # somebody may make the same parent just now
                path.mkdir()
                made.append(path)


def _tidy(staging: Staging, made: list[Path]) -> None:
    """Remove the replaced folder after a commit, else everything that was made."""
    if staging.committed:
        _remove_replaced(staging)
        return
    # The error of the block is the one to raise, not one of tidying up after it.
    with suppress(OSError):
        for path in reversed(made):
            if path == staging.folder:
                remove(path)
            else:
                path.rmdir()  # not when somebody else uses it by now


def _remove_replaced(staging: Staging) -> None:
    if staging.replaced is None:
        return
    try:
        remove(staging.replaced)
    except OSError as error:
        reason = f"is in place, but the folder it replaced could not be removed: {error}"
        raise OldFolderRemains(staging.target, reason) from error
