"""The environments of a node: each built or unpacked once, leased while a process uses it.

They have the layout of `environments.cache`, with the same locks and leases, so that `modelenv
cache` on that node lists and prunes them. Data needed for later uses is stored with an environment
when it is made: later processes start nothing to obtain it.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ....base.files.disk import is_of_disk, placing, way_out
from ....base.settings import Settings
from ..job import NodeEnvironment, digest_of
from .building.builders import build
from .building.described import NodePython
from .errors import PLACE, NodeError
from .locks import locked, tried
from .packs import found_pack

_ABOUT = "environment.json"
_LEASES = "leases"
_LAYOUT = 1

Report = Callable[[str], None]


def silent(_: str) -> None:
    """Report nothing."""


@contextmanager
def opened(
    environment: NodeEnvironment,
    cache: Path,
    *,
    wheels: Path | None = None,
    report: Report = silent,
) -> Iterator[Path]:
    """Yield the root of an environment, with ``bin/python`` in it, for the length of a block.

    `cache` is the folder of environments, `wheels` the model folder with its bundled wheels. Of
    concurrent callers one makes it and the others wait. Leftovers of a killed process are removed.
    Raises NodeError, which names the node, the attempts and the way out.
    """
    key = node_key(environment)
    container = cache / key
    locks = cache / "locks"
    lease: Path | None = None
    try:
        with placing(cache):
            locks.mkdir(parents=True, exist_ok=True)
            with locked(locks / f"{key}.lock", lambda: report("waiting for who builds it")):
                root = _complete(container)
                if root is None:
                    root = _make(environment, container, wheels, report)
                (container / _LEASES).mkdir(exist_ok=True)
                lease = container / _LEASES / uuid.uuid4().hex
                holding = locked(lease)
                holding.__enter__()
                (container / _ABOUT).touch()
    except OSError as error:
        raise _refused(error, cache) from error
    try:
        yield root
    finally:
        holding.__exit__(None, None, None)
        lease.unlink(missing_ok=True)


def node_key(environment: NodeEnvironment) -> str:
    """Return the name of an environment in the cache, which machines of several kinds may share."""
    machine = (sys.platform, platform.machine(), *platform.libc_ver())
    return digest_of([environment.key, *machine])[:24]


def described(root: Path) -> NodePython:
    """Return the description of an environment's Python, stored when it was made."""
    return NodePython.from_plain(_about(root.parent)["described"])


def _complete(container: Path) -> Path | None:
    """Return the root of a complete environment; None if it has to be made."""
    about = _about(container)
    root = container / str(about.get("root"))
    # The base interpreter may have been removed.
    return root if about.get("described") and executable_in(root).exists() else None


def executable_in(root: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return root / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _about(container: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        about = json.loads((container / _ABOUT).read_text("utf-8"))
        if isinstance(about, dict):
            return about
    return {}


def _make(
    environment: NodeEnvironment, container: Path, wheels: Path | None, report: Report
) -> Path:
    """Make an environment in an empty folder; nothing is left if that fails."""
    _remove(container)
    _remove_unfinished(container.parent)
    root = container / uuid.uuid4().hex[:12]
    container.mkdir(parents=True)
    try:
        about = _fill(environment, root, wheels, report)
    except BaseException:
        shutil.rmtree(container, ignore_errors=True)
        raise
    partial = container / f"{_ABOUT}.partial"
    partial.write_text(json.dumps({**about, "root": root.name}, indent=1), "utf-8")
    partial.replace(container / _ABOUT)
    return root


def _fill(
    environment: NodeEnvironment, root: Path, wheels: Path | None, report: Report
) -> dict[str, Any]:
    """Build or unpack an environment into `root`; return its record."""
    if environment.kind == "packed":
        pack = found_pack(environment)
        report(f"unpacking {pack.name}")
        _unpack(pack, root)
        manager, base, lines = "pack", environment.python, [f"{pack.name} ({environment.sha256})"]
    else:
        report("building the environment of the model on this node")
        manager, base = build(environment, root, wheels, Settings.from_environment())
        lines = [*environment.lines]
    python = NodePython.asked(executable_in(root))
    files = (path.lstat().st_size for path in root.rglob("*") if not path.is_dir())
    return {
        "layout": _LAYOUT,
        "manager": manager,
        "python": base or python.version,
        "requirements": sorted(lines),
        "sources": list(environment.options),
        "wheels": [Path(name).name for name in environment.wheels],
        "described": python.to_plain(),
        "bytes": sum(files),
        "created": time.time(),
    }


def _unpack(pack: Path, root: Path) -> None:
    """Unpack a packed environment. Raises NodeError."""
    from ....environments.given.pack_file import PackError
    from ....environments.given.unpack import unpack

    try:
        unpack(pack, root)
    except PackError as error:
        raise NodeError(f"{error.file}: {error.reason}", ways=(error.way_out,)) from error


def _remove_unfinished(cache: Path) -> None:
    """Remove what killed builds have left; a build in progress is locked."""
    for container in cache.iterdir():
        if container.name == "locks" or not container.is_dir() or _about(container):
            continue
        with tried(cache / "locks" / f"{container.name}.lock") as free:
            if free and not _about(container):
                _remove(container)


def _remove(container: Path) -> None:
    # The file that marks it as complete goes first: after a kill the rest is an unfinished build.
    (container / _ABOUT).unlink(missing_ok=True)
    shutil.rmtree(container, ignore_errors=True)
    if container.exists():  # a process left of a killed build is still writing: move it away
        container.rename(container.with_name(f"{container.name}-{uuid.uuid4().hex[:8]}"))


def _refused(error: OSError, cache: Path) -> NodeError:
    """Return an error for a refusal by the disk or the system."""
    place = str(error.filename or cache)
    reason = f"{error.strerror or error} ({place})"
    way = way_out(error, place) if is_of_disk(error) else ""
    ways = tuple(filter(None, (way, PLACE)))
    return NodeError(f"the environment cannot be made: {reason}", ways=ways)
