"""How far does `modelenv upgrade` get, against a search that leaves no line out?

    python -m benchmarks.revive.newest --worlds FOLDER [--only NAME …] [--json FILE]

Each old model with a key library is revived and upgraded. Beside that every minor line of the key
library is tried, newest first, on each Python that is here and with numpy 1 and 2, all else as new
as it goes with them, until the prediction is that of then. Fails where `upgrade` stays more than
one minor line behind that, or takes more than 8 builds in the median.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from .account import listed
from .make import NoPythonError, find_python
from .old_model import OldModel, old_models
from .ways import BY_HAND, NotRunError, call

_PYTHONS = tuple(f"3.{number}" for number in range(14, 7, -1))
_MOST_BUILDS = 8
_MOST_LINES = 1


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest set that gives the prediction of then."""

    python: str
    pins: Mapping[str, str]
    builds: int
    """How many environments were built to find it."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search over every minor line of a library."""

    old: OldModel
    names: Sequence[str]
    """What is to be installed; the rest follows."""
    uv: str
    pythons: Mapping[str, str]

    def run(self, scratch: Path) -> Newest | None:
        """Return the newest set with which the model gives its prediction of then."""
        tried: set[str] = set()
        for line in self.lines():
            for python, pins in self._sets(f"{self.key}=={line}.*"):
                told = json.dumps([python, pins])
                if told in tried:
                    continue
                tried.add(told)
                if self._predicts(python, pins, scratch):
                    return Newest(_version(python), by_name(pins), len(tried))
        return None

    @property
    def key(self) -> str:
        return canonicalize_name(str(self.old.story["key"]))

    def lines(self) -> Iterator[str]:
        """Yield every minor line of the key library that a Python here has wheels of."""
        wanted = self.key
        while True:
            of_each = [Version(by_name(pins)[self.key]) for _, pins in self._sets(wanted)]
            if not of_each:
                return
            newest = minor(str(max(of_each)))
            yield newest
            wanted = f"{self.key}<{newest}"

    def behind(self, reached: str, newest: str) -> int:
        """Return by how many minor lines of the key library a version is older than another."""
        between = 0
        for line in self.lines():
            if Version(minor(reached)) >= Version(line):
                break
            between += Version(line) <= Version(minor(newest))
        return between

    def _sets(self, wanted: str) -> Iterator[tuple[str, list[str]]]:
        """Yield each Python that is here, newest first, with the newest pins for it."""
        for line in _PYTHONS:
            try:
                python = find_python(line, self.pythons)
            except NoPythonError:
                continue
            for numpy in ("numpy", "numpy<2"):
                asked = "\n".join([*self.names, wanted, numpy])
                binary = ["--only-binary", ":all:", "--no-header", "--no-annotate"]
                compiled = subprocess.run(
                    [self.uv, "pip", "compile", "-q", *binary, "--python", python, "-"],
                    input=asked, capture_output=True, text=True, check=False,
                )  # fmt: skip
                if compiled.returncode == 0:
                    yield python, compiled.stdout.split()

    def _predicts(self, python: str, pins: Sequence[str], scratch: Path) -> bool:
        """Tell whether the model gives its prediction of then with these pins."""
        environment = scratch / "env"
        inside = environment / "bin" / "python"
        answer = scratch / "answer.json"
        try:
            call([self.uv, "venv", "-q", "--clear", "--python", python, environment])
            call([self.uv, "pip", "install", "-q", "--python", inside, "--no-deps", *pins])
            call([inside, BY_HAND, self.old.model, self.old.input, answer])
        except NotRunError:
            return False
        return self.old.is_prediction(json.loads(answer.read_text("utf-8")))


def _version(python: str) -> str:
    return call([python, "-c", "import platform; print(platform.python_version())"]).strip()


def by_name(pins: Sequence[str]) -> dict[str, str]:
    """Return the version of each pinned name."""
    found = (pin.partition(";")[0].partition("==") for pin in pins)
    return {canonicalize_name(name): version.strip() for name, _, version in found}


def minor(version: str) -> str:
    """Return the minor line of a version, such as ``"1.2"``."""
    return ".".join(version.split(".")[:2])


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one model."""

    name: str
    newest: Newest | None
    builds: int
    """How many environments `upgrade` built."""
    key: str
    reached: str
    """The version of the key library that `upgrade` came to."""
    python: str
    behind: int
    """How many minor lines of the key library it stays behind."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Search and upgrade what the arguments say, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.revive.newest", description=__doc__)
    parser.add_argument("--worlds", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--uv", metavar="UV", default="uv")
    parser.add_argument("--python", action="append", default=[], metavar="MINOR=PATH")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    pythons = dict(each.split("=", 1) for each in options.python)
    rows = []
    for old in old_models(options.worlds):
        if old.story.get("key") and (not options.only or old.name in options.only):
            with tempfile.TemporaryDirectory() as scratch:
                rows.append(_row(old, options.uv, pythons, Path(scratch)))
            print(rows[-1], flush=True)
    print(_table(rows))
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), "utf-8")
    builds = statistics.median(row.builds for row in rows)
    behind = max(row.behind for row in rows)
    return 1 if builds > _MOST_BUILDS or behind > _MOST_LINES else 0


def _row(old: OldModel, uv: str, pythons: Mapping[str, str], scratch: Path) -> Row:
    revived, upgraded = scratch / "revived", scratch / "upgraded"
    ours = [sys.executable, "-m", "modelenv"]
    call([*ours, "revive", "-m", old.model, *old.options, "-o", revived])
    said = json.loads(call([*ours, "upgrade", "-m", revived, "-o", upgraded, "--json"]))
    search = Search(old, list(listed(revived)), uv, pythons)
    newest = search.run(scratch)
    reached = by_name(said["after"]["lines"])[search.key]
    return Row(
        name=old.name,
        newest=newest,
        builds=int(said["builds"]),
        key=search.key,
        reached=reached,
        python=str(said["after"]["python"]),
        behind=search.behind(reached, newest.pins[search.key]) if newest else 0,
    )


def _table(rows: Sequence[Row]) -> str:
    lines = ["", "| model | library | newest | upgrade | behind | builds | of the search |"]
    lines.append("|---" * 7 + "|")
    for row in rows:
        best = f"{row.newest.pins[row.key]}, {row.newest.python}" if row.newest else "none"
        cells = [row.name, row.key, best, f"{row.reached}, {row.python}", str(row.behind)]
        cells += [str(row.builds), str(row.newest.builds if row.newest else 0)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
