"""How long does it take to say whose 1,500 modules are, against the standard library's own mapping?

python -m benchmarks attribution [--runs N] [--modules N] [--distributions N ...] [--site FOLDER]

Each run is a fresh interpreter. What is timed is the question, with and without importing what
answers it, in seconds of CPU, which other work on the machine changes least. Environments are made
of plain files; `--site` takes one that is there instead.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ..results.command import conclude, parser_of
from ..results.figures import Figure
from ..results.timing import interleave, ratio_of, table

FLOOR = "packages_distributions()"
OURS_NAME = "attribute()"

STANDARD = """
import sys, time
import importlib.metadata
sys.path = [sys.argv[1]]
began = time.process_time()
found = importlib.metadata.packages_distributions()
print(f"seconds={time.process_time() - began}")
"""

OURS = """
import sys, time
from types import SimpleNamespace
records = [
    SimpleNamespace(name=name, file=file, importer=None, importer_file=None, line=None,
                    loaded=True, phase="predict", how="imported")
    for name, file in (line.split() for line in open(sys.argv[2]))
]
began = time.process_time()
from resolver import Installed, Target, attribute
target = Target.current()
if "alone" in sys.argv:
    began = time.process_time()
found = attribute(records, Installed([sys.argv[1]], target))
took = time.process_time() - began
assert len(records) == int(sys.argv[3]) and found.distributions and not found.first_party
print(f"seconds={took}")
"""


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("attribution", __doc__)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--modules", type=int, default=1500)
    parser.add_argument("--distributions", type=int, nargs="+", default=[50, 250, 1000])
    parser.add_argument("--site", type=Path)
    options = parser.parse_args(arguments)
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs")
    with tempfile.TemporaryDirectory() as scratch:
        if options.site is not None:
            _measure(options.site, f"{options.site}", Path(scratch), options)
            return 0
        figures = []
        for count in options.distributions:
            site = make_site(Path(scratch) / f"site-{count}", count)
            ratio = _measure(site, f"{count} distributions", Path(scratch), options)
            unit, things = f"x {FLOOR}, CPU", "distributions"
            figures.append(Figure(OURS_NAME, ratio, unit, size=count, things=things))
    return conclude(options, figures)


def make_site(folder: Path, count: int) -> Path:
    """Make an environment: packages of 5 to 300 modules, metadata as long as it is in practice."""
    folder.mkdir()
    for number in range(count):
        name = f"package{number}"
        modules = [f"{name}/module{index}.py" for index in range(5 + (number * 37) % 296)]
        files = [f"{name}/__init__.py", *modules]
        (folder / name).mkdir()
        for file in files:
            (folder / file).touch()
        info = folder / f"{name}-1.{number}.dist-info"
        info.mkdir()
        needs = [f"Requires-Dist: package{(number * each + 1) % count}>=1" for each in (2, 3, 5)]
        needs += [f"Requires-Dist: tool{each}; extra == 'dev'" for each in range(7)]
        head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: 1.{number}", *needs]
        text = "\n".join([*head, "Provides-Extra: dev", "", "A paragraph of prose.\n" * 300])
        (info / "METADATA").write_text(text)
        if number % 2:  # setuptools leaves it, other build tools do not
            (info / "top_level.txt").write_text(f"{name}\n")
        rows = [f"{file},sha256={'x' * 43},1234" for file in files]
        rows += [f"{info.name}/{each},," for each in ("METADATA", "RECORD", "top_level.txt")]
        (info / "RECORD").write_text("\n".join(rows) + "\n")
    return folder


def _measure(site: Path, title: str, scratch: Path, options: argparse.Namespace) -> float:
    """Print a table, and return the ratio to the floor."""
    files = [file for file in sorted(site.rglob("*.py")) if "-" not in file.parent.name]
    # Taken from all over: a model imports some of many packages.
    chosen = files[:: max(1, len(files) // options.modules)][: options.modules]
    listed = scratch / "modules.txt"
    names = [".".join(file.relative_to(site).with_suffix("").parts) for file in chosen]
    lines = (f"{name} {file}\n" for name, file in zip(names, chosen, strict=True))
    listed.write_text("".join(lines))

    def command(script: str, *more: str) -> Callable[[], list[str]]:
        return lambda: [sys.executable, "-c", script, str(site), *more]

    asked = (str(listed), str(len(chosen)))
    commands = {
        FLOOR: command(STANDARD),
        OURS_NAME: command(OURS, *asked, "alone"),
        "attribute(), with its imports": command(OURS, *asked),
    }
    print(f"\n{title}, {len(chosen)} modules\n")
    results = interleave(commands, options.runs)
    print(table(results, FLOOR))
    return ratio_of(results[OURS_NAME], results[FLOOR])
