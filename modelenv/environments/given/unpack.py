"""Unpacking an environment that ``modelenv pack`` made, for a Python of this machine.

This module travels to other interpreters: standard library only, Python 3.10 and newer.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .pack_file import (
    BESIDE,
    BLOCK,
    DAMAGED,
    MANIFEST,
    Manifest,
    PackError,
    PackStream,
    iter_blocks,
    manifest_of,
    reading,
)

_SPARE = 1.3  # bytecode takes about a third of its sources' size, and not all of them are compiled
_TESTS = r"[/\\]tests[/\\]"  # half of a scientific environment's modules, which are never imported
_MOST_JOBS = 4
_SECONDS = 60.0
_ASK = """
import json, os, platform, sys, sysconfig
try:
    said = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (AttributeError, OSError, ValueError):
    said = ""
print(json.dumps({
    "version": "{}.{}".format(*sys.version_info),
    "implementation": sys.implementation.name,
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "libc": said.split(),
    "base": os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable),
}))
"""


def unpack(
    pack: Path, root: Path, *, base: Path | None = None, sha256: str | None = None
) -> Manifest:
    """Unpack an environment into the new folder `root`, which appears only when complete.

    Its interpreter is `base`, else this one or the first on PATH of its version, unless the pack
    includes one. The file must have the hash `sha256`, else the one recorded beside it. Raises
    PackError, and leaves nothing behind.
    """
    if os.path.lexists(root):
        raise PackError(str(pack), f"{root} is there already", "name another folder")
    _check_hash(pack, sha256)
    with reading(pack) as (tar, source):
        manifest = manifest_of(pack, tar, source)
        python = None if manifest.has_python else _python(pack, manifest, base)
        _check_platform(pack, manifest, python)
        _check_room(pack, manifest, root.parent)
        try:
            staging = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
        except OSError as error:
            raise PackError(str(pack), f"{root.parent} takes no folder ({error})") from error
        try:
            _extract(pack, manifest, tar, source, staging)
            if python is not None:
                _add_python(manifest, python, staging)
            _compile(manifest, staging)
            staging.chmod(0o755)
            staging.rename(root)
        except BaseException as error:
            shutil.rmtree(staging, ignore_errors=True)
            if isinstance(error, OSError) and not isinstance(error, DAMAGED):
                raise _unwritten(pack, root, error) from error
            raise
    return manifest


def file_hash(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _check_hash(pack: Path, sha256: str | None) -> None:
    """Raise PackError if a file does not have its expected hash, before it is parsed."""
    try:
        if sha256 is None:
            beside = pack.with_name(pack.name + BESIDE)
            if not beside.is_file():
                return
            with beside.open("rb") as stream:
                sha256 = stream.read(64).decode("ascii", "replace")
        found = file_hash(pack)
    except OSError as error:
        raise PackError(str(pack), f"it cannot be read ({error.strerror})") from error
    if found != sha256.lower():
        reason = f"its hash is {found[:12]}…, and {sha256[:12]}… was expected"
        raise PackError(str(pack), reason, "it is truncated or another file: copy it again")


def _extract(
    pack: Path, manifest: Manifest, tar: tarfile.TarFile, source: PackStream, folder: Path
) -> None:
    """Write the files and links that a manifest lists; the archive must have them in that order."""
    made: set[Path] = set()
    for path, size, digest, runs in manifest.files:
        member = tar.next()
        if member is None or (member.name, member.size, member.type) != (path, size, b"0"):
            raise PackError(str(pack), f"it is not as its {MANIFEST} says from {path} on")
        place = folder / path
        if place.parent not in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.add(place.parent)
        found = hashlib.sha256()
        with place.open("xb") as file:
            for block in iter_blocks(source, size):
                found.update(block)
                file.write(block)
        place.chmod(0o755 if runs else 0o644)
        if found.hexdigest() != digest:
            raise PackError(str(pack), f"{path} in it has another hash", "copy it anew")
    # No file is written after the links, so no link can redirect one.
    for path, target in manifest.links:
        member = tar.next()
        if member is None or not member.issym() or (member.name, member.linkname) != (path, target):
            raise PackError(str(pack), f"it is not as its {MANIFEST} says from {path} on")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)
    # Read to the end of the stream, where its checksum is (RFC 1952).
    over = tar.next() is not None or len(source.read_content(BLOCK)) == BLOCK
    if over or source.read_content(BLOCK):
        raise PackError(str(pack), f"it holds more than its {MANIFEST} lists")


def _python(pack: Path, manifest: Manifest, base: Path | None) -> Mapping[str, Any]:
    """Return the description of the interpreter to run it. Raises PackError."""
    seen: list[str] = []
    wanted = (manifest.python, manifest.free_threaded, "cpython")
    for each in [base] if base is not None else _candidates(manifest):
        said = asked(each)
        if said is not None:
            found = (said["version"], said["free_threaded"], said["implementation"])
            if found == wanted:
                return said
            seen.append(f"{each} is {said['implementation']} {said['version']}")
    name = manifest.versioned.replace("python", "Python ")
    raise PackError(
        str(pack),
        f"it needs {name}, and none was found ({'; '.join(dict.fromkeys(seen)) or 'none runs'})",
        f"install {name} here, or pack one with it (--with-python)",
    )


def _candidates(manifest: Manifest) -> Iterator[Path]:
    yield Path(sys.executable)
    for name in (manifest.versioned, "python3", "python"):
        found = shutil.which(name)
        if found:
            yield Path(found)


def asked(python: Path) -> Mapping[str, Any] | None:
    """Return an interpreter's description of itself; None if it does not run."""
    try:
        ended = subprocess.run(
            [str(python), "-I", "-c", _ASK],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
        said: Mapping[str, Any] = json.loads(ended.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return said


def _check_platform(pack: Path, manifest: Manifest, python: Mapping[str, Any] | None) -> None:
    """Raise PackError if a pack is for another system, machine or C library."""
    here = (platform.system(), platform.machine())
    if here != (manifest.system, manifest.machine):
        reason = (
            f"it is of {manifest.system} on {manifest.machine}, and this is {' on '.join(here)}"
        )
        raise PackError(str(pack), reason, "pack the model for this platform (--platform)")
    said = (python or asked(Path(sys.executable)) or {}).get("libc") or ["another C library"]
    if manifest.libc is None:
        return
    numbers = said[1].split(".")[:2] if said[0] == "glibc" else []
    if not numbers or tuple(map(int, numbers)) < manifest.libc:
        needed = ".".join(map(str, manifest.libc))
        reason = f"it needs glibc {needed} or newer, and this machine has {' '.join(said)}"
        raise PackError(str(pack), reason, "pack it on a machine with wheels for an older one")


def _check_room(pack: Path, manifest: Manifest, folder: Path) -> None:
    needed, free = int(manifest.size * _SPARE), shutil.disk_usage(folder).free
    if needed > free:
        reason = f"it unpacks to about {needed / 1e6:,.0f} MB, and {folder} has {free / 1e6:,.0f}"
        raise PackError(str(pack), reason, "free some space there, or unpack it elsewhere")


def _unwritten(pack: Path, root: Path, error: OSError) -> PackError:
    where = error.filename or root.parent
    reason = f"it cannot be unpacked to {root}: {error.strerror} ({where})"
    return PackError(str(pack), reason, "free some space there, or unpack it elsewhere")


def _add_python(manifest: Manifest, python: Mapping[str, Any], folder: Path) -> None:
    """Make a virtual environment (PEP 405) of the unpacked files, independent of its location."""
    base = python["base"]
    (folder / "bin").mkdir(exist_ok=True)
    (folder / f"lib/{manifest.versioned}/site-packages").mkdir(parents=True, exist_ok=True)
    (folder / "pyvenv.cfg").write_text(
        f"home = {os.path.dirname(base)}\ninclude-system-site-packages = false\n"  # noqa: PTH120  # a string
        f"version = {python['version']}\nexecutable = {base}\n",
        "utf-8",
    )
    (folder / "bin/python").symlink_to(base)
    for name in ("python3", manifest.versioned):
        (folder / "bin" / name).symlink_to("python")


def _compile(manifest: Manifest, folder: Path) -> None:
    """Compile the modules once: a sealed run cannot write bytecode, and would do so every time."""
    library = folder / "lib" / manifest.versioned
    jobs = min(_MOST_JOBS, os.cpu_count() or 1)
    command = [str(folder / "bin/python"), "-I", "-m", "compileall", "-q", "-x", _TESTS]
    for number in dict.fromkeys((jobs, 1)):  # without semaphores, in one process
        subprocess.run(
            [*command, "-j", str(number), str(library)],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if next(library.rglob("*.pyc"), None) is not None:
            return
