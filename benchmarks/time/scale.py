"""Does a save take longer for what is merely there: distributions, modules, optional ones?

    python -m benchmarks scale [--runs N] [--distributions FEW MANY] [--modules N] [--optional N]
        [--python PYTHON ...]

Environments are made of what is installed here and of small distributions beside. Saves are timed
as in `capture`, each with the history of the one before. The optional distributions are imported by
a library that does not require them: counted are the runs of the model in which the proof finds out
which of them are needed.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..results.figures import Figure
from ..results.timing import Command, interleave, ratio_of, run, table
from ..worlds.make import World, crowd, modules, optional
from .bounds import Measured
from .programs import FLOOR, MODELENV
from .pythons import measured, parser_of

NEEDED = 3
ENOUGH = 5000
"""Modules from which on the bound is meant: of fewer, what any save costs is the larger part."""
KINDS = {
    "none": "none needed",
    "block": f"{NEEDED} needed, imported in one block",
    "called": f"{NEEDED} needed, called",
    "apart": f"{NEEDED} needed, imported in different places",
    "read": f"{NEEDED} needed, of which a value is read",
}
BOUNDED = ("none", "block", "called")
"""Those that something points to; each of the others has to be found by runs of its own."""


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("scale", __doc__, runs=7)
    parser.add_argument("--distributions", type=int, nargs=2, default=[20, 250])
    parser.add_argument("--modules", type=int, default=5000)
    parser.add_argument("--optional", type=int, default=100)
    return measured(parser, arguments, _measure)


def _measure(options: argparse.Namespace) -> Measured:
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        root = Path(folder)
        return Measured(
            [
                *_distributions(root, options.distributions, options.runs),
                *_modules(root, options.modules, options.runs),
                *_optional(root, options.optional),
            ]
        )


def _distributions(root: Path, sizes: Sequence[int], runs: int) -> Iterator[Figure]:
    """Time saves of one model in environments of two sizes."""
    worlds = [crowd(root / f"crowd-{size}", size) for size in sizes]
    few, many = (f"among {world.environment.installed} distributions" for world in worlds)
    for how, text in (("unproven", "without proof"), ("prove", "with proof")):
        commands = {
            f"save {text} {name}": _save(world, how)
            for name, world in zip((few, many), worlds, strict=True)
        }
        results = interleave(commands, runs)
        base, other = results
        print(f"{table(results, base)}\n")
        ratio = ratio_of(results[other], results[base])
        yield Figure(other, ratio, f"x {few}", most=1.10)


def _modules(root: Path, count: int, runs: int) -> Iterator[Figure]:
    world = modules(root / "modules", count)
    commands = {
        "floor: load and predict": _floor(world),
        "save, unproven": _save(world, "unproven"),
        "save, prove": _save(world, "prove"),
    }
    results = interleave(commands, runs)
    print(f"A model of {count:,} modules\n\n{table(results, 'floor: load and predict')}\n")
    ratio = ratio_of(results["save, unproven"], results["floor: load and predict"])
    most = 1.15 if count >= ENOUGH else None
    yield Figure(f"save of {count:,} modules without proof", ratio, "x floor", most=most)


def _optional(root: Path, count: int) -> Iterator[Figure]:
    """Count the runs that proofs take, more than the one that a model without them takes."""
    for kind, text in KINDS.items():
        none = kind == "none"
        world = optional(root / kind, count, 0 if none else NEEDED, "block" if none else kind)
        runs = run(_save(world, "prove")()).said["proofs"] - 1
        print(f"- {count} optional distributions, {text}: {runs:.0f} runs more")
        if kind in BOUNDED:
            yield Figure(f"runs more for {count} optional distributions, {text}", runs, most=2)


def _floor(world: World) -> Callable[[], Command]:
    return lambda: Command([world.python, "-c", FLOOR, str(world.pickle)])


def _save(world: World, how: str) -> Callable[[], Command]:
    folder = world.pickle.parent
    saved = (folder / f"saved-{how}-{number}" for number in itertools.count())
    words = [world.python, "-c", MODELENV, str(world.pickle)]
    variables = {"MODELENV_CACHE_DIR": str(folder / "cache")}
    return lambda: Command([*words, str(next(saved)), how], variables)
