"""The modules that a host may import for models: those in their traces that survive a fork."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...base.files.bounded import read_bytes
from ...folder.documents.trace_file import FILE, TraceFile

_TABLE = Path(__file__).parent / "data" / "survives_a_fork.json"
_LARGEST = 16_000_000  # bytes
_PHASES = ("start", "load", "input", "predict")
_COMPILED = (".so", ".pyd")
# Names of libraries and devices that access an accelerator. Its context cannot be shared by
# processes.
_ACCELERATORS = ("libcuda", "libcudart", "libnvidia", "libamdhip", "libhsa", "libze_", "libtpu")
_DEVICES = ("/dev/nvidia", "/dev/kfd", "/dev/dri", "/dev/accel")
_TIMES = b'\n"times": '


@dataclass(frozen=True, slots=True)
class TracedModules:
    """The modules that a model loads, from its trace."""

    asked: tuple[str, ...]
    """The modules of libraries that survive a fork, in the order of their loading."""
    unknown: frozenset[str] = frozenset()
    """Other compiled libraries, by their import names."""
    alone: str = ""
    """The reason why it cannot run in a fork, whatever is installed; empty: it can."""

    @property
    def libraries(self) -> frozenset[str]:
        """The libraries among them."""
        return frozenset(map(_top, self.asked))

    @classmethod
    def of(cls, trace: TraceFile) -> TracedModules:
        """Read the modules from a trace."""
        survives = survivors()
        asked: dict[str, None] = {}
        unknown = set()
        for each in trace.imports:
            if each["phase"] not in _PHASES or not each["loaded"] or each["how"] != "imported":
                continue
            file = each.get("file") or ""
            library = _library(each["name"], file)
            if library in survives:
                asked[each["name"]] = None
            elif file.endswith(_COMPILED) and library not in sys.stdlib_module_names:
                unknown.add(library)
        return cls(tuple(asked), frozenset(unknown), _reason(trace))


def traced(folder: Path, known: dict[bytes, TracedModules]) -> TracedModules | None:
    """Return the modules in the trace of a folder; None if there is no trace.

    `known` caches those that were read, by their content without the times. Raises BadFolderError.
    """
    try:
        data = read_bytes(folder / FILE, largest=_LARGEST)
    except FileNotFoundError:
        return None
    key = hashlib.sha256(data.rpartition(_TIMES)[0] or data).digest()
    if key not in known:
        known[key] = TracedModules.of(TraceFile.read(folder))
    return known[key]


def shared_by(models: Iterable[TracedModules]) -> tuple[str, ...]:
    """Return the modules that each of `models` loads, in the order of the first."""
    first, *others = dict.fromkeys(each.asked for each in models)
    shared = frozenset(first).intersection(*others)
    return tuple(name for name in first if name in shared)


def survivors() -> frozenset[str]:
    """Return the libraries that may be imported before a fork, each tested at some version."""
    return frozenset(name for name, said in _table().items() if said["survives"])


def known_threads() -> tuple[str, ...]:
    """Return the names of the threads that these start, and that survive a fork unharmed."""
    return tuple(sorted({name for said in _table().values() for name in said.get("threads", ())}))


@cache
def _table() -> Mapping[str, Any]:
    libraries: Mapping[str, Any] = json.loads(_TABLE.read_text("utf-8"))["libraries"]
    return libraries


def _reason(trace: TraceFile) -> str:
    for touch in trace.touches:
        kind, name = touch["kind"], touch["name"]
        if kind == "program":
            return f"it starts a program: {name}"
        if name.startswith(_DEVICES) or Path(name).name.startswith(_ACCELERATORS):
            return f"it talks to an accelerator: {name}"
    return ""


def _top(name: str) -> str:
    return name.partition(".")[0]


def _library(name: str, file: str) -> str:
    """Return the library of a module: some of its modules have names at the top level."""
    return _top(name) if "/" not in file else file.partition("/")[0]
