"""How does the cost of each step grow: with distributions, with modules, with models?

    python -m benchmarks growth [--quick] [--runs N] [--only distributions modules models]

A model that imports each of 50, 250 and 1,000 small distributions; a model of 100, 1,000 and 5,000
modules; fleets of 10, 100 and 1,000 models. Every figure is the CPU seconds of all processes of one
command, its own start among them, as the machine may be busy; the median of `--runs`. `lock` asks
the index, and is left out where none answers. `--quick` leaves the largest size out. The exit code
is 1 where a step fails: it has no curve then, and the others have theirs.
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from ..resolving.attribution import OURS as ATTRIBUTE
from ..resolving.resolve import CLOSED as RESOLVE
from ..results.command import conclude, parser_of
from ..results.figures import Figure
from ..results.timing import Command, environment, run
from ..time.programs import FLOOR, MODELENV
from ..worlds.make import World, modules, needed
from .fleets import make

SIZES = {"distributions": (50, 250, 1000), "modules": (100, 1000, 5000), "models": (10, 100, 1000)}
MOST = 1.15
"""The power of the size with which a cost may grow, up to the largest one."""
LOAD = "load and predict"
"""The floor, which is the model's own and has no bound."""
NO_NETWORK = 3
"""The exit code of modelenv where no index answers."""
PIN_SETS = 3

_TRACE = """
import pickle, sys
import tracer
with tracer.trace() as seen:
    model, example = pickle.load(open(sys.argv[1], "rb"))
    model.predict(example)
assert len(seen.modules) >= int(sys.argv[2])
"""
_ADVISORY = {
    "id": "EXAMPLE-1",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "not-needed"}, "versions": ["1.0"]}],
}
Steps = Mapping[str, Callable[[], float]]
"""What a command costs, in CPU seconds, by its name."""


class StepError(Exception):
    """A command of a step that did not end well."""

    def __init__(self, words: Sequence[str], code: int, said: str) -> None:
        self.words = tuple(words)
        self.code = code
        self.said = said
        super().__init__(self.words, code, said)

    def __str__(self) -> str:
        return f"modelenv {' '.join(self.words)} ended with {self.code}:\n{self.said}"


def main(arguments: Sequence[str]) -> int:
    """Measure what the arguments say; return the exit code."""
    parser = parser_of("growth", __doc__)
    parser.add_argument("--quick", action="store_true", help="without the largest sizes")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=list(SIZES), default=list(SIZES))
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    failures: list[StepError] = []
    for things in options.only:
        sizes = SIZES[things][:-1] if options.quick else SIZES[things]
        with tempfile.TemporaryDirectory(prefix="growth-") as folder:
            figures += _curves(things, sizes, Path(folder), options.runs, failures)
    details = {"failures": [str(each) for each in failures]}
    return conclude(options, figures, good=not failures, details=details)


def _curves(
    things: str, sizes: Sequence[int], root: Path, runs: int, failures: list[StepError]
) -> Iterator[Figure]:
    """Yield the costs of each step at each size, and how fast they grow at the end.

    What fails is added to the failures, except where no index answers.
    """
    costs: dict[str, list[float]] = {}
    for size in sizes:
        folder = root / str(size)
        folder.mkdir()
        for step, spent in STEPS[things](folder, size).items():
            try:
                taken = [spent() for _ in range(runs)]
            except StepError as error:
                offline = error.code == NO_NETWORK and step == "fleet lock"
                print(f"{size:>6,} {things:<14} {step:<18} left out: {error}", flush=True)
                failures += () if offline else (error,)
                continue
            costs.setdefault(step, []).append(median(taken))
            print(f"{size:>6,} {things:<14} {step:<18} {costs[step][-1]:9.3f} CPU s", flush=True)
            yield Figure(step, costs[step][-1], "CPU s", size=size, things=things)
    more = sizes[-1] / sizes[-2]
    for step, curve in costs.items():
        if len(curve) == len(sizes):
            text = f"{step}, {sizes[-1]:,} {things}"
            unit = f"x {sizes[-2]:,} {things}, CPU"
            most = None if step == LOAD else round(more**MOST, 1)
            yield Figure(text, curve[-1] / curve[-2], unit, most=most)


def _of_distributions(folder: Path, size: int) -> Steps:
    world = needed(folder, size)
    site = str(world.environment.site)
    model = str(folder / "saved-0")
    listed = folder / "modules.txt"
    files = sorted(world.environment.site.glob("needed*/__init__.py"))
    listed.write_text("".join(f"{each.parent.name} {each}\n" for each in files), "utf-8")
    attribute = ["-c", ATTRIBUTE, site, str(listed), str(len(files)), "alone"]
    resolve = ["-c", RESOLVE, site, str(size + 1), "hub"]

    def alone(words: Sequence[str]) -> float:
        """Return what a program says that it spent."""
        return run([world.python, *words]).wall

    return {
        "save": _saving(world),
        "verify": lambda: _modelenv(world.python, folder, "verify", "-m", model),
        "why": lambda: _modelenv(world.python, folder, "why", "-m", model, "needed0"),
        "report": lambda: _modelenv(
            world.python, folder, "report", "-m", model, "-o", str(folder / "report.html")
        ),
        "resolve": lambda: alone(resolve),
        "attribute": lambda: alone(attribute),
    }


def _of_modules(folder: Path, size: int) -> Steps:
    world = modules(folder, size)
    pickle = str(world.pickle)
    return {
        LOAD: lambda: run([world.python, "-c", FLOOR, pickle]).cpu,
        "trace": lambda: run([world.python, "-c", _TRACE, pickle, str(size)]).cpu,
        "save": _saving(world),
    }


def _of_models(folder: Path, size: int) -> Steps:
    make(folder, size, PIN_SETS, broken=False)
    advisories = folder / "advisories"
    advisories.mkdir()
    (advisories / "one.json").write_text(json.dumps(_ADVISORY), "utf-8")

    states = (str(folder / f"state-{number}.sqlite3") for number in itertools.count())

    def fleet(*words: str) -> float:
        """Run a command that goes on from nothing."""
        words = (*words, str(folder / "models"), "--state", next(states))
        return _modelenv(sys.executable, folder, "fleet", *words)

    return {
        "fleet inspect": lambda: fleet("inspect"),
        "fleet audit": lambda: fleet("audit", "--advisories", str(advisories)),
        "fleet verify": lambda: fleet("verify"),
        "fleet lock": lambda: fleet("lock"),
    }


STEPS: Mapping[str, Callable[[Path, int], Steps]] = {
    "distributions": _of_distributions,
    "modules": _of_modules,
    "models": _of_models,
}


def _saving(world: World) -> Callable[[], float]:
    """Return what saves the model to the next folder, with its proof, and says what that cost."""
    folder = world.pickle.parent
    numbers = itertools.count()
    variables = {"MODELENV_CACHE_DIR": str(folder / "cache")}

    def save() -> float:
        target = str(folder / f"saved-{next(numbers)}")
        words = [world.python, "-c", MODELENV, str(world.pickle), target, "prove"]
        return run(Command(words, variables)).cpu

    return save


def _modelenv(python: str, folder: Path, *words: str) -> float:
    """Run a command; return its CPU seconds, or raise `StepError`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [python, "-m", "modelenv", *words],
        cwd=folder,
        env={**environment(), "MODELENV_CACHE_DIR": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise StepError(words, done.returncode, f"{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
