"""How long does it take to start a process in a seal, beyond starting it without?

    python -m benchmarks seal [--pairs N]

An environment with 20 distributions, and one with 250, each with a hundred recorded files. The
sealed start plans what is visible, writes the order and starts; both processes are an interpreter
that does nothing. Pairs are interleaved; the interval is that of the median, at 95 %.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from math import comb
from pathlib import Path
from statistics import median

from modelenv.seal import plan as plans
from modelenv.seal.choose import choose, this_machine
from modelenv.seal.command import command, fit
from modelenv.seal.distributions import SiteFiles
from modelenv.seal.seals import Seal

from ..results.command import conclude, parser_of
from ..results.figures import Figure
from ..results.timing import environment

SIZES = (20, 250)
_FILES = 100
# Seconds: the kernel takes namespaces apart after the process that was in them has ended.
_REST = 0.1


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("seal", __doc__)
    parser.add_argument("--pairs", type=int, default=30)
    options = parser.parse_args(arguments)
    machine = this_machine()
    print(f"Python {platform.python_version()}, {options.pairs} interleaved pairs\n")
    print("| seal | distributions | plan ms | more than unsealed, ms | 95 % interval |")
    print("|---|---|---|---|---|")
    figures = []
    refusals = {"namespaces": machine.namespaces, "landlock": machine.why_no_landlock}
    for kind, refusal in refusals.items():
        if refusal:
            print(f"| {kind} | cannot be had: {refusal} | | | |")
            continue
        seal = choose("namespaces" if kind == "namespaces" else "landlock", machine)
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                planned, pairs = _measure(Path(folder), seal, size, options.pairs)
            low, high = _interval(pairs)
            print(
                f"| {kind} | {size} | {median(planned):.1f} | {median(pairs):.1f} |"
                f" {low:.1f} to {high:.1f} |"
            )
            text, unit = f"start a process in a seal of {kind}", "ms more than without"
            figures.append(Figure(text, median(pairs), unit, size=size, things="distributions"))
    return conclude(options, figures)


def _measure(
    root: Path, seal: Seal, size: int, pairs: int
) -> tuple[Sequence[float], Sequence[float]]:
    """Return how long planning took, and how much longer the whole of each sealed start."""
    program, site, files = _environment(root / "environment", size)
    line = [str(program), "-I", "-B", "-c", "pass"]
    planned, more = [], []
    for number in range(pairs + 1):
        scratch = root / str(number)
        scratch.mkdir()
        walls = {}
        for sealed in (False, True) if number % 2 else (True, False):
            time.sleep(_REST)
            began = time.perf_counter()
            start, variables = line, environment()
            if sealed:
                start, variables = _planned(seal, program, site, files, scratch, line)
                planned.append((time.perf_counter() - began) * 1e3)
            subprocess.run(start, cwd=scratch, env=variables, check=True)
            walls[sealed] = time.perf_counter() - began
        more.append((walls[True] - walls[False]) * 1e3)
    return planned[1:], more[1:]  # the first warms up


def _planned(
    seal: Seal,
    program: Path,
    site: Path,
    files: Sequence[Sequence[str]],
    scratch: Path,
    line: Sequence[str],
) -> tuple[list[str], dict[str, str]]:
    plan = plans.make(
        executable=str(program),
        base=os.path.realpath(sys.executable),
        stdlib=[sysconfig.get_path("stdlib")],
        path=[str(site)],
        installed=SiteFiles(str(site), tuple(files)).visible(),
        environment=environment(),
    ).of_run(reads=[], writes=[str(scratch)], folder=str(scratch))
    plan = fit(plan, seal, scratch)
    return command(seal, plan, line, scratch), dict(plan.environment)


def _environment(root: Path, size: int) -> tuple[Path, Path, Sequence[Sequence[str]]]:
    """Lay out an environment of small distributions; return its interpreter, site and files."""
    program = root / "bin" / "python"
    program.parent.mkdir(parents=True)
    base = Path(os.path.realpath(sys.executable))
    program.symlink_to(base)
    (root / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n"
    )
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = root / "lib" / version / "site-packages"
    recorded = []
    for number in range(size):
        name, info = f"package_{number}", f"package_{number}-1.0.dist-info"
        for folder, file in ((name, "__init__.py"), (info, "METADATA")):
            (site / folder).mkdir(parents=True)
            (site / folder / file).write_text("")
        modules = [f"{name}/part_{part % 7}/module_{part}.py" for part in range(_FILES)]
        recorded.append([f"{name}/__init__.py", f"{info}/METADATA", *modules])
    return program, site, recorded


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the values between which the median lies with 95 %, whatever their distribution."""
    ordered, count = sorted(values), len(values)
    outside, rank = 0.0, 0
    while rank < count // 2 and (outside + comb(count, rank) / 2**count) <= 0.025:
        outside += comb(count, rank) / 2**count
        rank += 1
    return ordered[max(rank - 1, 0)], ordered[count - max(rank, 1)]
