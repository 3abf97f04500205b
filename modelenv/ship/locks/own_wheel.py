"""Pack the wheel of this modelenv from what is installed; equal files give equal bytes."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from ...base.files.scratch import scratch_folder
from ...base.siblings import resolver
from ...wheels.shelf import cache_folder, on_this_machine

HOME = Path(__file__).parent.parent.parent.parent
"""The folder that contains modelenv's packages."""
PACKAGES = ("envfiles", "modelenv", "resolver", "tracer")
_NOT_PACKED = (".pyc", ".pyo", ".orig", ".rej", "~")


def own_wheel(own: resolver.Distribution, target: resolver.Target) -> resolver.Artifact:
    """Return the wheel of this modelenv, even if it is an editable install.

    It is in the cache, named by its hash. Raises NotBundledError.
    """
    with scratch_folder() as scratch:
        made = resolver.bundle_installed(own, scratch, target, code=dict(_iter_code())).file
        digest = sha256(made.read_bytes()).hexdigest()
        return on_this_machine(resolver.keep_whole(made, cache_folder() / "own" / digest[:32]))


def _iter_code() -> Iterator[tuple[str, Path]]:
    """Yield modelenv's own files with their places in a wheel, without caches and backups."""
    for package in PACKAGES:
        for file in sorted((HOME / package).rglob("*")):
            place = file.relative_to(HOME)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in place.parts)
            if file.is_file() and not hidden and not file.name.endswith(_NOT_PACKED):
                yield place.as_posix(), file
