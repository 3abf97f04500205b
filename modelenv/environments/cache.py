"""A cache of built environments: built once, shared, never visible half built.

An environment is in a folder of its own below the one named by its key. The file
``environment.json``, written last, names that folder: without it a build was interrupted, and the
next caller builds again in another folder, so that leftovers do no harm. A process that uses an
environment holds a lock on a lease file, which the system releases when the process ends.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..base.files.disk import placing

_ABOUT = "environment.json"
_LEASES = "leases"

Build = Callable[[Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedEnvironment:
    """A cached environment."""

    key: str
    folder: Path
    manager: str
    python: str
    requirements: tuple[str, ...]
    sources: tuple[str, ...]
    """The places from which its files were taken, as lines of a requirements file."""
    bytes: int
    used: float
    """When it was last used, in seconds since 1970."""
    in_use: bool
    complete: bool
    """Whether its build was completed."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **asdict(self),
            "folder": str(self.folder),
            "requirements": list(self.requirements),
            "sources": list(self.sources),
        }


class EnvironmentCache:
    """The environments below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def opened(
        self,
        key: str,
        about: Mapping[str, Any],
        build: Build,
        usable: Callable[[Path], bool],
        waiting: Callable[[], None] = lambda: None,
    ) -> Iterator[Path]:
        """Yield the environment of a key for the length of a block; build it if necessary.

        `build` fills a new folder; `about` is recorded with it; `usable` returns whether an
        environment built before is intact. Of concurrent callers one builds and the others wait;
        each of them calls `waiting` first. If `build` raises, the error is passed on and its folder
        is removed.
        """
        with ExitStack() as leased:
            with self._locked(key, waiting):
                root = self._complete(key)
                if root is None or not usable(root):
                    self._remove(key)
                    root = self._build(key, about, build)
                self._remove_strays(key)
                leased.enter_context(self._lease(key))
                (self.folder / key / _ABOUT).touch()
            yield root

    def about(self, key: str) -> dict[str, Any]:
        """Return the record of an environment, with its build time; empty if it is incomplete."""
        with suppress(OSError, ValueError):
            about = json.loads((self.folder / key / _ABOUT).read_text("utf-8"))
            if isinstance(about, dict):
                return about
        return {}

    def entries(self) -> tuple[CachedEnvironment, ...]:
        """Return all environments, the last used first."""
        keys = [path.name for path in self._containers()]
        return tuple(sorted(map(self._entry, keys), key=lambda entry: -entry.used))

    def remove(self, unused_days: float = 0.0) -> tuple[CachedEnvironment, ...]:
        """Remove environments unused for `unused_days`, and unfinished ones; return these.

        Environments in use or being built are kept.
        """
        removed = []
        for entry in self.entries():
            old = time.time() - entry.used >= unused_days * 86400
            if (old or not entry.complete) and not entry.in_use and self._try_remove(entry.key):
                removed.append(entry)
            else:
                self._if_nobody_builds(entry.key, self._remove_strays)
        return tuple(removed)

    def _containers(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if path.is_dir() and path.name != "locks"]

    def _complete(self, key: str) -> Path | None:
        about = self.about(key)
        root = self.folder / key / str(about.get("root"))
        return root if about and root.is_dir() else None

    def _build(self, key: str, about: Mapping[str, Any], build: Build) -> Path:
        self._remove_unfinished()
        container = self.folder / key
        root = container / uuid.uuid4().hex[:12]
        container.mkdir(parents=True)
        try:
            with placing(container):
                build(root)
        except BaseException:
            shutil.rmtree(container, ignore_errors=True)
            raise
        written = {**about, "root": root.name, "bytes": _size(root), "created": time.time()}
        partial = container / f"{_ABOUT}.partial"
        with placing(partial):
            partial.write_text(json.dumps(written, indent=1), "utf-8")
        partial.replace(container / _ABOUT)
        return root

    def _remove_unfinished(self) -> None:
        """Remove what killed builds have left; a build in progress is locked."""
        for container in self._containers():
            if not self.about(container.name):
                self._try_remove(container.name)

    def _entry(self, key: str) -> CachedEnvironment:
        about = self.about(key)
        container = self.folder / key
        try:
            used = (container / _ABOUT if about else container).stat().st_mtime
        except OSError:
            used = time.time()
        return CachedEnvironment(
            key=key,
            folder=container,
            manager=str(about.get("manager", "")),
            python=str(about.get("python", "")),
            requirements=tuple(about.get("requirements", ())),
            sources=tuple(about.get("sources", ())),
            bytes=int(about["bytes"]) if about else _size(container),
            used=used,
            in_use=self._in_use(key),
            complete=bool(about),
        )

    def _remove_strays(self, key: str) -> None:
        """Remove the folders beside a complete environment.

        If the system cannot end the builders of a killed process, they may still be writing.
        """
        about = self.about(key)
        own = {about.get("root"), _ABOUT, _LEASES}
        for path in (self.folder / key).iterdir() if about else ():
            if path.name not in own:
                shutil.rmtree(path, ignore_errors=True)
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _try_remove(self, key: str) -> bool:
        """Remove an environment that no process uses or builds; return whether that was done."""
        is_free = self._if_nobody_builds(key, self._remove_unused)
        return is_free and not (self.folder / key).exists()

    def _remove_unused(self, key: str) -> None:
        if not self._in_use(key):
            self._remove(key)

    def _if_nobody_builds(self, key: str, work: Callable[[str], None]) -> bool:
        """Call `work` with the key unless its environment is being built; return whether it ran."""
        from filelock import Timeout

        try:
            with self._lock(key).acquire(timeout=0):
                work(key)
        except Timeout:
            return False
        return True

    def _remove(self, key: str) -> None:
        container = self.folder / key
        # The file that marks it as complete goes first: after a kill the rest is an unfinished
        # build.
        (container / _ABOUT).unlink(missing_ok=True)
        shutil.rmtree(container, ignore_errors=True)
        if container.exists():  # a process left of a killed build is still writing: move it away
            container.rename(container.with_name(f"{key}-{uuid.uuid4().hex[:8]}"))

    @contextmanager
    def _locked(self, key: str, waiting: Callable[[], None]) -> Iterator[None]:
        from filelock import Timeout

        lock = self._lock(key)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _lock(self, key: str) -> Any:
        from filelock import FileLock

        # Never removed: processes that wait on a removed lock file do not exclude later ones.
        folder = self.folder / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(str(folder / f"{key}.lock"))

    @contextmanager
    def _lease(self, key: str) -> Iterator[None]:
        from filelock import FileLock

        self._in_use(key)  # remove the leases of ended processes
        file = self.folder / key / _LEASES / uuid.uuid4().hex
        file.parent.mkdir(exist_ok=True)
        with FileLock(str(file)):
            yield
        file.unlink(missing_ok=True)

    def _in_use(self, key: str) -> bool:
        """Return whether a living process holds a lease; leases of ended processes are removed."""
        from filelock import FileLock, Timeout

        living = 0
        for file in list((self.folder / key / _LEASES).glob("*")):
            try:
                with FileLock(str(file), timeout=0):
                    pass
                file.unlink(missing_ok=True)
            except Timeout:
                living += 1
        return living > 0


def _size(folder: Path) -> int:
    files = (path.lstat() for path in folder.rglob("*") if not path.is_dir())
    return sum(status.st_size for status in files)
