"""What does tracing cost, against no trace and against other ways to see imports?

    python -m benchmarks tracing [--runs N] [--only NAME ...] [--contexts NAME ...]
        [--python PYTHON ...]

Every figure is CPU time. The runs of a round share one core and take turns on it every few
milliseconds, so whatever else the machine does befalls all of them alike. A ratio is taken within a
round; its interval is the 95 % interval of the median by order statistics.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from ..results.figures import Figure
from ..results.timing import environment
from .bounds import Measured
from .pythons import measured, parser_of

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = "import sklearn.ensemble, sklearn.linear_model, sklearn.pipeline, pandas"
PRELUDE = """
import contextlib, sys, time, builtins
sys.path.insert(0, {root!r})
import tracer
tracer.trace
def patched():
    # What MLflow does: replace __import__, keep the names.
    original, names = builtins.__import__, set()
    def record(name, globals=None, locals=None, fromlist=(), level=0):
        module = original(name, globals, locals, fromlist, level)
        full = name if level == 0 else getattr(module, "__name__", name)
        for part in fromlist or ():
            names.add(full + "." + part)
        names.add(full.partition(".")[0])
        return module
    @contextlib.contextmanager
    def replaced():
        builtins.__import__ = record
        try:
            yield
        finally:
            builtins.__import__ = original
    return replaced()
"""
BLOCK = """
began = time.process_time()
with {context} as seen:
    {body}
print(time.process_time() - began, len(sys.modules))
"""
PLAIN, OBSERVER, EXECUTED, FULL = "no trace", "observer", "executed", "trace()"
CONTEXTS = {
    PLAIN: "contextlib.nullcontext()",
    OBSERVER: "tracer.trace(executed=False, children=False)",
    EXECUTED: "tracer.trace(children=False)",
    FULL: "tracer.trace()",
    "replaced": "patched()",
    "importtime": "contextlib.nullcontext()",
}
TITLES = {
    OBSERVER: "observer with graph and times",
    EXECUTED: "trace() without children",
    "replaced": "MLflow's way: `__import__` replaced",
    "importtime": "-X importtime",
}
PREDICT = """
import numpy, statistics
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
random = numpy.random.default_rng(0)
words = ["w%d" % n for n in range(3000)]
texts = [" ".join(random.choice(words, 60)) for _ in range(3000)]
labels = [n % 2 for n in range(3000)]
text = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels)
rows = random.random((4000, 20))
forest = RandomForestClassifier(50, n_jobs=1).fit(rows, rows[:, 0] > 0.5)
def predict():
    text.predict(texts)
    forest.predict(rows)
def timed(context):
    began = time.process_time()
    with context:
        predict()
    return time.process_time() - began
predict()
for _ in range({runs}):
    print(timed(contextlib.nullcontext()), timed(tracer.trace()))
"""
CACHED = """
def load():
    for _ in range(100_000):
        import json
def timed(context):
    began = time.process_time()
    with context:
        load()
    return time.process_time() - began
load()
for _ in range({runs}):
    print(timed(contextlib.nullcontext()), timed(tracer.trace(executed=False, children=False)))
"""


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("tracing", __doc__, runs=30)
    parser.add_argument("--only", nargs="+", choices=sorted(SCENARIOS), default=sorted(SCENARIOS))
    parser.add_argument("--contexts", nargs="+", choices=list(CONTEXTS), default=list(CONTEXTS))
    return measured(parser, arguments, _measure)


def _measure(options: argparse.Namespace) -> Measured:
    _stay_on_one_core()
    print(f"Python {platform.python_version()}, {options.runs} pairs, CPU time\n")
    return Measured([bound for name in options.only for bound in SCENARIOS[name](options)])


def imports(options: argparse.Namespace) -> Iterator[Figure]:
    """Compare the contexts on a cold import of scikit-learn and pandas."""
    results = _in_turn(dict.fromkeys(_contexts(options), LIBRARIES), options.runs)
    modules = results[PLAIN][0][1]
    print(f"Importing scikit-learn and pandas ({modules:.0f} modules)\n")
    base = [cpu for cpu, _ in results[PLAIN]]
    _table({name: [cpu for cpu, _ in found] for name, found in results.items()}, base)
    if FULL in results:
        most = 1.06 if MONITORING else 1.15
        ratio = _ratio([cpu for cpu, _ in results[FULL]], base)
        yield Figure("CPU of imports within `trace()`", ratio, "x no trace", most=most)


def events(options: argparse.Namespace) -> Iterator[Figure]:
    """Find the cost of one import event: 100 modules that import 20 empty ones each."""
    contexts = [name for name in (PLAIN, OBSERVER, FULL) if name in _contexts(options)]
    with tempfile.TemporaryDirectory() as folder:
        for group in range(100):
            names = [f"empty{group}_{number}" for number in range(20)]
            for name in names:
                Path(folder, f"{name}.py").touch()
            Path(folder, f"group{group}.py").write_text("\n".join(f"import {n}" for n in names))
        groups = ", ".join(f"group{group}" for group in range(100))
        body = f"sys.path.insert(0, {folder!r}); import {groups}"
        results = _in_turn(dict.fromkeys(contexts, body), options.runs)
    base = [cpu for cpu, _ in results[PLAIN]]
    print("One import event, in microseconds (2,100 small modules)\n")
    for name in contexts[1:]:
        pairs = zip(results[name], base, strict=True)
        costs = [(cpu - plain) / 2100 * 1e6 for (cpu, _), plain in pairs]
        low, high = _interval(costs)
        print(f"- {name}: {statistics.median(costs):.1f} ({low:.1f} to {high:.1f})")
    print()
    return iter(())


def predictions(options: argparse.Namespace) -> Iterator[Figure]:
    """Compare a prediction, with all imported, with and without sight of what runs."""
    ratio = _pairs("Predicting with everything imported, `trace()`", PREDICT, options.runs)
    most = 1.05 if MONITORING else 1.3
    yield Figure("CPU of warm predictions within `trace()`", ratio, "x no trace", most=most)


def cached(options: argparse.Namespace) -> Iterator[Figure]:
    """Compare 100,000 imports of what is imported already."""
    _pairs("100,000 cached imports, observer with graph and times", CACHED, options.runs)
    return iter(())


MONITORING = hasattr(sys, "monitoring")  # PEP 669, Python 3.12
SCENARIOS: dict[str, Callable[[argparse.Namespace], Iterator[Figure]]] = {
    "cached": cached,
    "events": events,
    "imports": imports,
    "predictions": predictions,
}


def _contexts(options: argparse.Namespace) -> list[str]:
    return list(dict.fromkeys((PLAIN, *options.contexts)))


def _in_turn(bodies: Mapping[str, str], runs: int) -> dict[str, list[tuple[float, float]]]:
    """Run a body in all contexts at once, on one core: first to warm up, then `runs` times."""
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in bodies}
    for turn in range(runs + 1):
        started = {name: _start(_program(name, body)) for name, body in bodies.items()}
        for name, process in started.items():
            words = _end(process).split()
            if turn:
                results[name].append((float(words[0]), float(words[1])))
    return results


def _program(context: str, body: str) -> list[str]:
    text = PRELUDE.format(root=str(ROOT)) + BLOCK.format(context=CONTEXTS[context], body=body)
    return [*(["-X", "importtime"] if context == "importtime" else []), "-c", text]


def _pairs(title: str, text: str, runs: int) -> float:
    """Run a program that prints pairs of times; show their ratio, and return its median."""
    output = _run(["-c", PRELUDE.format(root=str(ROOT)) + text.format(runs=runs)])
    pairs = [tuple(map(float, line.split())) for line in output.splitlines()]
    print(f"{title}\n")
    plain, traced = [first for first, _ in pairs], [second for _, second in pairs]
    _table({PLAIN: plain, "traced": traced}, plain)
    return _ratio(traced, plain)


def _run(arguments: Sequence[str]) -> str:
    return _end(_start(arguments))


Started = tuple["subprocess.Popen[str]", IO[str]]


def _start(arguments: Sequence[str]) -> Started:
    # A pipe that fills would make the process wait.
    errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
    command = [sys.executable, *arguments]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environment(), stdout=pipe, stderr=errors, text=True)
    return process, errors


def _end(started: Started) -> str:
    process, errors = started
    with errors:
        output, _ = process.communicate()
        errors.seek(0)
        if process.returncode != 0:
            sys.exit(errors.read())
    return output


def _stay_on_one_core() -> None:
    """Make this process and its children use one core, where the system can."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _table(results: Mapping[str, Sequence[float]], base: Sequence[float]) -> None:
    print("| what | median s | x no trace | 95 % interval |\n|---|---|---|---|")
    for name, found in results.items():
        ratios = [each / plain for each, plain in zip(found, base, strict=True)]
        low, high = _interval(ratios)
        seconds, ratio = statistics.median(found), statistics.median(ratios)
        title = TITLES.get(name, name)
        print(f"| {title} | {seconds:.3f} | {ratio:.3f} | {low:.3f} to {high:.3f} |")
    print()


def _ratio(found: Sequence[float], base: Sequence[float]) -> float:
    return statistics.median(each / plain for each, plain in zip(found, base, strict=True))


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the median: two values between which it lies, by rank."""
    ordered = sorted(values)
    size = len(ordered)
    away = math.ceil(0.98 * math.sqrt(size))
    low = max(0, math.floor(size / 2) - away)
    high = min(size - 1, math.ceil(size / 2) - 1 + away)
    return ordered[low], ordered[high]
