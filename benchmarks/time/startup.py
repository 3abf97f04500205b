"""What does the command cost: its imports, its help, and what runs before the model does?

    python -m benchmarks startup [--runs N] [--python PYTHON ...]

Imports and help stand against an interpreter that does nothing; `verify` and `predict` from the
command against a fresh interpreter that loads the same model and predicts.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from modelenv.cli.commands import COMMANDS

from ..results.figures import Figure
from ..results.timing import Command, environment, interleave, ratio_of, table
from ..worlds.make import TRAIN
from .bounds import Measured
from .programs import FLOOR
from .pythons import measured, parser_of

PASS = "floor: pass"
SCRIPTS = {
    PASS: "pass",
    "import tracer": "import tracer",
    "import modelenv": "import modelenv",
}
HELP = "--help"
SUBCOMMANDS = {
    "cache": ("list", "clear", "prune"),
    "requirements": ("list", "add", "remove", "set"),
}
"""Of the commands that have some."""

LOAD = "floor: load and predict"
VERIFY = "modelenv verify"
PREDICT = "modelenv predict"
SAVE = """
import pickle, sys
import modelenv
model, example = pickle.load(open(sys.argv[1], "rb"))
modelenv.save_model(model, sys.argv[2], input_example=example)
"""


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("startup", __doc__, runs=11)
    return measured(parser, arguments, _measure)


def _measure(options: argparse.Namespace) -> Measured:
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    return Measured([*_help(options.runs), *_commands(options.runs)])


def _help(runs: int) -> Iterator[Figure]:
    """Time the imports, and the help of each command."""
    commands = {name: _started(["-c", script]) for name, script in SCRIPTS.items()}
    for words in ([HELP], *_words()):
        commands[f"modelenv {' '.join(words)}"] = _started(["-m", "modelenv", *words])
    results = interleave(commands, runs)
    print(f"{table(results, PASS)}\n")
    ratios = {
        name: ratio_of(found, results[PASS])
        for name, found in results.items()
        if name not in SCRIPTS and name != f"modelenv {HELP}"
    }
    slowest = max(ratios, key=lambda name: ratios[name])
    print(f"The slowest help is that of `{slowest}`.\n")
    unit = f"x `python -c {SCRIPTS[PASS]}`"
    whole = ratio_of(results[f"modelenv {HELP}"], results[PASS])
    yield Figure(f"`modelenv {HELP}`", whole, unit, most=4)
    yield Figure("the slowest `modelenv SUBCOMMAND --help`", ratios[slowest], unit, most=5)


def _words() -> Iterator[list[str]]:
    for name in COMMANDS:
        yield [name, HELP]
        yield from ([name, each, HELP] for each in SUBCOMMANDS.get(name, ()))


def _commands(runs: int) -> Iterator[Figure]:
    """Time the commands that run a model, from their start to their end."""
    with tempfile.TemporaryDirectory() as folder:
        pickle, model = Path(folder, "model.pkl"), Path(folder, "model")
        for script, *given in ((TRAIN, pickle), (SAVE, pickle, model)):
            words = [sys.executable, "-c", script, *map(str, given)]
            subprocess.run(words, env=environment(), check=True)
        of = ["-m", str(model)]
        results = interleave(
            {
                LOAD: _started(["-c", FLOOR, str(pickle)]),
                VERIFY: _started(["-m", "modelenv", "verify", *of]),
                PREDICT: _started(["-m", "modelenv", "predict", *of]),
            },
            runs,
        )
    print(table(results, LOAD))
    ratio = ratio_of(results[VERIFY], results[LOAD])
    yield Figure(f"`{VERIFY}` from the command", ratio, "x floor", most=1.35)


def _started(arguments: Sequence[str]) -> Callable[[], Command]:
    return lambda: Command([sys.executable, *arguments])
