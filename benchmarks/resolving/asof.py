"""Does a resolution as of a date agree with uv's, and what does it cost beyond a plain one?

python -m benchmarks asof [agreement|cost] [--uv UV] [--only NAME] [--runs N] [--json FILE]

Every set is resolved as of every date, for the Python of that time, from wheels alone (uv would
build sources to see what they require). Where the pins differ, each is asked to take those of the
other, which tells a search that chose otherwise from files that one of them should not see. It
fails where fewer than 50 of 55 are the same, a difference is no such choice, or a resolution as of
a moment takes more than 1.05 times the CPU of a plain one, both from a warm cache. pip's
configuration is left out, as uv does not read it; the index is the one that both ask by themselves,
or what `--index-url` names.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..results.command import conclude, parser_of
from ..results.figures import Figure
from ..results.timing import Command, interleave, ratio_of
from .resolve import normalised, read_pins

SETS = {
    "learn": ["scikit-learn", "pandas", "cloudpickle"],
    "mlflow": ["mlflow", "scikit-learn"],
    "boosted": ["lightgbm", "xgboost", "shap"],
    "tables": ["pandas>=1.2", "pyarrow", "polars", "fastparquet"],
    "stats": ["statsmodels", "seaborn", "scipy<1.10"],
    "text": ["transformers", "tokenizers", "sentencepiece"],
    "keras": ["tensorflow", "keras"],
    "web": ["fastapi", "uvicorn[standard]", "pydantic<2"],
    "cloud": ["boto3", "s3fs", "fsspec"],
    "notebook": ["jupyterlab", "ipykernel", "nbconvert>6"],
    "parallel": ["dask[complete]", "distributed"],
}
DATES = {
    "2021-06-01": "3.8.18",
    "2022-03-15T12:00:00Z": "3.9.18",
    "2023-02-01": "3.10.13",
    "2024-01-20T06:30:00+02:00": "3.11.7",
    "2025-05-05": "3.12.1",
}
BOUND = 1.05
ENOUGH = 50 / 55
ONLY_WHEELS = "--only-binary :all:"

_COST = """
import sys, time
from resolver import Installed, Target, merge, resolve
target = Target.of(sys.argv[1])
wanted = merge([], pip_requirements=sys.argv[2].split(";"), target=target)
options = {"as_of": sys.argv[3]} if sys.argv[3] else {}
resolve(merge([], target=target), Installed([], target))
began = time.process_time()
found = resolve(wanted, Installed([], target), index="offline", **options)
assert found.pins
print(f"seconds={time.process_time() - began}")
"""


@dataclass(frozen=True)
class Case:
    """One set as of one date, and the pins of either; a refusal has none."""

    name: str
    date: str
    python: str
    ours: Mapping[str, str]
    uv: Mapping[str, str]
    said: Sequence[str] = ()
    """Why one of them refused."""
    mutual: bool = False
    """Where the pins differ: whether each takes those of the other as well, so that the same files
    were there for both, and they chose among them otherwise."""

    @property
    def agrees(self) -> bool:
        return self.ours == self.uv


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("asof", __doc__)
    parser.add_argument("part", nargs="?", choices=["agreement", "cost"])
    parser.add_argument("--uv", default=shutil.which("uv"))
    parser.add_argument("--only", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--index-url", help="instead of the one that pip and uv ask by themselves")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--cache", type=Path, help="a folder for the pages, kept")
    options = parser.parse_args(arguments)
    cases: list[Case] = []
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        options.cache = options.cache or Path(folder, "cache")
        options.work = Path(folder)
        if options.part in {None, "agreement"}:
            cases = agreement(options)
            figures += agreed(cases)
        if options.part in {None, "cost"}:
            figures.append(cost(options))
    good = all(case.agrees or case.mutual for case in cases) and all(e.holds for e in figures)
    return conclude(options, figures, good=good, details={"cases": [*map(asdict, cases)]})


# The same pins


def agreement(options: argparse.Namespace) -> list[Case]:
    """Compare the pins of every set and date; print those that differ, and return all."""
    cases = []
    for case in compared(options):
        cases.append(case)
        print(f"{case.name:>9} {case.date:<26} {case.python:<8} {told(case)}", flush=True)
    same = sum(case.agrees for case in cases)
    mutual = sum(case.mutual for case in cases)
    refused = sum(not case.uv for case in cases)
    print(f"\n{same} of {len(cases)} agree, of which both refuse {refused}; {mutual} are choices")
    return cases


def agreed(cases: Sequence[Case]) -> Iterator[Figure]:
    """Yield how many sets come to the pins of uv, and in how many the two differ otherwise."""
    same, mutual = (sum(each) for each in zip(*((c.agrees, c.mutual) for c in cases), strict=True))
    unit = f"of {len(cases)}"
    yield Figure("sets and dates with the pins of uv", same, unit, least=ENOUGH * len(cases))
    yield Figure("that differ and are no other choice", len(cases) - same - mutual, unit, most=0)


def told(case: Case) -> str:
    """Say how many pins there are, and in which the two differ."""
    if case.agrees:
        return f"{len(case.ours)} pins" if case.ours else "both refuse"
    if not case.ours or not case.uv:
        return f"DIFFERS: {' | '.join(case.said)[:2_000]}"
    names = sorted(case.ours.keys() | case.uv.keys())
    parts = ((each, case.ours.get(each), case.uv.get(each)) for each in names)
    pins = ", ".join(f"{n} {a} (uv: {b})" for n, a, b in parts if a != b)
    return f"{'another choice' if case.mutual else 'DIFFERS'}: {pins}"


def compared(options: argparse.Namespace) -> Iterator[Case]:
    for date, python in DATES.items():
        for name in options.only:
            asked = options.work / "asked.in"
            write(asked, SETS[name], options)
            ours, why = by_us(asked, date, python, options)
            theirs, reason = by_uv(asked, date, python, options)
            mutual = ours != theirs and bool(ours and theirs)
            if mutual:
                write(asked, [*SETS[name], *pinned(theirs)], options)
                mutual = by_us(asked, date, python, options)[0] == theirs
                write(asked, [*SETS[name], *pinned(ours)], options)
                mutual = mutual and by_uv(asked, date, python, options)[0] == ours
            yield Case(name, date, python, ours, theirs, (why, reason), mutual)


def write(asked: Path, lines: Sequence[str], options: argparse.Namespace) -> None:
    index = [f"--index-url {options.index_url}"] if options.index_url else []
    text = "\n".join([*index, ONLY_WHEELS, *lines])
    asked.write_text(text, encoding="utf-8")


def pinned(pins: Mapping[str, str]) -> list[str]:
    return [f"{name}=={version}" for name, version in pins.items()]


def by_us(
    asked: Path, date: str, python: str, options: argparse.Namespace
) -> tuple[Mapping[str, str], str]:
    from resolver import ConflictError, Installed, Target, resolve

    target = Target.of(python)
    try:
        found = resolve(
            wanted(asked.read_text("utf-8").splitlines(), target),
            Installed([], target),
            settings=settings(options.cache),
            as_of=date,
        )
    except ConflictError as error:
        return {}, str(error)
    return {normalised(pin.name): str(pin.version) for pin in found.pins}, ""


def wanted(lines: Sequence[str], target: Any) -> Any:
    from modelenv.pins.lines import read_lines
    from resolver import merge

    read = read_lines(lines, layer="asked", environment={})
    return merge([], pip_requirements=read, target=target)


def settings(cache: Path) -> Any:
    from resolver import IndexSettings

    return IndexSettings(cache=cache, pip={"PIP_CONFIG_FILE": os.devnull})


def by_uv(
    asked: Path, date: str, python: str, options: argparse.Namespace
) -> tuple[Mapping[str, str], str]:
    out = asked.with_suffix(".txt")
    out.unlink(missing_ok=True)
    words = [options.uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "--no-config"]
    words += ["--python", sys.executable, "--python-version", python, "--exclude-newer", date]
    done = subprocess.run(
        [*words, str(asked), "-o", str(out)],
        env=variables(UV_CACHE_DIR=str(options.cache / "uv"), TZ="UTC"),
        capture_output=True,
        text=True,
        check=False,
    )
    return ({}, done.stderr) if done.returncode else (read_pins(out), "")


def variables(**more: str) -> dict[str, str]:
    """Return this environment without what configures pip and uv."""
    kept = {key: each for key, each in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, **more}


# The same time


def cost(options: argparse.Namespace) -> Figure:
    """Compare the CPU of a plain resolution with that as of a day to come, which is the same.

    One of years ago looks at fewer files.
    """
    print("\n| set | plain ms | as of 2100 | ratio | as of 2024 | ratio |")
    print("|---|---|---|---|---|---|")
    ratios = []
    for name in options.only:
        commands = {
            "plain": costing(name, "", options.cache),
            "later": costing(name, "2100-01-01", options.cache),
            "before": costing(name, "2024-01-01", options.cache),
        }
        results = interleave(commands, options.runs)
        plain, later, before = (statistics.median(r.wall for r in results[k]) for k in commands)
        ratios.append(ratio_of(results["later"], results["plain"]))
        ago = ratio_of(results["before"], results["plain"])
        print(
            f"| {name} | {plain * 1000:.0f} | {later * 1000:.0f} | {ratios[-1]:.3f} |"
            f" {before * 1000:.0f} | {ago:.2f} |",
            flush=True,
        )
    text = "CPU of a resolution as of a day to come"
    return Figure(text, statistics.median(ratios), "x a plain one", most=BOUND)


def costing(name: str, date: str, cache: Path) -> Callable[[], Command]:
    """Return what makes the command of one measurement; the index was asked for it before."""
    words = [sys.executable, "-c", _COST, "3.11.7", ";".join(SETS[name]), date]
    given = variables(MODELENV_CACHE_DIR=str(cache))
    online = [each.replace('index="offline"', 'index="auto"') for each in words]
    subprocess.run(online, env=given, check=True, stdout=subprocess.DEVNULL)
    return lambda: Command(words, given)
