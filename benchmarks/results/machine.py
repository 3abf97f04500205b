"""Where something was measured: the machine, its load, and the versions of what ran."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

DISTRIBUTIONS = ("modelenv", "scikit-learn", "numpy", "pandas", "pyarrow", "uv")


def this_machine() -> dict[str, Any]:
    """Return the system, the processor, how many cores may be used, and how busy they are."""
    return {
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "processor": _processor(),
        "cores": _cores(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def these_versions() -> dict[str, str]:
    """Return the versions of this Python and of what is measured, as they are installed here."""
    found = {"Python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def is_busy(machine: Mapping[str, Any]) -> bool:
    """Return whether more wants to run than a machine has cores.

    >>> is_busy({"load": 19.0, "cores": 2}), is_busy({"load": None, "cores": 2})
    (True, False)
    """
    return machine["load"] is not None and machine["load"] > machine["cores"]


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    """Return the name of the processor, or of its architecture where the system has no other."""
    table = Path("/proc/cpuinfo")
    lines = table.read_text("utf-8").splitlines() if table.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
