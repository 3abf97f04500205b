"""Run every benchmark that can be run here, and show what it found.

    python -m benchmarks all [--quick] [--only NAME ...] [--json FILE] [--page] [--strict]
        [--mlflow PYTHON] [--mlserver PYTHON] [--peers PYTHON] [--papers FOLDER] [--worlds FOLDER]

Where something is missing, a benchmark is left out, and a line says what. `--quick` takes minutes
instead of hours: fewer rounds and smaller sizes, to see that all run, not to quote from. `--json`
keeps of a file what is not run this time, and is written after each benchmark; `--page` writes
docs/results.md and its pictures from it. The exit code is 1 where a benchmark did not end well or
found something wrong; with `--strict` also where a bound does not hold, as on a busy machine.
"""

from __future__ import annotations

import argparse
import compileall
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from .catalogue import BENCHMARKS, Benchmark
from .figures import Figure, Found, bounded, told
from .machine import is_busy, these_versions, this_machine
from .page import write_page
from .record import Record, read, write
from .surroundings import Surroundings, add_surroundings
from .timing import environment

SHOWN = 3
"""Of the figures of a benchmark without bounds."""


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments say, and print it as it is known; return the exit code."""
    options = _parser().parse_args(arguments)
    if options.page and not options.json:
        options.json = PAGE_RECORD
    chosen = [BENCHMARKS[name] for name in options.only or BENCHMARKS]
    print(f"{_place()}\n", flush=True)
    _write_bytecode()
    began = time.monotonic()
    ran = Record()
    before = read(options.json) if options.json else Record()
    for benchmark in chosen:
        ran = ran.with_newer(_run(benchmark, options))
        if options.json:
            write(options.json, before.with_newer(ran))
    print(f"\n{summary(ran, time.monotonic() - began)}")
    if options.page:
        write_page(options.json)
    failed = any(why.startswith(FAILED) for why in ran.left_out.values())
    wrong = not all(each.holds if options.strict else each.good for each in ran.found)
    return int(failed or wrong)


PAGE_RECORD = Path("docs/results.json")
FAILED = "did not end well"
BUSY = (
    "The machine is busy: CPU times and counts can be trusted, wall times and their bounds cannot."
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks all",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--quick", action="store_true", help="minutes instead of hours")
    parser.add_argument("--only", nargs="+", choices=list(BENCHMARKS), metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures are kept")
    parser.add_argument(
        "--page", action="store_true", help=f"write docs/results.md, of {PAGE_RECORD}"
    )
    parser.add_argument("--strict", action="store_true", help="fail where a bound does not hold")
    parser.add_argument("--verbose", action="store_true", help="show what each one prints")
    add_surroundings(parser)
    return parser


def _place() -> str:
    versions, machine = these_versions(), this_machine()
    where = (
        f"modelenv {versions.get('modelenv', '')}, Python {versions['Python']},"
        f" {machine['system']}, {machine['cores']} cores of {machine['processor']},"
        f" load {machine['load']}"
    )
    return f"{where}\n{BUSY}" if is_busy(machine) else where


def _write_bytecode() -> None:
    """Compile what is installed here, so that no sealed process has to, and pay for it, each time.

    Installers as uv leave that to the first import.
    """
    where = sysconfig.get_paths()
    for folder in sorted({where["purelib"], where["platlib"]}):
        compileall.compile_dir(folder, quiet=2, workers=0)


def _run(benchmark: Benchmark, options: argparse.Namespace) -> Record:
    """Run one benchmark in a process of its own, and print what came of it."""
    around = Surroundings.of(options)
    if why := _why_not(benchmark, around, options.quick):
        print(f"{benchmark.name:<12} left out: {why}", flush=True)
        return Record(left_out={benchmark.name: why})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "found.json")
        words = [*(benchmark.quick if options.quick else benchmark.full)]
        words += around.words((*benchmark.needs, *benchmark.takes))
        said = _process(benchmark, [*words, "--json", str(file)], around, options.verbose)
        record = read(file)
    if not record.found:
        print(f"{benchmark.name:<12} {FAILED}:\n{said[-2000:].strip()}", flush=True)
        last = next(iter(reversed(said.strip().splitlines())), "it said nothing")
        return Record(left_out={benchmark.name: f"{FAILED}: {last[:200]}"})
    found = [replace(each, quick=options.quick) for each in record.found]
    print(*(line for each in found for line in lines(each)), sep="\n", flush=True)
    return Record(found)


def _why_not(benchmark: Benchmark, around: Surroundings, quick: bool) -> str:
    """Return why a benchmark is left out; empty where it is not."""
    if benchmark.within:
        return f"its parts run by themselves: {benchmark.within}"
    if quick and benchmark.only_full:
        return f"not with --quick: {benchmark.only_full}"
    return around.lacking(benchmark.needs)


def _process(
    benchmark: Benchmark, words: Sequence[str], around: Surroundings, verbose: bool
) -> str:
    """Run a benchmark to its end; return all that it prints."""
    command = [sys.executable, "-m", "benchmarks", benchmark.name, *words]
    variables = {**environment(), "PATH": around.path}
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    said = []
    with subprocess.Popen(command, env=variables, stdout=pipe, stderr=both, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if verbose:
                print(f"    {line}", end="", flush=True)
    return "".join(said)


def lines(found: Found) -> Iterator[str]:
    """Yield what is shown of a benchmark: what has a bound, or the first of its figures.

    The name and the seconds stand before the first of them.
    """
    shown = bounded(found.figures) or list(found.figures[:SHOWN])
    more = len(found.figures) - len(shown)
    head = f"{found.benchmark:<12} {found.seconds:>6.0f} s"
    for each in shown:
        yield f"{head}  {_line(each)}"
        head = " " * len(head)
    if not found.good:
        yield f"{head}  WRONG: see python -m benchmarks {found.benchmark}"
    if more:
        yield f"{head}  and {more} more {'figure' if more == 1 else 'figures'}"


def _line(figure: Figure) -> str:
    words = {True: "holds", False: "DOES NOT HOLD"}
    bound = f"  ({figure.bound}: {words[figure.holds]})" if figure.holds is not None else ""
    return f"{told(figure)}{bound}"


def summary(ran: Record, seconds: float) -> str:
    """Return how many ran in how long, and which bounds do not hold."""
    held = [(each, figure) for each in ran.found for figure in bounded(each.figures)]
    broken = [(each, figure) for each, figure in held if not figure.holds]
    failed = sum(why.startswith(FAILED) for why in ran.left_out.values())
    count = len(ran.found)
    text = (
        f"{count} benchmark{'' if count == 1 else 's'} in {seconds / 60:.0f} min,"
        f" {len(ran.left_out) - failed} left out, {failed} did not end well;"
        f" {len(held) - len(broken)} of {len(held)} bounds hold"
    )
    rows = [f"  {each.benchmark}: {told(figure)}, {figure.bound}" for each, figure in broken]
    return "\n".join([text, *rows])
