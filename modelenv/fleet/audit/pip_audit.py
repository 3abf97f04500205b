"""Ask pip-audit, where it is installed: a program of its own, which asks a service on the network.

It exits with 1 where it found something and where it failed alike, so what it wrote tells.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from ...base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ...base.files.scratch import scratch_folder
from ...base.settings import Settings
from ...wheels.advisories.pinned_versions import KnownVersion, VulnerablePin
from ...worker.processes.program import run_program
from ..errors import PIP_AUDIT, PipAuditFailedError, PipAuditMissingError

_LARGEST = 64_000_000


def find_pip_audit(settings: Settings) -> Path:
    """Return the program: beside this interpreter, or on PATH. Raises PipAuditMissingError."""
    beside = shutil.which(PIP_AUDIT, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(PIP_AUDIT, path=settings.environment.get("PATH"))
    if found is None:
        raise PipAuditMissingError
    return Path(found)


def ask_pip_audit(
    program: Path, pins: Collection[KnownVersion], settings: Settings
) -> tuple[VulnerablePin, ...]:
    """Return what it has against some pins. The service that it asks is told of all of them.

    Raises PipAuditFailedError.
    """
    found: list[VulnerablePin] = []
    for lines in _files(pins):
        found += _asked(program, lines, settings)
    return tuple(found)


def _files(pins: Collection[KnownVersion]) -> Iterator[Mapping[str, KnownVersion]]:
    """Yield the pins in as few lists as there may be: it refuses two versions of one name."""
    by_name: dict[str, list[KnownVersion]] = {}
    for pin in sorted(pins):
        by_name.setdefault(pin.name, []).append(pin)
    for number in range(max(map(len, by_name.values()), default=0)):
        listed = (each[number] for each in by_name.values() if number < len(each))
        yield {line: pin for pin in listed if (line := _line(pin))}


def _line(pin: KnownVersion) -> str:
    """Return the line of a pin: of a local version that of its release, which a service knows."""
    try:
        return f"{pin.name}=={Version(pin.version).public}"
    except InvalidVersion:
        return ""


def _asked(
    program: Path, lines: Mapping[str, KnownVersion], settings: Settings
) -> Iterator[VulnerablePin]:
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
        pin = known.get(str(each.get("name"))) if isinstance(each, dict) else None
        if pin is not None:
            yield from (_finding(pin, said) for said in each.get("vulns") or ())


def _finding(pin: KnownVersion, said: Mapping[str, Any]) -> VulnerablePin:
    return VulnerablePin(
        pin=pin,
        ids=tuple(dict.fromkeys((str(said.get("id")), *map(str, said.get("aliases") or ())))),
        summary=str(said.get("description") or "").strip().partition("\n")[0][:200],
        fixed=tuple(map(str, said.get("fix_versions") or ())),
        said_by=PIP_AUDIT,
    )


def _last_line(printed: bytes) -> str:
    lines = printed.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
