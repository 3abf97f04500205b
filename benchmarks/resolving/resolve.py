"""What does a resolution cost: among what is installed, and from an index?

python -m benchmarks resolve [closed|index] [--runs N] [--uv UV] [--peers PYTHON]

PYTHON has pip and pip-tools, and is where they run. The index is the one that pip is configured
with; every tool runs once before it is timed, so that its cache is warm.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ..results.command import conclude, parser_of
from ..results.figures import Figure
from ..results.timing import Run, interleave, run

SETS = {
    "s1": ["scikit-learn==1.5.2", "pandas==2.2.3", "cloudpickle==3.0.0"],
    "s2": ["mlflow==2.16.0", "scikit-learn==1.5.2"],
    "s3": ["boto3", "awscli", "s3fs"],
}
SIZES = (50, 250, 1000)
# What environments of this size have on the average: lines, of which extras ask for most.
_NEEDS, _OPTIONAL, _WORDS = 4, 6, 180

_READ = """
import importlib.metadata as m, sys, time
began = time.process_time()
for each in m.distributions(path=sys.argv[1:]):
    each.metadata["Name"], each.version, each.requires
print(f"seconds={time.process_time() - began}")
"""
CLOSED = """
import sys, time
from resolver import Installed, Target, merge, resolve
resolve, target, roots = resolve, Target.current(), sys.argv[3].split(",")
began = time.process_time()
found = resolve(
    merge([], pip_requirements=roots, target=target), Installed(sys.argv[1:2], target),
    index="never",
)
assert len(found.pins) == int(sys.argv[2])
print(f"seconds={time.process_time() - began}")
"""
_INDEX = """
import sys
from resolver import Installed, Target, merge, resolve
target = Target.current()
wanted = merge([], pip_requirements=sys.argv[1], target=target)
print(*(pin.requirement for pin in resolve(wanted, Installed([], target)).pins), sep="\\n",
      file=open(sys.argv[2], "w"))
"""


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("resolve", __doc__)
    parser.add_argument("part", nargs="?", choices=["closed", "index"])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--uv", default=shutil.which("uv"))
    parser.add_argument("--peers", help="an interpreter that has pip and pip-tools")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=SETS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of environments")
    options = parser.parse_args(arguments)
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        if options.part in {None, "closed"}:
            figures += closed(Path(folder), options.sizes, options.runs)
        if options.part in {None, "index"}:
            for name in options.sets:
                figures += from_index(name, Path(folder), options)
    return conclude(options, figures)


# Among what is installed


def closed(folder: Path, sizes: Sequence[int], runs: int) -> Iterator[Figure]:
    """Resolve everything that environments of these sizes hold; yield the ratios."""
    print("| installed | importlib.metadata | resolve | ratio | pip check | ratio |")
    print("|---|---|---|---|---|---|")
    for size in sizes:
        python, site, roots = environment(folder / str(size), size)
        commands = {
            "read": command(sys.executable, "-c", _READ, str(site)),
            "resolve": command(sys.executable, "-c", CLOSED, str(site), str(size), roots),
            "check": command(python, "-m", "pip", "check"),
        }
        results = interleave(commands, runs)
        # The first two print the CPU of their work alone; of pip it is that of the process.
        read = statistics.median(each.wall for each in results["read"])
        ours = statistics.median(each.wall for each in results["resolve"])
        whole = statistics.median(each.cpu for each in results["resolve"])
        check = statistics.median(each.cpu for each in results["check"])
        print(
            f"| {size} | {read * 1000:.0f} ms | {ours * 1000:.0f} ms | {ours / read:.2f} |"
            f" {check * 1000:.0f} ms, to {whole * 1000:.0f} with imports | {whole / check:.2f} |"
        )
        for unit, ratio in (
            ("x reading the metadata, CPU", ours / read),
            ("x pip check, CPU", whole / check),
        ):
            text = "resolve what is installed"
            yield Figure(text, ratio, unit, size=size, things="distributions")


def environment(folder: Path, size: int) -> tuple[str, Path, str]:
    """Make a virtual environment with pip, and distributions that require one another.

    Return its interpreter, its folder, and the names that nobody requires: the roots of all.
    """
    run([sys.executable, "-m", "venv", str(folder)])
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    site = next(folder.rglob("site-packages"))
    dice = random.Random(size)
    roots = set(range(size))
    for number in range(size):
        info = site / f"d{number}-1.{number}.dist-info"
        info.mkdir()
        text = metadata(number, dice)
        (info / "METADATA").write_text(text, encoding="utf-8")
        roots -= {int(each) for each in re.findall(r"^Requires-Dist: d(\d+)", text, re.MULTILINE)}
        (info / "INSTALLER").write_text("pip\n", encoding="utf-8")
    run([str(python), "-m", "compileall", "-q", str(site)])
    return str(python), site, ",".join(f"d{number}" for number in sorted(roots))


def metadata(number: int, dice: random.Random) -> str:
    """Write a METADATA of common length; requirements are on lower numbers, so all are met."""
    lines = ["Metadata-Version: 2.1", f"Name: d{number}", f"Version: 1.{number}"]
    lines += ["Requires-Python: >=3.8", "Provides-Extra: test"]
    for other in dice.sample(range(number), min(number, dice.randint(0, 2 * _NEEDS))):
        marker = dice.choice(("", "", '; python_version >= "3.8"', '; sys_platform != "none"'))
        lines.append(f"Requires-Dist: d{other}>=1.{other // 2},!=0.5,<3{marker}")
    for index in range(_OPTIONAL):
        lines.append(f'Requires-Dist: t{index}>={index}; extra == "test"')
    return "\n".join(
        [*lines, "", *["Words of a description, as long as they commonly are."] * _WORDS]
    )


# From an index


def from_index(name: str, folder: Path, options: argparse.Namespace) -> Iterator[Figure]:
    """Resolve one set of roots with every tool that is there; compare pins and time."""
    asked = folder / f"{name}.in"
    asked.write_text("\n".join(SETS[name]), encoding="utf-8")
    outputs = {tool: folder / f"{name}.{tool}" for tool in ("resolve", "uv", "pip", "pip-compile")}
    commands = {"resolve": [sys.executable, "-c", _INDEX, str(asked), str(outputs["resolve"])]}
    if options.uv:
        commands["uv"] = [options.uv, "pip", "compile", "-q", "--no-header", "--no-annotate"]
        commands["uv"] += ["--upgrade", "--python", sys.executable, str(asked)]
        commands["uv"] += ["-o", str(outputs["uv"])]
    if options.peers:
        commands["pip"] = [options.peers, "-m", "pip", "install", "-q", "--no-input", "--dry-run"]
        commands["pip"] += ["--disable-pip-version-check", "--ignore-installed", "-r", str(asked)]
        commands["pip"] += ["--report", str(outputs["pip"])]
        commands["pip-compile"] = [options.peers, "-m", "piptools", "compile", "-q", "--no-header"]
        commands["pip-compile"] += ["--no-annotate", "--strip-extras", "--upgrade", str(asked)]
        commands["pip-compile"] += ["-o", str(outputs["pip-compile"])]
    makes = {tool: command(*words) for tool, words in commands.items()}
    results = interleave(makes, options.runs)
    pins = {tool: read_pins(outputs[tool]) for tool in commands}
    print(f"\n{name}: {' '.join(SETS[name])}: {len(pins['resolve'])} pins\n")
    print(
        "| what | wall s | min to max | x resolve | CPU s | same pins |\n|---|---|---|---|---|---|"
    )
    for tool, runs in results.items():
        print(row(tool, runs, results["resolve"], pins[tool] == pins["resolve"]))
        cpu = statistics.median(each.cpu for each in runs)
        who = "modelenv" if tool == "resolve" else tool
        yield Figure(f"resolve {' '.join(SETS[name])}, cache warm", cpu, "CPU s", who=who)


def row(tool: str, runs: Sequence[Run], ours: Sequence[Run], same: bool) -> str:
    walls = [each.wall for each in runs]
    ratio = statistics.median(a.wall / b.wall for a, b in zip(runs, ours, strict=True))
    cpu = statistics.median(each.cpu for each in runs)
    return (
        f"| {tool} | {statistics.median(walls):.2f} | {min(walls):.2f} to {max(walls):.2f} |"
        f" {ratio:.2f} | {cpu:.2f} | {'yes' if same else 'no'} |"
    )


def read_pins(file: Path) -> Mapping[str, str]:
    """Read names and versions, of pip's report or of a requirements file."""
    text = file.read_text(encoding="utf-8")
    if text.startswith("{"):
        found = [each["metadata"] for each in json.loads(text)["install"]]
        return {normalised(each["name"]): each["version"] for each in found}
    rows = (line.partition("==") for line in text.splitlines() if "==" in line)
    return {normalised(name.partition("[")[0]): version.strip() for name, _, version in rows}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def command(*words: str) -> Callable[[], Sequence[str]]:
    return lambda: words
