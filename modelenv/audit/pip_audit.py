"""Running pip-audit, if it is installed: a program that asks a service on the network.

It exits with 1 both for findings and for failures, so its output decides.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from ..base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ..base.files.scratch import scratch_folder
from ..base.settings import Settings
from ..wheels.advisories.ecosystems import PYPI, released_version
from ..wheels.advisories.pinned_versions import KnownVersion, VulnerablePin
from ..worker.processes.program import run_program
from .errors import PIP_AUDIT, PipAuditFailedError, PipAuditMissingError

_LARGEST = 64_000_000


def find_pip_audit(settings: Settings) -> Path:
    """Return the program beside this interpreter or on PATH. Raises PipAuditMissingError."""
    beside = shutil.which(PIP_AUDIT, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(PIP_AUDIT, path=settings.environment.get("PATH"))
    if found is None:
        raise PipAuditMissingError
    return Path(found)


@dataclass(frozen=True, slots=True)
class PipAuditAnswer:
    """The answer of pip-audit on some pins."""

    found: tuple[VulnerablePin, ...] = ()
    skipped: tuple[str, ...] = ()
    """A sentence for each reason why pins were skipped, with their names."""


def ask_pip_audit(
    program: Path, pins: AbstractSet[KnownVersion], settings: Settings
) -> PipAuditAnswer:
    """Return pip-audit's findings on some pins; its service is sent all of them.

    Raises PipAuditFailedError.
    """
    skipped = {pin: "it takes no such version" for pin in sorted(pins) if not _line(pin)}
    found: list[VulnerablePin] = []
    for lines in _files(pins - skipped.keys()):
        found += _asked(program, lines, settings, skipped)
    by_reason: dict[str, list[str]] = {}
    for pin, why in skipped.items():
        by_reason.setdefault(why, []).append(str(pin))
    told = (
        f"{PIP_AUDIT} can tell nothing of {', '.join(each)}: {why}"
        for why, each in by_reason.items()
    )
    return PipAuditAnswer(tuple(found), tuple(told))


def _files(pins: AbstractSet[KnownVersion]) -> Iterator[Mapping[str, KnownVersion]]:
    """Yield the pins in as few lists as possible: pip-audit refuses two versions of one name."""
    by_name: dict[str, list[KnownVersion]] = {}
    for pin in sorted(pins):
        by_name.setdefault(pin.name, []).append(pin)
    for number in range(max(map(len, by_name.values()), default=0)):
        listed = (each[number] for each in by_name.values() if number < len(each))
        yield {_line(pin): pin for pin in listed}


def _line(pin: KnownVersion) -> str:
    """Return the requirement of a pin without a local version label; empty if impossible."""
    try:
        return f"{pin.name}=={Version(pin.version).public}"
    except InvalidVersion:
        return ""


def _asked(
    program: Path,
    lines: Mapping[str, KnownVersion],
    settings: Settings,
    skipped: dict[KnownVersion, str],
) -> Iterator[VulnerablePin]:
    """Yield the findings on the pins of some lines; record why others are skipped."""
    with scratch_folder() as scratch:
        asked, answer = scratch / "requirements.txt", scratch / "answer.json"
        asked.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        words = [str(program), "--requirement", str(asked), "--no-deps", "--disable-pip"]
        words += ["--format", "json", "--output", str(answer), "--progress-spinner", "off"]
        ended = run_program(words, settings.environment)
        if not answer.exists():
            raise PipAuditFailedError(_last_line(ended.stdout))
        try:
            document = parse_json(read_bytes(answer, largest=_LARGEST), answer)
        except UntrustedFileError as error:
            raise PipAuditFailedError(str(error)) from error
    known = {line.partition("==")[0]: pin for line, pin in lines.items()}
    listed = document.get("dependencies") if isinstance(document, dict) else None
    for each in listed if isinstance(listed, list) else ():
        pin = known.pop(str(each.get("name")), None) if isinstance(each, dict) else None
        if pin is not None and "vulns" in each:
            yield from (_finding(pin, said) for said in each["vulns"] or ())
        elif pin is not None:
            why = str(each.get("skip_reason") or "it does not say why")
            skipped[pin] = why.partition(f": {pin.name} (")[0]
    skipped |= dict.fromkeys(known.values(), "it does not speak of them")


def _finding(pin: KnownVersion, said: Mapping[str, Any]) -> VulnerablePin:
    return VulnerablePin(
        pin=pin,
        ids=tuple(dict.fromkeys((str(said.get("id")), *map(str, said.get("aliases") or ())))),
        summary=str(said.get("description") or "").strip().partition("\n")[0][:200],
        fixed=tuple(_newer(pin, map(str, said.get("fix_versions") or ()))),
        said_by=PIP_AUDIT,
    )


def _newer(pin: KnownVersion, versions: Iterable[str]) -> Iterator[str]:
    """Yield the versions above a pin's: pip-audit lists fixes of older release lines too."""
    pinned = released_version(PYPI, pin.version)
    for each in versions:
        try:
            if released_version(PYPI, each) > pinned:
                yield each
        except ValueError:
            continue


def _last_line(printed: bytes) -> str:
    lines = printed.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
