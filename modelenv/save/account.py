"""The result of a save, which prints as a short report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..base.run_variables import HASH_SEED
from ..base.siblings import envfiles, resolver
from ..base.text import NOTE, ReportLine, brief, counted, in_bytes
from ..folder.code.project_files import ProjectFiles
from ..system.use import SystemUse, UsedPackage
from ..system.used_file import UsedFile
from ..worker.verdict import Repeatability, Verdict
from .observe.lazy_imports import KEEP, UnusedImport


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A distribution that was imported but is not needed."""

    name: str
    version: str
    asked_by: str
    """The first place that tried to import it: ``sklearn/utils/fixes.py:19``."""

    def __str__(self) -> str:
        """Return its name and the place that imported it."""
        return f"{self.name} ({self.asked_by})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A pinned set, the reason for each pin, and the proof."""

    path: Path
    environment: envfiles.EnvSpec
    """The environment files' content; locked if the digests of all pins are known."""
    resolution: resolver.Resolution
    reasons: Mapping[str, str]
    """The reason for each pin."""
    left_out: tuple[LeftOut, ...]
    unused_lazy: tuple[UnusedImport, ...]
    """Modules that own code imports lazily, that the example never used and no pin brings."""
    unreached: tuple[str, ...]
    """Distributions that were imported but are not in the user's own list, one line each."""
    dropped: tuple[str, ...]
    """User's lines whose marker is false here."""
    provided: tuple[str, ...]
    """Pins that replace conda's packages in environments built without conda."""
    first_party: tuple[str, ...]
    """The user's own modules, which travel in ``code/``."""
    not_carried: tuple[str, ...]
    """Files beside copied modules that were not copied: secrets, links that lead out."""
    unlisted: tuple[str, ...]
    """Used files in ``site-packages`` that no RECORD lists, and whether they were copied."""
    used_files: tuple[UsedFile, ...]
    """Used files, libraries and programs outside the folder, the environment and the system."""
    project_files: ProjectFiles
    """Files of the project's folder that travel with the model, for `carry="touched"`."""
    system: SystemUse
    """What the prediction used of the operating system, by system package."""
    verdict: Verdict | None
    """The verdict of the proof; None if nothing was proven."""
    repeatability: Repeatability
    """The parts of the recorded prediction that a second process reproduces."""
    second_call: str
    """How a second call in the same process differs; empty if it does not."""
    variables: Mapping[str, str]
    """Environment variables that were set and that the run read; every later run gets them."""
    traced: bool
    """Whether a prediction was traced; without an example only the loading was."""
    notes: tuple[str, ...]
    """Remarks on the resolution, and on blind spots of the trace."""
    as_of: str
    """The date as of which versions were chosen (RFC 3339); empty for the time of the save."""
    sizes: Mapping[str, int]
    """Sizes in bytes: of the `model`, the `folder`, and the installed `environment`."""
    seconds: Mapping[str, float]
    """Wall time of each stage in seconds."""

    @property
    def python(self) -> str:
        """The Python version that the pins are for."""
        return self.environment.python

    @property
    def system_packages(self) -> tuple[UsedPackage, ...]:
        """The system packages that the prediction used."""
        return self.system.packages

    @property
    def read_files(self) -> tuple[str, ...]:
        """The paths of used files and libraries that do not travel."""
        return tuple(each.path for each in self.used_files if each.kind != "program")

    @property
    def deterministic(self) -> bool:
        """Whether another process predicts the same; if unproven, whether a second call does."""
        if self.verdict is None:
            return not self.second_call
        return self.repeatability.deterministic

    @property
    def pins(self) -> tuple[str, ...]:
        """The pins as requirement lines, sorted by name."""
        return tuple(str(pin.requirement) for pin in self.resolution.pins)

    @property
    def headline(self) -> str:
        """The first line of the report: what was proven, and where."""
        start = f"{self.path}: " if self.traced else f"{self.path}: not traced; "
        if self.verdict is None:
            return f"{start}not proven"
        done = "runs" if self.verdict.status == "runs" else "proven"
        return f"{start}{done} in {self.verdict.place}: {self.verdict.reason}"

    @property
    def facts(self) -> tuple[ReportLine, ...]:
        """All that is known besides the pins, in the order of the report."""
        return tuple(fact for fact in _iter_facts(self) if fact.items)

    def __str__(self) -> str:
        """Return the report: a few lines, and one for each pin."""
        return "\n".join(_lines(self))

    def __repr__(self) -> str:
        """Return the first line of the report, shortened."""
        return brief(self)

    def _repr_html_(self) -> str:
        """Return the report as HTML for a notebook."""
        from ..base.telling.notebook import as_html

        return as_html(str(self), good=None if self.verdict is None else bool(self.verdict))

    def to_json(self) -> dict[str, Any]:
        """Return the account as JSON-serialisable data."""
        return {
            "schema": 1,
            "path": str(self.path),
            "python": self.python,
            "pins": [
                {
                    "requirement": line,
                    "because": self.reasons[pin.name],
                    "hashes": list(pin.hashes),
                }
                for line, pin in zip(self.pins, self.resolution.pins, strict=True)
            ],
            "options": list(self.environment.options),
            "constraints": list(self.environment.constraints),
            "conda": list(self.environment.conda_dependencies),
            "build_dependencies": list(self.environment.build_dependencies),
            "as_of": self.as_of or None,
            "locked": self.environment.lock is not None,
            "moves": [str(move) for move in self.resolution.moves],
            "notes": list(self.notes),
            "left_out": [asdict(item) for item in self.left_out],
            **{name: list(getattr(self, name)) for name in _LISTS},
            **{name: [asdict(each) for each in getattr(self, name)] for name in _VALUES},
            "system": self.system.to_json(),
            "project_files": [str(each) for each in self.project_files.files],
            "proof": {"status": "unproven"} if self.verdict is None else asdict(self.verdict),
            "deterministic": self.deterministic,
            "compared": list(self.repeatability.compared),
            "not_compared": list(self.repeatability.not_compared),
            "difference": self.repeatability.difference,
            "second_call": self.second_call,
            "environment": dict(self.variables),
            "traced": self.traced,
            "sizes": dict(self.sizes),
            "seconds": dict(self.seconds),
        }


_LISTS = (
    "unreached",
    "dropped",
    "provided",
    "first_party",
    "not_carried",
    "unlisted",
    "read_files",
)
_VALUES = ("unused_lazy", "used_files", "system_packages")


def _lines(account: Account) -> list[str]:
    width = max((len(pin) for pin in account.pins), default=0)
    count = counted(len(account.pins), "pin")
    lines = [account.headline, f"Python {account.python}, {count}:"]
    for line, pin in zip(account.pins, account.resolution.pins, strict=True):
        lines.append(f"  {line:<{width}}  {account.reasons[pin.name]}")
    lines += map(str, account.facts)
    total = sum(account.seconds.values())
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in account.seconds.items())
    lines.append(f"seconds: {stages}; {total:.2f} in all")
    return lines


def _iter_facts(account: Account) -> Iterator[ReportLine]:
    """Yield every further fact, including those with no items."""
    groups = {
        "moved": map(str, account.resolution.moves),
        "left out": map(str, account.left_out),
        "lazily imported, not used by the example": map(str, account.unused_lazy),
        "imported, and not in pip_requirements": account.unreached,
        "dropped, its marker is false here": account.dropped,
        "own code": account.first_party,
        "not carried": account.not_carried,
        "of site-packages, and in no list of files": account.unlisted,
        "taken along": map(str, account.project_files.files),
        **_used(account),
        "environment variables of every run": (f"{k}={v}" for k, v in account.variables.items()),
        "what is not installed was chosen as of": map(
            resolver.told_moment, filter(None, [account.as_of])
        ),
        NOTE: account.notes,
    }
    yield from (ReportLine(title, tuple(items)) for title, items in groups.items())
    yield from (
        ReportLine(NOTE, (said,)) for said in (*_ways_along(account), *_determinism(account))
    )
    yield from _seal_facts(account.verdict)
    yield ReportLine("sizes", tuple(f"{k} {in_bytes(v)}" for k, v in account.sizes.items()))


def _used(account: Account) -> Mapping[str, list[str]]:
    """Return what was used and does not travel, by heading."""
    files = [str(each) for each in account.used_files if each.kind != "program"]
    programs = [str(each) for each in account.used_files if each.kind == "program"]
    return {
        "files that it read, and that do not travel": files,
        "programs that it started, and that do not travel": programs,
        "packages of the system that it needs": [str(each) for each in account.system_packages],
    }


def _ways_along(account: Account) -> Iterator[str]:
    """Yield hints on how to make more files travel and how to keep unused modules."""
    if account.unused_lazy:
        yield KEEP
    if account.read_files:
        yield (
            "artifacts= (--artifact) or code_paths= (--code-path) takes named files along,"
            ' carry="touched" (--carry touched) all used files of the project\'s folder'
        )


def _determinism(account: Account) -> Iterator[str]:
    """Yield known reasons why predictions on the same input differ."""
    if not account.repeatability.deterministic:
        yield (
            "the model is not deterministic: another process in your own environment gives"
            f" another prediction ({account.repeatability.difference})"
        )
        if HASH_SEED not in account.variables:
            yield (
                f"if that depends on the order of sets or on hash(), {HASH_SEED}=0 makes it the"
                " same: set when saving, it is recorded and every run gets it"
            )
    elif account.second_call:
        yield f"a second call in the same process differs ({account.second_call})"


def _seal_facts(verdict: Verdict | None) -> Iterator[ReportLine]:
    """Yield what the proof's seal did not close off, by its own limits and by the user's wish."""
    if verdict is None or verdict.seal is None:
        return
    seal = verdict.seal
    yield ReportLine("hosts that have to be provided where it runs", seal.allow_hosts)
    yield ReportLine(
        "paths that have to be provided where it runs", tuple(map(str, seal.allow_paths))
    )
    yield ReportLine(f"{seal}; it leaves open", seal.left_open)
    yield ReportLine(NOTE, (seal.reason,) if seal.reason else ())
