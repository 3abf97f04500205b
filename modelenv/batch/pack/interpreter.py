"""Add an interpreter to a pack, if it runs wherever the pack is unpacked.

Whether it does is tested with a copy: every library that it loads must be its own or the C
library's.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ...base.text import few
from .errors import NoPackError

_SECONDS = 120.0
# Import all compiled modules of the standard library, and list failures and mapped libraries.
_LOOK = """
import importlib, json, os, sys, sysconfig
failed = []
names = sysconfig.get_config_var("EXT_SUFFIX")
folder = os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload")
for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
    name = file.partition(".")[0]
    if name.startswith(("_test", "_tkinter", "_ctypes_test", "_xx", "xx")):
        continue
    try:
        importlib.import_module(name)
    except ImportError as error:
        failed.append(str(error))
mapped = {line.split(None, 5)[5].strip() for line in open("/proc/self/maps") if "/" in line}
print(json.dumps({
    "release": "{}.{}.{}".format(*sys.version_info),
    "prefix": os.path.realpath(sys.base_prefix),
    "executable": os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable),
    "stdlib": os.path.realpath(sysconfig.get_path("stdlib")),
    "failed": failed,
    "mapped": sorted(each for each in mapped if ".so" in each),
}))
"""
_OF_SYSTEM = ("libc", "libm", "libdl", "libpthread", "librt", "libutil", "ld-linux*")
_LEFT_OUT = (
    "__pycache__", "site-packages", "dist-packages", "test", "idlelib", "turtledemo", "tkinter",
    "ensurepip", "lib2to3", "config-*", "_tkinter.*", "_test*.so", "_ctypes_test*.so", "xx*.so",
    "EXTERNALLY-MANAGED", "*.a",
)  # fmt: skip
_WAY = (
    "take one of python-build-standalone (`uv python install`, then --python PATH), or pack without"
    " it: then each machine has to have that version of Python"
)


def add_python(executable: Path, versioned: str, folder: Path) -> str:
    """Copy the interpreter at `executable` into an environment in `folder`; return its release.

    Raises NoPackError if it only runs where it was installed.
    """
    said = _looked(executable)
    if said is None:
        raise NoPackError(str(executable), "it does not run, or not on Linux")
    prefix = Path(said["prefix"])
    if Path(said["stdlib"]) != prefix / "lib" / versioned:
        raise NoPackError(str(executable), f"its library is not at {prefix}/lib/{versioned}", _WAY)
    _copy(said, prefix, versioned, folder)
    copied = _looked(folder / "bin" / versioned)
    reason = why_bound(said, copied, folder)
    if reason:
        raise NoPackError(str(executable), f"it is bound to where it is installed: {reason}", _WAY)
    shutil.rmtree(folder / "lib" / versioned / "__pycache__", ignore_errors=True)
    return str(said["release"])


def _copy(said: Mapping[str, Any], prefix: Path, versioned: str, folder: Path) -> None:
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(said["executable"], folder / "bin" / versioned)
    (folder / "bin" / versioned).chmod(0o755)
    for name in ("python", "python3"):
        (folder / "bin" / name).symlink_to(versioned)
    source = prefix / "lib" / versioned

    def left_out(where: str, names: list[str]) -> list[str]:
        own = [each for each in names if any(fnmatch(each, pattern) for pattern in _LEFT_OUT)]
        return own if Path(where) in (source, source / "lib-dynload") else ["__pycache__"]

    shutil.copytree(
        source, folder / "lib" / versioned, symlinks=True, ignore=left_out, dirs_exist_ok=True
    )
    for each in map(Path, said["mapped"]):
        if each.parent == prefix / "lib":
            shutil.copyfile(each, folder / "lib" / each.name)


def _looked(executable: Path) -> Mapping[str, Any] | None:
    """Return an interpreter's description of itself and its libraries; None if it does not run."""
    try:
        ended = subprocess.run(
            [str(executable), "-I", "-B", "-c", _LOOK],
            check=True,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
        found: Mapping[str, Any] = json.loads(ended.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return found


def why_bound(said: Mapping[str, Any], copied: Mapping[str, Any] | None, folder: Path) -> str:
    """Return why a copy of an interpreter does not run by itself; empty if it does."""
    own = folder.resolve()
    if copied is None:
        return "a copy of it does not run"
    if Path(copied["prefix"]) != own:
        return f"a copy of it takes its library from {copied['prefix']}"
    foreign = [
        each
        for each in map(Path, copied["mapped"])
        if not each.is_relative_to(own)
        and not any(fnmatch(each.name.partition(".so")[0], name) for name in _OF_SYSTEM)
    ]
    if foreign:
        return f"it needs {few(sorted(each.name for each in foreign))} of this system"
    lacking = [each for each in copied["failed"] if each not in said["failed"]]
    return f"in a copy of it {lacking[0]}" if lacking else ""
