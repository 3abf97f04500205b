"""Run the ordinary suite under coverage and hold the floors of pyproject.toml.

Usage: python .ci/branches.py [PYTEST-OPTION...]    with coverage 7.10 or newer beside pytest

Counted are the lines and branches that run in the process of the tests and in each child of the
same interpreter that reads its site-packages: commands, traced programs, workers of the tests' own
environment. Not counted is what runs sealed, without site-packages (`-I -S`), in a replica, in a
built environment or in another Python, for none of those has coverage; what travels there
(`inside/`, `starter/`, `tracer/probe/`) runs more often than is said, as does what only newer
Pythons need. A few tests fail here and nowhere else: they hold what a fresh interpreter imports,
and coverage is imported there as well. So the floors alone decide.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
COUNTED = (("covered_lines", "num_statements"), ("covered_branches", "num_branches"))


def run(*words: str, variables: Mapping[str, str] | None = None) -> int:
    command = [sys.executable, "-m", "coverage", *words]
    environment = {**os.environ, **(variables or {})}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


Report = Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]]
"""What `coverage json` writes, as far as it is read: `files`, a name, `summary`, a count."""


def most_missed(report: Report, most: int = 30) -> list[tuple[str, int]]:
    """Return the files with the most lines and branches that did not run, and how many these are.

    >>> names = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    >>> summary = dict(zip(names, (3, 4, 1, 4)))
    >>> most_missed({"files": {"own/a.py": {"summary": summary}}})
    [('own/a.py', 4)]
    """
    missed = {
        name: sum(file["summary"][whole] - file["summary"][ran] for ran, whole in COUNTED)
        for name, file in report["files"].items()
    }
    return sorted(missed.items(), key=lambda each: -each[1])[:most]


def shares(report: Report, packages: Sequence[str]) -> dict[str, float]:
    """Return the share of lines and branches that ran, in percent, for each package.

    >>> full = {"covered_lines": 3, "num_statements": 4, "covered_branches": 1, "num_branches": 4}
    >>> shares({"files": {"own/a.py": {"summary": full}}}, ["own"])
    {'own': 50.0}
    """
    found: dict[str, float] = {}
    files = report["files"]
    for package in packages:
        of_it = [file["summary"] for name, file in files.items() if Path(name).parts[0] == package]
        ran, all_of_it = (
            sum(summary[pair[place]] for summary in of_it for pair in COUNTED) for place in (0, 1)
        )
        found[package] = 100 * ran / all_of_it
    return found


def main(words: Sequence[str]) -> int:
    floors = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["coverage-floors"]
    with tempfile.TemporaryDirectory() as folder:
        data = {"COVERAGE_FILE": f"{folder}/data", "COVERAGE_RCFILE": str(ROOT / "pyproject.toml")}
        if (ended := run("run", "-m", "pytest", "-n", "2", *words, variables=data)) not in (0, 1):
            return ended  # not even tests that failed
        if run("combine", "--quiet", variables=data) != 0:
            return 1
        run("json", "--quiet", "-o", f"{folder}/report.json", variables=data)
        report = json.loads(Path(folder, "report.json").read_text("utf-8"))
    for name, number in most_missed(report):
        print(f"{number:5} {name}")
    code = 0
    for package, share in shares(report, [*floors]).items():
        below = share < floors[package]
        print(f"{package:9} {share:5.1f} %, floor {floors[package]} %{' BELOW' if below else ''}")
        code |= below
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
