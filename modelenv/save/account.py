"""The result of a save, which prints as a short report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..base.siblings import envfiles, resolver
from ..base.text import counted
from ..pins.conda_env import CondaEnv
from ..worker.verdict import Verdict


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A distribution that was imported and is not needed."""

    name: str
    version: str
    asked_by: str
    """Who probed for it: ``sklearn/utils/fixes.py:19``."""

    def __str__(self) -> str:
        """Return its name with who imported it."""
        return f"{self.name} ({self.asked_by})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A pinned set, why each pin is in it, and what was proven of it."""

    path: Path
    python: str
    resolution: resolver.Resolution
    reasons: Mapping[str, str]
    """For each pin, why it is there."""
    left_out: tuple[LeftOut, ...]
    lock: envfiles.Lock | None
    """The files of every pin, where their hashes are all at hand."""
    unreached: tuple[str, ...]
    """What was imported and the user's own list does not reach, a line each."""
    dropped: tuple[str, ...]
    """Lines of the user's whose marker is false here."""
    constraints: tuple[str, ...]
    """What narrows the pins, by the user's word."""
    conda: CondaEnv | None
    """The conda environment that the user gave."""
    provided: tuple[str, ...]
    """The pins of what conda installs, for whoever builds without conda."""
    first_party: tuple[str, ...]
    """Modules of the user's own that travel in ``code/``."""
    not_carried: tuple[str, ...]
    """Files that were not swept in with the folder of a module: secrets, links that lead out."""
    read_files: tuple[str, ...]
    """Files outside the folder and the environment that loading and predicting read."""
    verdict: Verdict | None
    """None where nothing was to be proven."""
    deterministic: bool
    traced: bool
    """Whether a prediction was seen: without an example only loading was."""
    notes: tuple[str, ...]
    """What else there is to know, of the resolution and of what the trace could not see."""
    sizes: Mapping[str, int]
    """Bytes: `model`, `folder`, and the installed `environment`."""
    seconds: Mapping[str, float]
    """Wall time of each stage."""
    options: tuple[str, ...] = ()
    """How pip finds the files, as the user's lines said it: ``--extra-index-url ...``."""

    @property
    def pins(self) -> tuple[str, ...]:
        """The pins as requirement lines, sorted by name."""
        return tuple(str(pin.requirement) for pin in self.resolution.pins)

    def __str__(self) -> str:
        """Return the report: a few lines, and one for each pin."""
        return "\n".join(_lines(self))

    def to_json(self) -> dict[str, Any]:
        """Return the account as plain data."""
        return {
            "schema": 1,
            "path": str(self.path),
            "python": self.python,
            "pins": [
                {"requirement": line, "because": self.reasons[pin.name]}
                for line, pin in zip(self.pins, self.resolution.pins, strict=True)
            ],
            "moves": [str(move) for move in self.resolution.moves],
            "notes": list(self.notes),
            "left_out": [asdict(item) for item in self.left_out],
            "unreached": list(self.unreached),
            "dropped": list(self.dropped),
            "provided": list(self.provided),
            "first_party": list(self.first_party),
            "not_carried": list(self.not_carried),
            "read_files": list(self.read_files),
            "proof": {"status": "unproven"} if self.verdict is None else asdict(self.verdict),
            "deterministic": self.deterministic,
            "traced": self.traced,
            "sizes": dict(self.sizes),
            "seconds": dict(self.seconds),
        }


def _lines(account: Account) -> list[str]:
    width = max((len(pin) for pin in account.pins), default=0)
    count = counted(len(account.pins), "pin")
    lines = [_headline(account), f"Python {account.python}, {count}:"]
    for line, pin in zip(account.pins, account.resolution.pins, strict=True):
        lines.append(f"  {line:<{width}}  {account.reasons[pin.name]}")
    groups = {
        "moved": [str(move) for move in account.resolution.moves],
        "left out": [str(item) for item in account.left_out],
        "imported, and not in pip_requirements": list(account.unreached),
        "dropped, its marker is false here": list(account.dropped),
        "own code": list(account.first_party),
        "not carried": list(account.not_carried),
        "files that it read, and that do not travel": list(account.read_files),
        "note": list(account.notes),
    }
    lines += [f"{title}: {', '.join(items)}" for title, items in groups.items() if items]
    lines += _seal_lines(account.verdict)
    if not account.deterministic:
        lines.append(
            "note: two predictions on the same input differ: the model is not deterministic"
        )
    lines.append("sizes: " + ", ".join(f"{k} {_bytes(v)}" for k, v in account.sizes.items()))
    total = sum(account.seconds.values())
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in account.seconds.items())
    lines.append(f"seconds: {stages}; {total:.2f} in all")
    return lines


def _seal_lines(verdict: Verdict | None) -> Iterator[str]:
    """Yield what the proof's seal left open, by itself and as the user wished."""
    if verdict is None or verdict.seal is None:
        return
    seal = verdict.seal
    allowed = {"hosts": seal.allow_hosts, "paths": seal.allow_paths}
    for what, names in allowed.items():
        if names:
            yield f"{what} that have to be provided where it runs: {', '.join(names)}"
    if seal.left_open:
        yield f"{seal}; it leaves open: {', '.join(seal.left_open)}"
    if seal.reason:
        yield f"note: {seal.reason}"


def _headline(account: Account) -> str:
    start = f"{account.path}: " if account.traced else f"{account.path}: not traced; "
    if account.verdict is None:
        return f"{start}not proven"
    done = "runs" if account.verdict.status == "runs" else "proven"
    return f"{start}{done} in {account.verdict.place}: {account.verdict.reason}"


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} MB"
