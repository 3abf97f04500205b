"""The manager for packed environments, which are unpacked once and never built."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ...base.settings import Settings
from ...base.text import counted
from ...seal.seals import Seal
from ..builders.installing import executable_in
from ..cache import EnvironmentCache
from ..cached import default_cache, interpreter_in
from ..errors import BadPackError
from ..interpreter import Python
from ..pythons.discovery import find
from ..spec import BuiltFrom, EnvironmentRequest, ReadyEnvironment, Report
from .holding import check_holding
from .pack_file import Manifest, PackError, read_manifest
from .unpack import unpack

_LAYOUT = 1


@dataclass(frozen=True, slots=True)
class PackManager:
    """A manager that unpacks the environment of a pack once, and keeps it."""

    file: Path
    settings: Settings
    cache: EnvironmentCache

    @classmethod
    def of(cls, file: Path, settings: Settings) -> PackManager:
        """Return one that unpacks into the cache of built environments."""
        return cls(file, settings, default_cache(settings))

    @contextmanager
    def opened(
        self, request: EnvironmentRequest, seal: Seal, report: Report
    ) -> Iterator[ReadyEnvironment]:
        """Yield the environment.

        Raises BadPackError, PythonMissingError, and AnotherEnvironmentError if it does not hold
        exactly what is requested.
        """
        manifest = manifest_in(self.file)
        base = None
        if not manifest.has_python:
            base = find(_version(manifest), request.python, self.settings).executable
        about = {
            "layout": _LAYOUT,
            "manager": "pack",
            "python": f"the pack's own {_version(manifest)}" if base is None else str(base),
            "requirements": [line.partition(" ")[0] for line in manifest.pins],
            "sources": [str(self.file)],
        }
        key = hashlib.sha256(f"{about} {manifest.digest}".encode()).hexdigest()[:24]

        def build(root: Path) -> None:
            held = counted(len(manifest.pins), "distribution")
            report(f"unpacking an environment of {held} from {self.file}")
            try:
                unpack(self.file, root, base=base)
            except PackError as error:
                raise BadPackError(self.file, error.reason, error.way_out) from error

        def waiting() -> None:
            report("waiting for another process that unpacks the environment")

        with self.cache.opened(key, about, build, _usable, waiting) as root:
            python = Python.at(executable_in(root))
            check_holding(request, python, root, "pack", self.file)
            interpreter = interpreter_in(root, python, request.python, self.settings, seal)
            when = datetime.fromtimestamp(self.cache.about(key).get("created", 0), timezone.utc)
            source = (str(self.file),)
            built = BuiltFrom(
                sources=source,
                wheels=(),
                when=when.isoformat(timespec="seconds"),
                sources_now=source,
                changed=request.contents.notes,
            )
            yield ReadyEnvironment(interpreter, "a packed environment", built=built)


def manifest_in(file: Path) -> Manifest:
    """Return the manifest of a pack. Raises BadPackError."""
    try:
        return read_manifest(file)
    except PackError as error:
        raise BadPackError(file, error.reason, error.way_out) from error


def _version(manifest: Manifest) -> str:
    return manifest.versioned.removeprefix("python")


def _usable(root: Path) -> bool:
    """Return whether its interpreter exists: the base to which it links may have been removed."""
    return executable_in(root).exists()
