"""How long does saving take, against the prediction alone and against MLflow?

    python -m benchmarks capture [--runs N] [--mlflow PYTHON ...] [--before CHECKOUT]
        [--python PYTHON ...]

The floor is a fresh interpreter that unpickles the model and predicts on the example. The others
are a process that has the model loaded already; timed is what it does from the import of the tool
to the end of the save. Each save finds the history that its line names: none, that of the save
before, or one that leads to a wrong guess, since the save before was of a model that pickles alike
and needs something else. The memory is what the saving process takes at its peak above what it held
with the model loaded.

The interpreters of --mlflow have MLflow and the same scikit-learn installed; the one of the same
version is taken. --before is another checkout, whose saves are timed beside.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ..results.figures import Figure
from ..results.timing import STAGE, Command, Run, environment, interleave, ratio_of, table
from ..worlds.make import TRAIN
from .bounds import Measured
from .programs import CHOICES, CHOOSE, CHOOSING, FLOOR, MLFLOW, MODELENV
from .pythons import measured, parser_of, peer_of

LOAD = "floor: load and predict"
UNPROVEN = "modelenv, without proof"
EMPTY = "modelenv, with proof, empty history"
KNOWN = "modelenv, with proof, a history"
WRONG = "modelenv, with proof, a wrong guess"
OFF = "modelenv, with proof, no guess"
PEER = "MLflow"
BEFORE = "before: "

REST, WHOLE = "rest", "whole"
STAGES = {
    REST: "imports, checks",
    "pickle": "the model is written",
    "trace": "the traced run",
    "attribute": "whose files these are, own code",
    "resolve": "which pins",
    "prove": "the proof",
    "write": "the account, the folder",
    WHOLE: "**all**",
}

Results = Mapping[str, Sequence[Run]]


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("capture", __doc__, runs=9)
    parser.add_argument("--mlflow", nargs="+", default=[], metavar="PYTHON")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT")
    return measured(parser, arguments, _measure)


def _measure(options: argparse.Namespace) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        commands = _commands(Path(folder), peer_of(options.mlflow), options.before)
        results = interleave(commands, options.runs)
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    print(table(results, LOAD))
    print(f"\n{_guesses(results)}\n\n{(stages := _stages(results))}")
    return Measured(_bounds(results), stages)


Make = Callable[[], Command]


def _commands(folder: Path, mlflow: str | None, before: Path | None) -> dict[str, Make]:
    pickle, choosing = folder / "model.pkl", itertools.cycle(_choosing(folder))
    _run(folder, TRAIN, pickle)
    for file in _choosing(folder):
        (folder / "choosing.py").write_text(CHOOSING, "utf-8")
        _run(folder, CHOOSE, pickle, file, file.stem)
    caches = (folder / f"cache-{number}" for number in itertools.count())

    def save(how: str, **more: str) -> Command:
        return _save(folder, pickle, next(saved), how, folder / "cache", **more)

    saved = (folder / f"saved-{number}" for number in itertools.count())
    commands: dict[str, Make] = {
        LOAD: lambda: Command([sys.executable, "-c", FLOOR, str(pickle)]),
        UNPROVEN: lambda: save("unproven"),
        EMPTY: lambda: _save(folder, pickle, next(saved), "prove", next(caches)),
        KNOWN: lambda: save("prove"),
        WRONG: lambda: _save(folder, next(choosing), next(saved), "prove", folder / "others"),
        OFF: lambda: save("prove", MODELENV_SPECULATE="off"),
    }
    if before is not None:
        for name, how in ((UNPROVEN, "unproven"), (OFF, "prove")):
            commands[BEFORE + name] = _earlier(before.resolve(), pickle, saved, how)
    if mlflow is not None:
        words = [mlflow, "-c", MLFLOW, str(pickle)]
        commands[PEER] = lambda: Command([*words, str(next(saved))])
    return commands


def _save(folder: Path, pickle: Path, target: Path, how: str, cache: Path, **more: str) -> Command:
    words = [sys.executable, "-c", MODELENV, str(pickle), str(target), how]
    variables = {"MODELENV_CACHE_DIR": str(cache), "PYTHONPATH": str(folder), **more}
    return Command(words, variables)


def _earlier(checkout: Path, pickle: Path, saved: Iterator[Path], how: str) -> Make:
    words = [sys.executable, "-c", MODELENV, str(pickle)]
    return lambda: Command([*words, str(next(saved)), how], folder=checkout)


def _choosing(folder: Path) -> list[Path]:
    return [folder / f"{name}.pkl" for name in CHOICES]


def _run(folder: Path, script: str, *arguments: object) -> None:
    words = [sys.executable, "-c", script, *map(str, arguments)]
    variables = {**environment(), "PYTHONPATH": str(folder)}
    subprocess.run(words, env=variables, check=True)


def _guesses(results: Results) -> str:
    """Say how many guesses were right, of the saves that could make one."""
    lines = []
    for name in (EMPTY, KNOWN, WRONG, OFF):
        runs = results[name]
        right, wrong = (int(sum(run.said[word] for run in runs)) for word in ("right", "wrong"))
        lines.append(
            f"- {name}: {right} guesses of {len(runs)} right, {wrong} thrown away;"
            f" {statistics.median(run.said['memory'] for run in runs):.0f} MB above the model"
        )
    return "\n".join(lines)


def _stages(results: Results) -> str:
    """Say where the seconds of each kind of save go, and how many floors those are."""
    staged = [name for name in (BEFORE + OFF, OFF, EMPTY, KNOWN, UNPROVEN) if name in results]
    lines = [f"| stage, s (x floor) | {' | '.join(staged)} |", "|---" * (len(staged) + 1) + "|"]
    for stage, title in STAGES.items():
        cells = [_cell([_took(run, stage) for run in results[name]], results) for name in staged]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _took(run: Run, stage: str) -> float:
    """Return the seconds of a stage; those of none are what the others leave."""
    if stage == WHOLE:
        return run.wall
    if stage == REST:
        return run.wall - sum(took for name, took in run.said.items() if name.startswith(STAGE))
    return run.said.get(STAGE + stage, 0.0)


def _cell(seconds: Sequence[float], results: Results) -> str:
    pairs = zip(seconds, results[LOAD], strict=True)
    ratio = statistics.median(took / floor.wall for took, floor in pairs)
    return f"{statistics.median(seconds):.2f} ({ratio:.2f})"


def _bounds(results: Results) -> list[Figure]:
    def wall(name: str, base: str = LOAD) -> float:
        return ratio_of(results[name], results[base])

    earlier = BEFORE + OFF if BEFORE + OFF in results else OFF
    spent = {name: ratio_of(results[name], results[earlier], cpu=True) for name in (KNOWN, WRONG)}
    memory = max(run.said["memory"] for name in (EMPTY, KNOWN, WRONG) for run in results[name])
    found = [
        Figure("save without proof", wall(UNPROVEN), "x floor", most=1.20),
        Figure("save with proof, empty history", wall(EMPTY), "x floor", most=2.00),
        Figure("save with proof, a history", wall(KNOWN), "x floor", most=1.75),
        Figure("CPU where the guess was right", spent[KNOWN], "x without a guess", most=1.15),
        Figure("CPU where it was wrong", spent[WRONG], "x without a guess", most=1.50),
        Figure("memory of the parent above the model", memory, "MB", most=60),
    ]
    if PEER in results:
        found += [
            Figure("save with proof", wall(KNOWN, PEER), "x MLflow's save", most=0.60),
            Figure("save, which proves nothing", wall(PEER), "x floor", who="MLflow"),
        ]
    return found
