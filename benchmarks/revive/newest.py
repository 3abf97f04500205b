"""How far does `modelenv upgrade` get, against a search that leaves no line out?

    python -m benchmarks.revive.newest --worlds FOLDER [--only NAME …] [--revived FOLDER]
        [--seconds N] [--json FILE]

Each old model with a key library is revived, or taken from where it was kept, and upgraded. Beside
that every minor line of the key library is tried, newest first, on each Python that is here and
with numpy 1 and 2, all else as new as it goes with them, until the prediction is that of then, or
the line is tried that `upgrade` came to. A search may take `--seconds`; where it is cut, all lines
that it left count as missed. Fails where `upgrade` stays more than one minor line behind, where the
search finds no set although `upgrade` has one, or where `upgrade` takes more than 8 builds in the
median.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search came to."""

    newest: Newest | None
    builds: int
    """How many environments it built."""
    cut: str = ""
    """The minor line at which its time was over: neither this nor an older one is known to fail."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search over every minor line of a library."""

    old: OldModel
    names: Sequence[str]
    """What is to be installed; the rest follows."""
    uv: str
    pythons: Mapping[str, str]
    minors: Sequence[str] = _PYTHONS
    """The minor lines of Python that are tried, newest first."""
    _compiled: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """What uv resolved already, by the Python and the requirements: no pins where there is none."""

    def run(self, scratch: Path, *, oldest: str, seconds: float) -> Searched:
        """Search the newest set with which the model gives its prediction of then.

        No line older than that of the version `oldest` is tried, and none begun after `seconds`.
        """
        until = time.monotonic() + seconds
        tried: set[str] = set()
        below = self.key
        for line in self.lines():
            if Version(line) < Version(minor(oldest)):
                break
            for python, pins in self._sets(below, line):
                told = json.dumps([python, pins])
                if told in tried:
                    continue
                if time.monotonic() > until:
                    return Searched(None, len(tried), cut=line)
                tried.add(told)
                if self._predicts(python, pins, scratch):
                    return Searched(Newest(_version(python), by_name(pins)), len(tried))
            below = f"{self.key}<{line}"
        return Searched(None, len(tried))

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

    def _sets(self, wanted: str, line: str | None = None) -> Iterator[tuple[str, list[str]]]:
        """Yield each Python that is here, newest first, with the newest pins of what is wanted.

        Of these only such as have the key library in `line`, the newest that is wanted.
        """
        for each in self.minors:
            try:
                python = find_python(each, self.pythons)
            except NoPythonError:
                continue
            for numpy in ("numpy", "numpy<2"):
                pins = self._resolved(python, wanted, numpy)
                if pins and line and minor(by_name(pins)[self.key]) != line:
                    pins = self._resolved(python, f"{self.key}=={line}.*", numpy)
                if pins:
                    yield python, pins
                if not pins or Version(by_name(pins)["numpy"]).major < 2:
                    # The older numpy would come to the same.
                    break

    def _resolved(self, python: str, *wanted: str) -> list[str]:
        """Return the newest pins that have wheels for a Python; none where there are no such."""
        asked = "\n".join([*self.names, *wanted])
        if (python, asked) not in self._compiled:
            binary = ["--only-binary", ":all:", "--no-header", "--no-annotate"]
            compiled = subprocess.run(
                [self.uv, "pip", "compile", "-q", *binary, "--python", python, "-"],
                input=asked, capture_output=True, text=True, check=False,
            )  # fmt: skip
            # A line is a pin, and it may have a marker behind it.
            lines = compiled.stdout.splitlines() if compiled.returncode == 0 else []
            self._compiled[python, asked] = [line for line in lines if "==" in line]
        return self._compiled[python, asked]

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
    searched: Searched
    builds: int
    """How many environments `upgrade` built."""
    key: str
    before: str
    """The version of the key library in the revived model."""
    reached: str
    """The version that `upgrade` came to."""
    python: str
    behind: int
    """How many minor lines of the key library it stays behind; at most, where a search was cut."""
    seconds: tuple[float, float]
    """What `upgrade` took, and the search."""

    @property
    def good(self) -> bool:
        """Whether the search says that `upgrade` missed no more than it may."""
        seen = self.searched.newest is not None or bool(self.searched.cut)
        return seen and self.behind <= _MOST_LINES


def main(arguments: Sequence[str] | None = None) -> int:
    """Search and upgrade what the arguments say, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.revive.newest", description=__doc__)
    parser.add_argument("--worlds", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--uv", metavar="UV", default="uv")
    parser.add_argument("--python", action="append", default=[], metavar="MINOR=PATH")
    parser.add_argument(
        "--revived", type=Path, metavar="FOLDER", help="where revived ones are kept"
    )
    parser.add_argument("--seconds", type=float, default=900.0, help="of a search, at most")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    pythons = dict(each.split("=", 1) for each in options.python)
    rows, failed = [], 0
    with tempfile.TemporaryDirectory() as name:
        kept = options.revived or Path(name, "revived")
        for old in old_models(options.worlds):
            if old.story.get("key") and (not options.only or old.name in options.only):
                scratch = Path(name, old.name)
                scratch.mkdir()
                try:
                    revived = _revived(old, kept)
                    rows.append(_row(old, revived, scratch, options.uv, pythons, options.seconds))
                except NotRunError as error:
                    failed += 1
                    print(f"{old.name}: {error}", flush=True)
                else:
                    print(rows[-1], flush=True)
    print(_table(rows))
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), "utf-8")
    if failed or not all(row.good for row in rows):
        return 1
    return 1 if statistics.median(row.builds for row in rows) > _MOST_BUILDS else 0


def _revived(old: OldModel, kept: Path) -> Path:
    """Return the revived folder of an old model: the kept one, else one that is made there."""
    revived = kept / old.name
    if not revived.exists():
        kept.mkdir(parents=True, exist_ok=True)
        ours = [sys.executable, "-m", "modelenv"]
        call([*ours, "revive", "-m", old.model, *old.options, "-o", revived])
    return revived


def _row(
    old: OldModel,
    revived: Path,
    scratch: Path,
    uv: str,
    pythons: Mapping[str, str],
    seconds: float,
) -> Row:
    """Upgrade a revived model, and search beside it."""
    search = Search(old, list(listed(revived)), uv, pythons)
    began = time.monotonic()
    said = _upgraded(revived, scratch / "upgraded")
    took = time.monotonic() - began
    reached = by_name(said["after"]["lines"])[search.key]
    began = time.monotonic()
    searched = search.run(scratch, oldest=reached, seconds=seconds)
    newest = searched.newest.pins[search.key] if searched.newest else searched.cut
    return Row(
        name=old.name,
        searched=searched,
        builds=int(said["builds"]),
        key=search.key,
        before=by_name(said["before"]["lines"])[search.key],
        reached=reached,
        python=str(said["after"]["python"]),
        behind=search.behind(reached, newest) if newest else 0,
        seconds=(round(took, 1), round(time.monotonic() - began, 1)),
    )


def _upgraded(revived: Path, upgraded: Path) -> dict[str, Any]:
    """Return what `modelenv upgrade` tells; with the set before as the one after, if none is newer.

    Raises NotRunError where it tells of no search: the model does not run as it is, say.
    """
    ours = [sys.executable, "-m", "modelenv", "upgrade", "--json"]
    done = subprocess.run(
        [*ours, "-m", revived, "-o", upgraded], capture_output=True, text=True, check=False
    )
    said: dict[str, Any] = json.loads(done.stdout or "{}")
    if "tried" not in said:
        raise NotRunError(f"upgrade ended with {done.returncode}: {done.stdout}{done.stderr}")
    return said


def _table(rows: Sequence[Row]) -> str:
    """Return a table of Markdown, a row a model."""
    titles = "model, library, revived, upgraded, newest found, behind, builds, of the search"
    lines = ["", f"| {titles.replace(', ', ' | ')} |", "|---" * 8 + "|"]
    for row in rows:
        found = row.searched.newest
        best = f"{found.pins[row.key]}, {found.python}" if found else "none"
        if row.searched.cut:
            best = f"none newer than {row.searched.cut}; cut there"
        behind = f"at most {row.behind}" if row.searched.cut else str(row.behind)
        cells = [row.name, row.key, row.before, f"{row.reached}, {row.python}", best, behind]
        cells += [str(row.builds), str(row.searched.builds)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
