"""The command that starts a program so that it ends with this process, sealed or not.

On Linux a starter runs between this process and the program, and ends everything that the program
started when either of them is gone. Elsewhere an unsealed program is started directly.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from ..base.errors import WrongUseError
from . import layout
from .plan import FOLDERS, SealPlan
from .seals import Seal, SealFailedError

_STARTER = Path(__file__).parent / "starter" / "start.py"
_ORDER = "seal"
_PRIVATE = "private"
# Repeats the starter's values: only Linux can import its modules.
_REFUSED = 120
_REFUSED_LINE = re.compile(
    r"^modelenv cannot (seal|start): \[Errno (\d+)\] (.*?): (.*)\Z", re.MULTILINE | re.DOTALL
)


END: int | None = getattr(signal, "SIGRTMIN", None)
"""The signal at which a starter ends all processes below it, and then itself."""


def is_supervised() -> bool:
    """Return whether a starter runs between this process and an unsealed program.

    This Python runs the starter, so it needs an executable: a server that embeds Python has none.
    """
    is_python = "py" in Path(sys.executable or "").name
    return sys.platform == "linux" and is_python and find_spec("_ctypes") is not None


def supervised(program: Sequence[str]) -> list[str]:
    """Return the command that starts `program` unsealed.

    It ends with all that it started when this process does, however that ends, if the system has
    the means (Linux).
    """
    return _started("", program) if is_supervised() else list(program)


def command(
    seal: Seal, plan: SealPlan, program: Sequence[str], scratch: Path, *, tell: int | None = None
) -> list[str]:
    """Return the command that starts `program` in the seal.

    The order of its starter, `has_starter`, is written into the folder `scratch`: from it the
    program gets the environment and the working folder of the plan, and the starter has to be
    started with neither. It ends as `supervised` says, and before that writes the program's wait
    status (waitpid(2)) to the inherited descriptor `tell`. Raises WrongUseError for a variable that
    no program can be started with.
    """
    if not has_starter(seal):
        return list(program)
    order = _write_order(seal, plan, _steps(seal, plan), scratch, tell=tell)
    return _started(str(order), program)


def _write_order(
    seal: Seal,
    plan: SealPlan,
    steps: Iterable[layout.Step],
    scratch: Path,
    *,
    tell: int | None = None,
) -> Path:
    """Write the order of a starter into the folder `scratch` and return its file.

    Raises WrongUseError as `command` does.
    """
    variables = [f"{name}={value}" for name, value in plan.environment.items()]
    words = [
        seal.kind,
        "network" if plan.hosts else "",
        "" if seal.own_processes else "processes",
        "forks" if plan.seals_forks else "",
        plan.folder,
        "" if tell is None else str(tell),
        str(len(variables)),
        *variables,
        *(word for step in steps for word in step),
    ]
    for word in words:
        if "\0" in word:
            raise WrongUseError(f"{word[:60]!r} has a null byte: nothing can be started with it")
    order = scratch / _ORDER
    order.write_bytes(b"\0".join(map(os.fsencode, words)))
    return order


def order_within(seal: Seal, plan: SealPlan, scratch: Path) -> Path:
    """Write the order that seals a process in such a seal again, for `plan` alone.

    The files that it may see have to be there already, at the paths where it is to see them.
    """
    steps = (
        (verb, path, said if verb == "link" else "") for verb, path, said in _steps(seal, plan)
    )
    return _write_order(seal, plan, steps, scratch)


def has_starter(seal: Seal) -> bool:
    """Return whether a starter runs between this process and a program in a seal."""
    return seal.seals or is_supervised()


def _steps(seal: Seal, plan: SealPlan) -> Iterable[layout.Step]:
    if seal.kind == "namespaces":
        return layout.steps(plan, own_processes=seal.own_processes)
    return layout.rules(plan) if seal.kind == "landlock" else ()


def _started(order: str, program: Sequence[str]) -> list[str]:
    return [sys.executable, "-I", "-S", str(_STARTER), str(os.getpid()), order, *program]


def fit(plan: SealPlan, seal: Seal, scratch: Path) -> SealPlan:
    """Return the plan in a form that the seal can enforce, with folders in `scratch` if needed.

    Only namespaces can show a folder at another path than its own, or hide one behind an empty one.
    With the others, home and temporary folders are elsewhere, and the variables name them.
    """
    if seal.kind == "namespaces":
        return plan
    plan = replace(
        plan, elsewhere=(), reads=(*plan.reads, *(source for source, _ in plan.elsewhere))
    )
    if seal.kind == "off":
        return plan
    always = ("USERPROFILE", "TEMP", "TMP") if os.name == "nt" else ("HOME", "TMPDIR")
    names = [*always, *(name for name in FOLDERS if name in plan.environment)]
    moved = {name: str(scratch / _PRIVATE / name.lower()) for name in dict.fromkeys(names)}
    for folder in moved.values():
        Path(folder).mkdir(mode=0o700, parents=True)
    was = [(moved[name], plan.environment[name]) for name in moved if plan.environment.get(name)]
    return replace(
        plan,
        private=(),
        environment={**plan.environment, **moved},
        writes=(*plan.writes, *moved.values()),
        stands_for=(*plan.stands_for, *was),
    )


def check(seal: Seal, code: int | None, output: str) -> None:
    """Raise the error of a starter that ended with `code` before the program began.

    SealFailedError if it could not seal, WrongUseError if the program cannot be started.
    """
    refusal = _REFUSED_LINE.search(output) if code in (_REFUSED, None) else None
    if refusal is None:
        return
    what, number, text, about = refusal.groups()
    if what == "start":
        raise WrongUseError(f"{about.strip()} cannot be started: {text}")
    if seal.seals:
        raise SealFailedError(seal, int(number), text, about.strip())
