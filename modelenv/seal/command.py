"""The command that starts a program in a seal, and what the starter says where it cannot."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from . import layout
from .plan import FOLDERS, SealPlan
from .seals import Seal, SealFailedError

_STARTER = Path(__file__).parent / "starter" / "start.py"
_ORDER = "seal"
_PRIVATE = "private"
# As the starter has them, whose own modules only Linux can import.
_REFUSED = 120
_REFUSED_LINE = re.compile(
    r"^modelenv cannot seal: \[Errno (\d+)\] (.*?): (.*)\Z", re.MULTILINE | re.DOTALL
)


def command(seal: Seal, plan: SealPlan, program: Sequence[str], scratch: Path) -> list[str]:
    """Return the command that starts `program` in the seal, as this process has to start it.

    Its order is written into the folder `scratch`. The process gets the environment of the plan by
    whoever starts it, and ends when this process does.
    """
    if not seal.seals:
        return list(program)
    namespaces = seal.kind == "namespaces"
    steps = layout.steps(plan, own_processes=seal.own_processes)
    words = [
        seal.kind,
        "network" if plan.hosts else "",
        "" if seal.own_processes else "processes",
        plan.folder,
    ]
    for step in steps if namespaces else layout.rules(plan):
        words += step
    order = scratch / _ORDER
    order.write_bytes(b"\0".join(map(os.fsencode, words)))
    return [sys.executable, "-I", "-S", str(_STARTER), str(os.getpid()), str(order), *program]


def fit(plan: SealPlan, seal: Seal, scratch: Path) -> SealPlan:
    """Return the plan as the seal can keep it, with its folders in `scratch` where it needs them.

    Only namespaces can show a folder at another path than its own, and put an empty folder where
    another stands. With the others, home and temporary folders are elsewhere, and the variables say
    where.
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


def check(seal: Seal, code: int, output: str) -> None:
    """Raise SealFailedError where the starter ended with `code` because it could not seal."""
    refusal = _REFUSED_LINE.search(output) if code == _REFUSED else None
    if seal.seals and refusal is not None:
        raise SealFailedError(seal, int(refusal[1]), refusal[2], refusal[3].strip())
