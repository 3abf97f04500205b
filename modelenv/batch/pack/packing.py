"""Pack the environment of a saved model into one file, and prove that the model runs in it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...base import VERSION, arguments
from ...base.doors import door
from ...base.files.scratch import scratch_folder
from ...base.indexes import AS_CONFIGURED, Indexes
from ...base.settings import Settings
from ...base.siblings import envfiles
from ...base.text import brief, counted
from ...environments.errors import PythonMissingError
from ...environments.given.pack_file import BESIDE
from ...environments.interpreter import Python
from ...environments.pythons.discovery import find
from ...environments.pythons.named_python import NamedPython, is_version
from ...environments.spec import Report, minor, silent
from ...folder.model_folder import ModelFolder
from ...run.isolated import RunOptions
from ...run.verify import verify_again
from ...seal.choose import Paths, SealRequest
from ...seal.seals import Wanted
from ...wheels.locked_environment import LockedEnvironment
from ...wheels.locking import made_environment
from ...wheels.model_lock import ModelLock
from ...wheels.shelf import Shelf
from ...wheels.targets import PlatformTarget, this_platform
from ...worker.verdict import Verdict
from . import archive
from .contents import lay_out, least_glibc
from .errors import NoPackError, PackNotProvenError
from .interpreter import add_python


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedEnvironment:
    """A packed environment that was written."""

    file: Path
    sha256: str
    python: str
    """The version of Python that it needs, as ``3.12``; the full release if it has its own."""
    with_python: bool
    platform: str
    """As ``linux/amd64``."""
    glibc: tuple[int, int] | None
    """The oldest glibc with which it runs; None for any C library."""
    pins: tuple[str, ...]
    bytes: int
    unpacked: int
    """The size of its files in bytes, without the bytecode compiled after unpacking."""
    verdict: Verdict | None
    """The verdict on the prediction in it; None if it was not requested."""

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def __str__(self) -> str:
        """Return its place, its content and its requirements."""
        python = f"Python {self.python}, its own" if self.with_python else f"Python {self.python}"
        library = "" if self.glibc is None else f", glibc {self.glibc[0]}.{self.glibc[1]}"
        lines = [
            f"{self.file}: {counted(len(self.pins), 'distribution')}, {self.bytes / 1e6:.1f} MB,"
            f" {self.unpacked / 1e6:.1f} unpacked",
            f"  for {self.platform}{library}, {python}",
            f"  sha256:{self.sha256}",
        ]
        lines.append("not verified" if self.verdict is None else str(self.verdict))
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return it as a document."""
        return {
            "schema": 1,
            "file": str(self.file),
            "sha256": self.sha256,
            "python": self.python,
            "with_python": self.with_python,
            "platform": self.platform,
            "glibc": None if self.glibc is None else ".".join(map(str, self.glibc)),
            "pins": [*self.pins],
            "bytes": self.bytes,
            "unpacked": self.unpacked,
            "verdict": None if self.verdict is None else self.verdict.to_json(),
        }


@door
def pack_environment(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    python: str | os.PathLike[str] | None = None,
    with_python: bool = False,
    platform: str | None = None,
    verify: bool = True,
    timeout: float = 600.0,
    seal: Wanted = "auto",
    allow_hosts: str | Iterable[str] = (),
    allow_paths: Paths = (),
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> PackedEnvironment:
    """Write the environment of a saved model as one file, for machines without an index.

    It is a tar, compressed by gzip, with its hash beside it. It holds the wheels of the pins,
    unpacked, for a `platform` as "linux/arm64", this machine's by default, and a `python`, the
    model's own by default: a version, or with `with_python`, which adds the interpreter, its path.
    Before the file appears the model predicts its recorded example in it, as
    :func:`~modelenv.verify` does with these options; raises PackNotProvenError if the prediction
    differs. Raises NoPackError, NoWheelsError and the errors of locking.
    """
    target = arguments.path("output", output).absolute()
    if target.is_dir() or not target.parent.is_dir():
        reason = "it is a folder" if target.is_dir() else f"there is no folder {target.parent}"
        raise NoPackError(str(target), reason, "name a file, as model.pack.tar.gz")
    opened = ModelFolder.open(folder)
    asked = _Asked.of(opened, python, platform, with_python=with_python)
    options = RunOptions(timeout=timeout, seal=SealRequest.read(seal, allow_hosts, allow_paths))
    if verify:
        asked.check_runs_here()
    environment = _locked(opened, asked, indexes, report)
    with _partial(target) as partial, scratch_folder() as scratch:
        root = scratch / "environment"
        lay_out(environment.wheels, asked.versioned, root, report)
        release = ""
        if with_python:
            report(f"adding Python {asked.python}")
            release = add_python(asked.executable, asked.versioned, root)
        glibc = least_glibc(environment.wheels)
        report(f"writing {target.name}")
        written = archive.write(root, _about(environment, asked, glibc, release), partial)
        verdict = None
        if verify:
            verdict = _proven(opened, partial, target, replace(options, report=report), scratch)
        beside = target.with_name(target.name + BESIDE)
        beside.unlink(missing_ok=True)  # a reader of the new file meanwhile finds no wrong hash
        partial.replace(target)
        envfiles.put_file(beside, f"{written.sha256}  {target.name}\n".encode())
    return PackedEnvironment(
        file=target,
        sha256=written.sha256,
        python=release or asked.python,
        with_python=with_python,
        platform=asked.platform,
        glibc=glibc,
        pins=_pins(environment),
        bytes=written.bytes,
        unpacked=written.unpacked,
        verdict=verdict,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The requested Python and platform."""

    python: str
    """As ``3.12``, or ``3.14t``."""
    platform: str
    interpreter: Path | None
    """The interpreter that was named; None to search for one."""

    @classmethod
    def of(
        cls,
        folder: ModelFolder,
        python: str | os.PathLike[str] | None,
        platform: str | None,
        *,
        with_python: bool,
    ) -> _Asked:
        """Parse the request. Raises NoPackError, and WrongUseError for an invalid interpreter."""
        here = this_platform()
        wanted = folder.environment.python if python is None else os.fspath(python)
        interpreter = None
        if python is not None and not is_version(python):
            settings = Settings.from_environment()
            named = NamedPython.of(python, Python.current(), settings)
            wanted, interpreter = named.version, named.executable
        if not wanted:
            reason = "its environment files name no version of Python"
            raise NoPackError(str(folder.path), reason, "name one (--python)")
        if with_python and platform not in (None, here):
            reason = f"only an interpreter of {here} can be taken from here"
            raise NoPackError("--with-python", reason, "pack there, or leave it out")
        threads = "t" if wanted.endswith("t") else ""
        return cls(minor(wanted) + threads, platform or here, interpreter)

    @property
    def versioned(self) -> str:
        return f"python{self.python}"

    @property
    def executable(self) -> Path:
        """The interpreter on this machine. Raises PythonMissingError."""
        if self.interpreter is not None:
            return self.interpreter
        return find(self.python, Python.current(), Settings.from_environment()).executable

    def check_runs_here(self) -> None:
        """Raise NoPackError if a prediction in it cannot run on this machine."""
        way = "pack it there, or do not verify it (--no-verify)"
        if self.platform != this_platform() or os.name != "posix":
            raise NoPackError(f"--platform {self.platform}", "it cannot be verified here", way)
        try:
            _ = self.executable
        except PythonMissingError as error:
            reason = f"it cannot be verified without Python {self.python} ({error.version})"
            raise NoPackError(f"Python {self.python}", reason, way) from error


def _locked(
    folder: ModelFolder, asked: _Asked, indexes: Indexes, report: Report
) -> LockedEnvironment:
    """Return the locked environment, with each of its wheels on this machine."""
    stated = folder.environment.python
    target = PlatformTarget.of(asked.python, asked.platform, stated)
    environment = Settings.from_environment().environment
    shelf = Shelf(target, folder.sources(environment).with_indexes(indexes, report))
    return made_environment("model", ModelLock(folder, shelf).choices(), shelf, wheelhouse=True)


def _about(
    environment: LockedEnvironment, asked: _Asked, glibc: tuple[int, int] | None, release: str
) -> Mapping[str, Any]:
    machine = PlatformTarget.of(minor(asked.python), asked.platform).machine
    return {
        "made_by": f"modelenv {VERSION}",
        "python": {
            "version": minor(asked.python),
            "free_threaded": asked.python.endswith("t"),
            "packed": bool(release),
            "release": release,
        },
        "platform": {"system": "Linux", "machine": machine, "libc": glibc},
        "pins": [*environment.lines],
        "wheels": [wheel.name for wheel in environment.wheels],
    }


def _pins(environment: LockedEnvironment) -> tuple[str, ...]:
    return tuple(line.partition(" ")[0] for line in environment.lines)


def _proven(
    folder: ModelFolder, pack: Path, target: Path, options: RunOptions, scratch: Path
) -> Verdict:
    """Return the verdict of a prediction in a pack. Raises PackNotProvenError for a bad one."""
    # It is unpacked in the scratch folder, and not in the user's cache.
    variables = {**options.settings.environment, "MODELENV_CACHE_DIR": str(scratch / "cache")}
    settings = replace(options.settings, environment=variables)
    how = replace(options, environment=pack, settings=settings)
    verdict = verify_again(folder.path, how)
    if not verdict.good:
        raise PackNotProvenError(target, str(verdict), verdict.detail)
    return verdict


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """Yield a path for writing a file that becomes `target`; an unfinished one is removed."""
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)
