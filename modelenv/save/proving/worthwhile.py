"""Decide whether a proof may start beside the traced run: only if it cannot do any harm."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...base.settings import Settings
from ...environments.spec import EnvironmentRequest
from ...seal import system
from ...seal.seals import Seal
from ..request.plan import SavePlan

_LARGEST = 256 * 2**20
# Bytes that an interpreter with its libraries takes, and a model per byte of its files.
_PROCESS = 2**30
_FOR_EACH_BYTE = 6
_COMPUTING = ("torch", "tensorflow", "jax", "cupy", "nvidia-", "numba-cuda", "onnxruntime-gpu")
"""Name prefixes of distributions that compute on accelerators if there are any."""
_MEMORY = Path("/proc/meminfo")
_CORES = Path("/sys/fs/cgroup/cpu.max")
_LIMIT, _TAKEN = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The cores, memory and accelerators that this process may use."""

    cores: int
    memory: int
    """Free bytes."""
    accelerators: bool = False
    """Whether there are accelerators."""

    @classmethod
    def here(cls) -> Room:
        """Return this machine's resources, within the limits of this process's cgroup."""
        devices = (Path(each).name for each in system.devices())
        return cls(
            cores=_cores(),
            memory=_memory(),
            accelerators=any(each.startswith(system.ACCELERATORS) for each in devices),
        )


def why_not(plan: SavePlan, settings: Settings, room: Room, size: int) -> str:
    """Return why no proof starts early for a model of `size` bytes; empty if it may.

    Guessing is not worth it for another Python or an environment that has to be built; conda's
    packages, and distributions that travel as wheels, are known too late.
    """
    policy, requirements = plan.policy, plan.requirements
    reasons = {
        "MODELENV_SPECULATE=off": not settings.speculates,
        "nothing is proven": not policy.prove,
        "the model predicts in this process": plan.in_process,
        "it is for another Python": bool(plan.python.executable or plan.python.version),
        "its environment is no replica": policy.manager not in ("auto", "replica"),
        "this is an image": settings.image is not None,
        "conda": requirements.conda is not None,
        "files of the project travel": plan.carry != "imported",
        "distributions travel": policy.bundle.edited or bool(policy.bundle.names),
        "no namespaces": sys.platform != "linux" or policy.seal.seal not in ("auto", "namespaces"),
        "it may use the machine": bool(policy.seal.allow_hosts or policy.seal.allow_paths),
        "one core": room.cores < 2,
        "a large model": size > _LARGEST,
        "little memory": room.memory < _PROCESS + _FOR_EACH_BYTE * size,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def uses_accelerator(wanted: EnvironmentRequest, room: Room) -> bool:
    """Return whether a model may compute on an accelerator, which two runs can hardly share."""
    names = {each.name for each in wanted.distributions or ()}
    return room.accelerators and any(name.startswith(_COMPUTING) for name in names)


def is_apart(seal: Seal) -> bool:
    """Return whether a run under this seal cannot interfere with another run.

    In namespaces a run has its own ports, processes, shared memory and temporary files, and writes
    nothing that the other run sees.
    write nothing that the other sees.
    """
    return seal.kind == "namespaces" and seal.own_processes and not seal.allow_hosts


def _cores() -> int:
    if sys.platform != "linux":
        return os.cpu_count() or 1
    cores = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        quota, _, period = _CORES.read_text("ascii").partition(" ")
        return min(cores, int(quota) // int(period))  # "max" is no number
    return cores


def _memory() -> int:
    """Return the free bytes; on a system that does not tell, more than any model takes."""
    free = sys.maxsize
    with suppress(OSError, ValueError, StopIteration):
        lines = _MEMORY.read_text("ascii").splitlines()
        free = 1024 * int(
            next(line for line in lines if line.startswith("MemAvailable")).split()[1]
        )
    with suppress(OSError, ValueError):
        free = min(free, int(_LIMIT.read_text("ascii")) - int(_TAKEN.read_text("ascii")))
    return free
