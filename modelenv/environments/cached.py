"""A manager of built environments: whoever builds them, each is built once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..base.errors import WrongUseError
from ..base.settings import Settings
from ..base.text import counted
from ..worker.process import Interpreter
from .builders import Builder, executable_in
from .cache import Cache
from .replica import clean_environment
from .spec import Place, Report, Wanted, minor

_LAYOUT = 1
_OLDEST = (3, 8)
"""What the worker is written for."""


@dataclass(frozen=True, slots=True)
class Cached:
    """Give built environments from the cache, and build those that it lacks."""

    builder: Builder
    cache: Cache
    settings: Settings

    @contextmanager
    def opened(self, wanted: Wanted, report: Report) -> Iterator[Place]:
        """Give the environment. Raises BuildFailedError, PythonMissingError."""
        base = self.builder.base(wanted)
        if tuple(map(int, minor(wanted.python_version).split("."))) < _OLDEST:
            raise WrongUseError(
                f"the model needs Python {wanted.python_version}, and models are run with Python"
                f" {'.'.join(map(str, _OLDEST))} and newer"
            )
        about = {
            "layout": _LAYOUT,
            "manager": self.builder.name,
            "python": base,
            "requirements": sorted((*wanted.requirements, *wanted.provided)),
        }

        def build(root: Path) -> None:
            held = counted(len(wanted.requirements), "distribution")
            report(f"building an environment of {held} with {self.builder.name}")
            self.builder.build(root, wanted)

        def waiting() -> None:
            report("waiting for another process that builds the environment")

        key = _key(about, wanted)
        with self.cache.opened(key, about, build, _usable, waiting) as root:
            yield Place(self._interpreter(root), self.builder.label)

    def _interpreter(self, root: Path) -> Interpreter:
        executable = executable_in(root)
        return Interpreter(
            executable=executable,
            options=("-I", "-X", "utf8"),
            environment=clean_environment(self.settings.environment, executable.parent),
            prefix=root,
        )


def default_cache(settings: Settings) -> Cache:
    """Return the cache in the user's own cache folder, or where MODELENV_CACHE_DIR says."""
    told = settings.environment.get("MODELENV_CACHE_DIR")
    if told:
        return Cache(Path(told) / "environments")
    from platformdirs import user_cache_path

    return Cache(user_cache_path("modelenv", appauthor=False) / "environments")


def _usable(root: Path) -> bool:
    """Tell whether its interpreter is there: the one that it links to may have been removed."""
    return executable_in(root).exists()


def _key(about: dict[str, object], wanted: Wanted) -> str:
    """Name an environment by all that goes into it, the content of local files too."""
    content = {**about, "files": {line: _local_content(line) for line in wanted.requirements}}
    if wanted.options:
        content["options"] = wanted.options
    content["wheels"] = [hashlib.sha256(file.read_bytes()).hexdigest() for file in wanted.wheels]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


def _local_content(line: str) -> str:
    _, _, url = line.partition(" @ ")
    parts = urlsplit(url.partition(" ; ")[0].strip())
    if parts.scheme != "file":
        return ""
    place = Path(unquote(parts.path))
    if place.is_file():
        return hashlib.sha256(place.read_bytes()).hexdigest()
    files = sorted(file for file in place.rglob("*") if file.is_file())
    said = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(said).encode()).hexdigest()
