"""The manager of built environments: each is built once, by any builder, and cached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..base.settings import Settings
from ..base.siblings import envfiles
from ..base.text import counted
from ..seal.distributions import linked
from ..seal.seals import Seal
from ..worker.process import Interpreter
from . import scripts as programs
from .builders.builder import Builder
from .builders.installing import executable_in, unset_variables
from .cache import EnvironmentCache
from .errors import BuildFailedError
from .interpreter import Python, isolating_options
from .pythons.discovery import check_age
from .replica import clean_environment
from .spec import BuiltFrom, EnvironmentRequest, ReadyEnvironment, Report

_LAYOUT = 1
_MOST_FILES = 100_000  # of a project that is installed from its folder


@dataclass(frozen=True, slots=True)
class CachingManager:
    """A manager that takes environments from the cache, and builds missing ones."""

    builder: Builder
    cache: EnvironmentCache
    settings: Settings

    @contextmanager
    def opened(
        self, request: EnvironmentRequest, seal: Seal, report: Report
    ) -> Iterator[ReadyEnvironment]:
        """Yield the environment. Raises BuildFailedError, PythonMissingError."""
        check_age(request)
        base = self.builder.base(request)
        requirements = request.contents.requirements
        lines = sorted((*requirements, *request.provided))
        about = {
            "layout": _LAYOUT,
            "manager": self.builder.name,
            "python": base,
            "requirements": lines,
        }

        locked = request.contents.lock

        def build(root: Path) -> None:
            held = counted(len(requirements), "distribution") if requirements else str(locked)
            report(f"building an environment of {held} with {self.builder.name}")
            try:
                self.builder.build(root, request)
            except BuildFailedError as error:
                error.unset = unset_variables(request, self.settings.environment)
                error.lock = locked
                raise
            if _lock_digests(request) != locks:  # the build was stored under another key
                assert locked is not None
                raise envfiles.TargetChanged(locked.parent, f"{locked.name} changed meanwhile")

        def waiting() -> None:
            report("waiting for another process that builds the environment")

        locks = _lock_digests(request)
        key, sources = _key({**about, **locks}, request), self.builder.sources(request)
        kept = {
            **about,
            "requirements": [*map(envfiles.mask, lines)],
            "sources": sources,
            "wheels": [file.name for file in request.wheels],
        }
        with self.cache.opened(key, kept, build, _usable, waiting) as root:
            described = Python.at(executable_in(root))
            interpreter = interpreter_in(root, described, request.python, self.settings, seal)
            built = _built_from(self.cache.about(key), sources, request.contents.notes)
            name = "" if request.contents.lock is None else request.contents.lock.name
            yield ReadyEnvironment(interpreter, self.builder.label, built=built, lock=name)


def interpreter_in(
    root: Path, built: Python, here: Python, settings: Settings, seal: Seal
) -> Interpreter:
    """Return the interpreter of the environment in `root`, all of which is visible in the seal.

    `built` describes it. Programs of the environment of `here` are hidden from its PATH.
    """
    executable = executable_in(root)
    variables = clean_environment(
        programs.without(settings.environment, here.executable.parent, here.base),
        executable.parent,
    )
    within = [path for path in built.path if Path(path).is_relative_to(root)]
    others = tuple(path for path in built.path if path not in within)
    interpreter = replace(built, path=others).in_seal(
        seal,
        root,
        executable,
        options=(*isolating_options(built.version), "-X", "utf8"),
        environment=variables,
        installed=[*_iter_linked(within)],
    )
    if interpreter.plan is None:
        return interpreter
    # In an environment with its own interpreter, site-packages is in that interpreter's library.
    masks = [each for each in interpreter.plan.masks if not Path(each).is_relative_to(root)]
    return replace(interpreter, plan=replace(interpreter.plan, masks=tuple(masks)))


def _built_from(
    about: Mapping[str, Any], now: tuple[str, ...], changed: tuple[str, ...]
) -> BuiltFrom:
    """Return the build record of an environment, with the sources that it would have now."""
    built = datetime.fromtimestamp(about.get("created", 0), timezone.utc)
    sources = about.get("sources")
    return BuiltFrom(
        sources=None if sources is None else tuple(sources),
        wheels=tuple(about.get("wheels", ())),
        when=built.isoformat(timespec="seconds"),
        sources_now=now,
        changed=changed,
    )


def _iter_linked(folders: Sequence[str]) -> Iterator[str]:
    for folder in filter(Path.is_dir, map(Path, folders)):
        yield from linked(str(folder), (path.name for path in folder.iterdir()))


def default_cache(settings: Settings) -> EnvironmentCache:
    """Return the cache below MODELENV_CACHE_DIR, else below the user's own cache folder."""
    configured = settings.environment.get("MODELENV_CACHE_DIR")
    if configured:
        return EnvironmentCache(Path(configured) / "environments")
    from platformdirs import user_cache_path

    return EnvironmentCache(user_cache_path("modelenv", appauthor=False) / "environments")


def _usable(root: Path) -> bool:
    """Return whether its interpreter exists: the base to which it links may have been removed."""
    return executable_in(root).exists()


def _key(about: dict[str, object], request: EnvironmentRequest) -> str:
    """Return a key from all inputs of an environment, including the content of local files."""
    content = {
        **about,
        "files": {line: _local_content(line) for line in request.contents.requirements},
    }
    if request.contents.behind:
        behind = {line: entry.options for line, entry in request.contents.behind.items()}
        content["behind"] = behind
    if not request.contents.closed:  # the same lines are installed with their dependencies
        content["open"] = request.contents.constraints
    if request.contents.options:
        content["options"] = request.contents.options
    content["wheels"] = [hashlib.sha256(file.read_bytes()).hexdigest() for file in request.wheels]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


def _lock_digests(request: EnvironmentRequest) -> dict[str, list[str]]:
    """Return the hashes of the installed lock, and of the uv project that it may belong to."""
    lock = request.contents.lock
    if lock is None:
        return {}
    files = (each for each in (lock, lock.with_name("pyproject.toml")) if each.is_file())
    return {"lock": [hashlib.sha256(each.read_bytes()).hexdigest() for each in files]}


def _local_content(line: str) -> str:
    _, _, url = line.partition(" @ ")
    parts = urlsplit(url.partition(" ; ")[0].strip())
    if parts.scheme != "file":
        return ""
    path = Path(unquote(parts.path))
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    files = sorted(islice((file for file in path.rglob("*") if file.is_file()), _MOST_FILES))
    states = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(states).encode()).hexdigest()
