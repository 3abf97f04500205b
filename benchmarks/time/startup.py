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

from ..timing import Command, environment, interleave, ratio_of, table
from ..worlds.make import TRAIN
from .bounds import Bound, Figures
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
    return measured("startup", parser, arguments, _measure)


def _measure(options: argparse.Namespace) -> Figures:
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    return Figures([*_help(options.runs), *_commands(options.runs)])


def _help(runs: int) -> Iterator[Bound]:
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
    yield Bound("the slowest `modelenv SUBCOMMAND --help`, x `python -c pass`", 5, ratios[slowest])


def _words() -> Iterator[list[str]]:
    for name in COMMANDS:
        yield [name, HELP]
        yield from ([name, each, HELP] for each in SUBCOMMANDS.get(name, ()))


def _commands(runs: int) -> Iterator[Bound]:
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
    yield Bound(f"`{VERIFY}` from the command, x floor", 1.35, ratio)


def _started(arguments: Sequence[str]) -> Callable[[], Command]:
    return lambda: Command([sys.executable, *arguments])
