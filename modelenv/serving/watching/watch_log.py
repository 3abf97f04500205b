"""The file that stores findings from production, shared by all servers of a model."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ...base.files.state import state_folder
from ...base.settings import Settings
from ...base.siblings import envfiles
from ...folder.model_folder import ModelFolder
from .finding import Finding

MOST = 300
"""The number of findings that a file keeps: the gravest, then the oldest."""
_SCHEMA = 1
_LARGEST = 8_000_000


@dataclass(frozen=True, slots=True)
class WatchLog:
    """One file, which several servers rewrite as a whole, in turn."""

    file: Path

    @classmethod
    def of_folder(cls, folder: ModelFolder, settings: Settings) -> WatchLog:
        """Return the file of a model in the user's state folder.

        It is named by the model's id, so copies of a folder share it, and a model that is saved
        again has a new one. MODELENV_STATE_DIR names another folder.
        """
        identity = folder.document.get("model_uuid")
        if not isinstance(identity, str) or not identity:
            identity = str(folder.path.resolve())
        key = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:24]
        return cls(state_folder(settings) / "served" / f"{key}.json")

    def read(self) -> tuple[Finding, ...] | None:
        """Return the stored findings; None if there is no file, so nothing has been watched.

        Invalid entries are left out. Raises UntrustedFileError if the file cannot be read, is
        another kind of file, or is of a later version.
        """
        try:
            data = read_bytes(self.file, largest=_LARGEST, links=True)
        except FileNotFoundError:
            return None
        if not data:  # an empty file that was created for us
            return ()
        document = parse_json(data, self.file)
        schema = document.get("schema") if isinstance(document, Mapping) else None
        if type(schema) is int and schema > _SCHEMA:
            raise UntrustedFileError(self.file, "is of a later version of modelenv")
        said = document.get("seen") if schema == _SCHEMA else None
        if not isinstance(said, list):
            raise UntrustedFileError(self.file, "is no file of findings from production")
        found = map(Finding.of, said)
        return tuple(each for each in found if each is not None)

    def add(
        self, findings: Iterable[Finding], about: Mapping[str, Any], *, patience: float = 2.0
    ) -> bool:
        """Add findings to the file; return False if others are writing: then try again later.

        `about` says which model it is, for readers of the file; others get `patience` seconds. Only
        its owner may read a new file. Raises OSError and TargetUnwritable if it cannot be written,
        and the errors of `read`: a file of another kind is left unchanged.
        """
        from filelock import FileLock, Timeout

        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.file}.lock", timeout=patience):
                kept = joined((*(self.read() or ()), *findings))
                document = {
                    "schema": _SCHEMA,
                    **about,
                    "seen": [each.to_json() for each in kept],
                }
                with suppress(FileExistsError):  # an existing file keeps its permissions
                    os.close(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                envfiles.put_file(self.file, json.dumps(document, indent=1).encode("ascii"))
        except Timeout:
            return False
        return True


def joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return each finding once, the gravest `MOST`: grave ones first, then by age."""
    found: dict[tuple[str, str], Finding] = {}
    for each in findings:
        known = found.get(each.key)
        found[each.key] = each if known is None else known.joined(each)
    kept = sorted(found.values(), key=lambda each: each.rank)[:MOST]
    return tuple(sorted(kept, key=lambda each: (not each.is_grave, each.first)))
