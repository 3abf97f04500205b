"""How long does a verification take, against the prediction alone and against MLflow?

    python -m benchmarks verify [--runs N] [--mlflow PYTHON ...] [--python PYTHON ...]

The floor is a fresh interpreter that unpickles the model and predicts on the example. A
verification is one call of the library in a process that is there already, as a service or a
notebook makes it: in a replica, and in an environment that uv has built before. The pins alone load
sooner than all that is installed, so a bare run in that environment stands beside them. Building it
is timed apart, from wheels that uv has at hand. The interpreters of --mlflow have MLflow and the
same scikit-learn installed, and the one of the same version is taken; its predict runs in an
environment of its own, built by uv and kept, as ours is.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO, TYPE_CHECKING

from modelenv.base.settings import Settings

from ..results.figures import Figure
from ..results.timing import environment, run
from ..worlds.make import TRAIN
from .bounds import Measured
from .programs import FLOOR
from .pythons import measured, parser_of, peer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SAVE = """
import pickle, sys
import modelenv
model, example = pickle.load(open(sys.argv[1], "rb"))
modelenv.save_model(model, sys.argv[2], input_example=example)
"""

SERVED = """
import sys, time
import modelenv
for line in sys.stdin:
    manager = line.strip()
    began = time.perf_counter()
    verdict = modelenv.verify(sys.argv[1], env_manager=manager)
    seconds = time.perf_counter() - began
    print(seconds if verdict.good else f"failed: {verdict}", flush=True)
"""

MLFLOW = """
import pickle, sys, time
import mlflow, mlflow.sklearn
model, example = pickle.load(open(sys.argv[1], "rb"))
from pathlib import Path
if not Path(sys.argv[2]).exists():
    mlflow.sklearn.save_model(model, sys.argv[2], input_example=example)
for line in sys.stdin:
    began = time.perf_counter()
    mlflow.models.predict(sys.argv[2], input_data=example, env_manager=line.strip(),
                          output_path=sys.argv[2] + ".json")
    print(time.perf_counter() - began, flush=True)
"""


PEER = "MLflow's predict in its kept uv environment"


class Server:
    """A process that makes one verification for each line that it is sent."""

    def __init__(self, command: Sequence[str], variables: Mapping[str, str], cwd: Path) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**environment(), **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def time(self, word: str) -> float:
        """Have it make one, and return the seconds."""
        sent, answers = self._pipes()
        sent.write(f"{word}\n")
        sent.flush()
        while line := answers.readline():
            try:
                return float(line)
            except ValueError:
                if line.startswith("failed"):
                    sys.exit(line)
        sys.exit(f"the process that was to verify with {word} is gone")

    def close(self) -> None:
        sent, answers = self._pipes()
        sent.close()
        self._process.wait()
        answers.close()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


@contextmanager
def served(command: Sequence[str], variables: Mapping[str, str], cwd: Path) -> Iterator[Server]:
    server = Server(command, variables, cwd)
    try:
        yield server
    finally:
        server.close()


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("verify", __doc__, runs=9)
    parser.add_argument("--mlflow", nargs="+", default=[], metavar="PYTHON")
    return measured(parser, arguments, _in_a_folder)


def _in_a_folder(options: argparse.Namespace) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        return Measured(_measure(Path(folder), options.runs, peer_of(options.mlflow)))


def _measure(folder: Path, runs: int, mlflow: str | None) -> list[Figure]:
    pickle, model = str(folder / "model.pkl"), str(folder / "model")
    variables = {"MODELENV_CACHE_DIR": str(folder / "cache")}
    for script, *given in ((TRAIN, pickle), (SAVE, pickle, model)):
        subprocess.run([sys.executable, "-c", script, *given], env=environment(), check=True)
    ours = [sys.executable, "-c", SERVED, model]
    with served(ours, variables, folder) as server:
        steps: dict[str, Callable[[], float]] = {
            "floor: load and predict": lambda: run([sys.executable, "-c", FLOOR, pickle]).wall,
            "verify in a replica": lambda: server.time("replica"),
        }
        if Settings.from_environment().uv:
            server.time("uv")  # uv gets its wheels, wherever they are
            built = _built_anew(ours, folder)
            print(f"building with uv from wheels at hand, and the first prediction: {built:.2f} s")
            alone = str(next(folder.glob("cache/environments/*/*/bin/python")))
            steps["load and predict with the pins alone"] = lambda: (
                run([alone, "-I", "-c", FLOOR, pickle]).wall
            )
            steps["verify in a cached uv environment"] = lambda: server.time("uv")
        if mlflow is None:
            return _report(steps, runs)
        theirs = [mlflow, "-W", "ignore", "-c", MLFLOW, pickle, str(folder / "mlflow")]
        with served(theirs, {"MLFLOW_ENV_ROOT": str(folder / "mlflow-envs")}, folder) as peer:
            first = peer.time("uv")
            print(f"MLflow builds with uv, and its first prediction: {first:.2f} s")
            steps[PEER] = lambda: peer.time("uv")
            return _report(steps, runs)


def _built_anew(command: Sequence[str], folder: Path) -> float:
    another = {"MODELENV_CACHE_DIR": str(folder / "another-cache")}
    with served(command, another, folder) as server:
        return server.time("uv")


def _report(steps: Mapping[str, Callable[[], float]], runs: int) -> list[Figure]:
    """Take the steps in turn, once to warm up and then `runs` times; print the medians."""
    for step in steps.values():
        step()
    rounds = [{name: step() for name, step in steps.items()} for _ in range(runs)]
    print(f"\nPython {platform.python_version()}, medians of {runs} interleaved runs\n")
    print("| what | wall s | min to max | x floor |\n|---|---|---|---|")
    floor = next(iter(steps))
    figures = []
    for name in steps:
        walls = [each[name] for each in rounds]
        ratio = median(each[name] / each[floor] for each in rounds)
        print(
            f"| {name} | {median(walls):.3f} | {min(walls):.3f} to {max(walls):.3f} | {ratio:.2f} |"
        )
        if name != floor:
            who = "MLflow" if name == PEER else "modelenv"
            figures.append(Figure(name, ratio, "x floor", who=who))
    return figures
