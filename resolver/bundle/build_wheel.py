"""Build the wheel of a source distribution, in isolation, by the library `build`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from ..errors import BuildError
from ..settings import IndexSettings
from ..sources.contents.archives import hold_sizes
from ..target import Target
from .keeping import keep_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ..index.simple_api import Link
    from ..search.resolution import Artifact

    Run = Callable[
        [Sequence[str], Mapping[str, str] | None, Path], subprocess.CompletedProcess[bytes]
    ]

_LAST = 12
_SAME = ("implementation_name", "platform_machine", "python_version", "sys_platform")
_LOGIN = re.compile(r"(?<=://)[^\s/@]+@")


class SourceToBuild(Protocol):
    """A source distribution to build a wheel of; as a text it is its name and version."""

    @property
    def name(self) -> str:
        """Return its normalised name."""

    @property
    def file(self) -> Artifact | Link:
        """Return its file."""

    @property
    def settings(self) -> tuple[str, ...]:
        """Return the settings for its build backend, as "KEY=VALUE"."""

    def fetch(self, folder: Path) -> Path:
        """Put the file into a folder. Raises `SourceError`."""


def _silent(_: str) -> None:
    """Ignore a progress message."""


def _run(
    command: Sequence[str], environment: Mapping[str, str] | None, folder: Path
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        cwd=folder,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


@contextmanager
def _temporary() -> Iterator[Path]:
    with TemporaryDirectory(prefix="modelenv-build-") as folder:
        yield Path(folder)


@dataclass(frozen=True, slots=True)
class WheelBuilder:
    """Builds wheels, each once: a wheel is kept in a folder under the key of its inputs.

    The running Python builds, so only for its own target. The build backend and its requirements
    are installed into an environment of their own, by pip as it is configured.
    """

    target: Target
    cache: Path
    """The folder of built wheels."""
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    """The variables of the process that builds; None: those of this one."""
    report: Callable[[str], None] = _silent
    """Receives messages about slow steps."""
    run: Run = _run
    """Runs the build process to its end, given its words, variables and folder."""
    scratch: Callable[[], AbstractContextManager[Path]] = _temporary
    """Creates a folder to build in, and removes it."""

    @classmethod
    def kept(
        cls,
        target: Target,
        environment: Mapping[str, str],
        report: Callable[[str], None],
        run: Run = _run,
        scratch: Callable[[], AbstractContextManager[Path]] = _temporary,
    ) -> WheelBuilder:
        """Return a builder that keeps its wheels beside the pages of indexes."""
        folder = IndexSettings.from_environment().cache or Path()
        return cls(target, folder / "built", environment, report, run, scratch)

    def __call__(self, unbuilt: SourceToBuild) -> Path:
        """Return the wheel of a source distribution. Raises `BuildError`, `SourceError`."""
        folder = self.cache / _key(unbuilt)
        for wheel in folder.glob("*.whl"):
            return wheel
        self.check(str(unbuilt))
        self.report(f"build {unbuilt}")
        with self.scratch() as scratch:
            return keep_whole(self._build(unbuilt, scratch), folder)

    def check(self, what: str) -> None:
        """Raise `BuildError` if the wheel of `what` cannot be built here for the target."""
        here = Target.current()
        if any(here.markers[each] != self.target.markers[each] for each in _SAME):
            python, platform = self.target.python_version, self.target.markers["sys_platform"]
            reason = f"it is for Python {python} on {platform}, and this Python builds for itself"
            raise BuildError(what, reason, "build its wheel there, and give --find-links")
        try:
            version("build")
        except PackageNotFoundError:
            reason = "the library that builds is not installed"
            raise BuildError(what, reason, "pip install 'modelenv[build]'") from None

    def _build(self, unbuilt: SourceToBuild, scratch: Path) -> Path:
        archive = unbuilt.fetch(scratch)
        project = _unpacked(archive, scratch / "project", unbuilt)
        out = scratch / "out"
        settings = (f"-C{each}" for each in unbuilt.settings)
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), *settings]
        # A folder "build" in another than the scratch would be taken for the library.
        done = self.run([*command, str(project)], self.environment, scratch)
        wheels = sorted(out.glob("*.whl"))
        if done.returncode or not wheels:
            printed = done.stdout.decode("utf-8", "replace")
            lines = _LOGIN.sub("****@", printed).rstrip().splitlines()
            said = "".join(f"\n  {line}" for line in lines[-_LAST:])
            raise BuildError(str(unbuilt), f"its build failed:{said}")
        return wheels[0]


def _key(unbuilt: SourceToBuild) -> str:
    """Return the key of a build, a digest of everything that the wheel depends on."""
    about = [sys.version, sys.platform, unbuilt.file.hashes or unbuilt.file.url, unbuilt.settings]
    return f"{unbuilt.name}-{sha256(json.dumps(about).encode()).hexdigest()[:32]}"


def _unpacked(archive: Path, folder: Path, unbuilt: SourceToBuild) -> Path:
    """Unpack a source distribution; return the folder of its project."""
    size = archive.stat().st_size
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as packed:
                hold_sizes((each.file_size for each in packed.infolist()), size)
                packed.extractall(folder)  # noqa: S202  # it takes no path outside
        else:
            with tarfile.open(archive) as packed:
                hold_sizes((each.size for each in packed), size)
                if hasattr(tarfile, "data_filter"):
                    packed.extractall(folder, filter="data")
                else:  # Python 3.10.11 and older
                    inside = filter(_stays_inside, packed)
                    packed.extractall(folder, members=list(inside))  # noqa: S202  # they do
        (project,) = (each for each in folder.iterdir() if each.is_dir())
    except (tarfile.TarError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise BuildError(str(unbuilt), f"it cannot be unpacked ({error})") from error
    return project


def _stays_inside(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    return (member.isfile() or member.isdir()) and not path.is_absolute() and ".." not in path.parts
