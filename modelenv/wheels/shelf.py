"""The files of an environment: fetched or built, and kept in the cache."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..base.files.scratch import scratch_folder
from ..base.siblings import envfiles, resolver
from ..base.text import few
from ..pins.change.at_hand import at_hand, who_forbids
from ..pins.package_sources import PackageSources
from ..worker.processes.program import run_program
from .errors import NoWheelsError
from .installable import Installable
from .targets import PlatformTarget

_LAST = 12  # lines of a failed build's output that are shown


@dataclass(frozen=True)
class Shelf:
    """The cached files for a target, and the sources that provide them."""

    target: PlatformTarget
    sources: PackageSources

    @cached_property
    def builder(self) -> resolver.WheelBuilder | None:
        """The builder of wheels; None if none are built."""
        return self.sources.indexes.builder(
            self.target.target, self.sources.environment, self.sources.report, run_program
        )

    def fetched(self, files: Sequence[resolver.Artifact]) -> tuple[Path, ...]:
        """Return the local paths of files; missing ones are fetched.

        Raises SourceError, and NoWheelsError where no index may be asked and no place has them.
        """
        expand = self.sources.variables.expand
        asked = [
            resolver.Artifact(each.file, expand(each.url), each.hashes, each.size)
            for each in self._at_hand(files)
        ]
        elsewhere = [each for each in asked if not each.is_local]
        came = iter(
            resolver.download(
                elsewhere,
                cache_folder() / "files",
                options=self.sources.admitted().options.options,
                settings=self.sources.settings,
            )
            if elsewhere
            else ()
        )
        return tuple(path_of(each.url) if each.is_local else next(came) for each in asked)

    def _at_hand(self, files: Sequence[resolver.Artifact]) -> Sequence[resolver.Artifact]:
        """Return files at places that may be asked: a lock's addresses are those of an index."""
        wanted = {each.file: each.hashes for each in files if not each.is_local}
        who = who_forbids(self.sources) if wanted else ""
        if not who:
            return files
        places = at_hand(wanted, self.sources, self.target.target)
        if missing := [file for file in wanted if file not in places]:
            reason = f"{who} lets no address be asked, and no place has it with its hash"
            way = f"name a folder with what is missing (--find-links), or leave {who} out"
            raise NoWheelsError(few(missing), reason, way)
        return [replace(each, url=places.get(each.file, each.url)) for each in files]

    def built(self, choice: Installable) -> resolver.Artifact:
        """Return the wheel built from a choice's source distribution or commit.

        Raises BuildError, SourceError, NoWheelsError.
        """
        assert self.builder is not None
        if choice.commit:
            wheel = self._built_of_commit(choice, self.builder)
        else:
            wheel = self.builder(_Source(choice, self))
        return on_this_machine(wheel)

    def _built_of_commit(self, choice: Installable, builder: resolver.WheelBuilder) -> Path:
        """Return the wheel that pip builds from a commit; later calls find it in the cache."""
        builder.check(str(choice))
        about = repr((choice.commit, choice.settings, sys.version))
        folder = builder.cache / f"{choice.name}-{sha256(about.encode()).hexdigest()[:32]}"
        for wheel in folder.glob("*.whl"):
            return wheel
        self.sources.report(f"build {choice}")
        address = self.sources.variables.expand(choice.commit)
        settings = (f"--config-settings={each}" for each in choice.settings)
        with scratch_folder() as scratch:
            command = [sys.executable, "-I", "-m", "pip", "wheel", "--quiet", "--no-deps"]
            command += ["--disable-pip-version-check", "--wheel-dir", str(scratch / "out")]
            command += [*settings, f"{choice.name} @ {address}"]
            ended = run_program(command, builder.environment, scratch)
            wheels = sorted((scratch / "out").glob("*.whl"))
            if ended.returncode or not wheels:
                lines = ended.stdout.decode("utf-8", "replace").rstrip().splitlines()[-_LAST:]
                said = "".join(f"\n  {envfiles.mask(line)}" for line in lines)
                raise NoWheelsError(str(choice), f"no wheel of it could be built:{said}")
            return resolver.keep_whole(wheels[0], folder)


@dataclass(frozen=True, slots=True)
class _Source:
    """A source distribution to build, as `WheelBuilder` takes it."""

    choice: Installable
    shelf: Shelf

    @property
    def name(self) -> str:
        """Return its normalised name."""
        return self.choice.name

    @property
    def file(self) -> resolver.Artifact:
        """Return the file of the source distribution."""
        assert self.choice.source is not None
        return self.choice.source

    @property
    def settings(self) -> tuple[str, ...]:
        """Return the settings for its build backend."""
        return self.choice.settings

    def fetch(self, folder: Path) -> Path:  # noqa: ARG002  # it lies in the cache, and stays there
        """Return its local path; it is fetched if necessary. Raises SourceError."""
        return self.shelf.fetched([self.file])[0]

    def __str__(self) -> str:
        """Return its name and version."""
        return str(self.choice)


def cache_folder() -> Path:
    """Return the cache folder for files of images and packs."""
    return (resolver.IndexSettings.from_environment().cache or Path()).parent / "images"


def on_this_machine(wheel: Path) -> resolver.Artifact:
    """Return a local wheel as an artifact that travels."""
    digest = sha256(wheel.read_bytes()).hexdigest()
    return resolver.Artifact(
        wheel.name, wheel.absolute().as_uri(), (f"sha256:{digest}",), wheel.stat().st_size
    )


def path_of(url: str) -> Path:
    """Return the path of a ``file:`` URL."""
    return Path(url2pathname(urlsplit(url).path))
