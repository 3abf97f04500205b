"""Moving the models below some paths from one conda channel to another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ..base import arguments
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.files.absent import nothing
from ..base.files.disk import with_way_out
from ..base.siblings import envfiles
from ..base.text import brief

_CONDA = "conda.yaml"
_MORE_ATTEMPTS = 9  # retries if others change the file meanwhile
_PATIENCE = 60.0  # seconds for others to finish their change


@dataclass(frozen=True, slots=True)
class Migrated:
    """The outcome for one conda file."""

    file: Path
    status: Literal["changed", "to change", "unchanged", "faulty"]
    found: tuple[str, ...] = ()
    """Each use of the channel as it was written, with credentials hidden."""
    notes: tuple[str, ...] = ()
    diff: str = ""
    reason: str = ""
    """The reason why the file could not be changed; empty: it could."""

    def __str__(self) -> str:
        """Return a short report with the change."""
        if self.status == "faulty":
            return f"{self.file}: not changed: {self.reason}"
        found = f" ({'; '.join(self.found)})" if self.status != "unchanged" else ""
        notes = (f"  note: {note}" for note in self.notes)
        diff = [self.diff] if self.status != "unchanged" else []
        return "\n".join([f"{self.file}: {self.status}{found}", *notes, *diff])

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "file": str(self.file)}


@door
def migrate_channels(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    old: str = "defaults",
    new: str = "conda-forge",
    dry_run: bool = False,
) -> tuple[Migrated, ...]:
    """Replace a channel in the conda files of all models below `paths`: one path, or several.

    A path is a folder or a conda file. `defaults` matches all its names, and files that name no
    channel. Each file is rewritten atomically, and every other byte of it is kept. A file that
    cannot be changed is reported, and the others go on. Raises WrongUseError before anything is
    done if a path does not exist.
    """
    return tuple(iter_migrated(paths, old=old, new=new, dry_run=dry_run))


def iter_migrated(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    old: str,
    new: str,
    dry_run: bool,
) -> Iterator[Migrated]:
    """Return an iterator that changes one file after the other, as `migrate_channels` does."""
    starts = arguments.paths("paths", paths)
    for path in starts:
        if not path.exists():
            raise WrongUseError(f"{path}: {nothing(path)}")
    return (_migrated(file, old, new, dry_run=dry_run) for file in _iter_files(starts))


def _iter_files(paths: Iterable[Path]) -> Iterator[Path | Migrated]:
    """Yield the conda file of each model below the paths, or the outcome for a faulty model."""
    for path in paths:
        if path.is_file():
            yield path
            continue
        for folder, names, files in os.walk(path):
            # Hidden folders are not models; some of them are being written.
            names[:] = sorted(name for name in names if not name.startswith("."))
            # If a new folder replaced it, the listed one was being removed.
            if "MLmodel" in files or Path(folder, "MLmodel").is_file():
                yield from _iter_conda_files(Path(folder))


def _iter_conda_files(folder: Path) -> Iterator[Path | Migrated]:
    try:
        name = envfiles.read_model_file(folder).conda or _CONDA
    except envfiles.InvalidFile as error:
        yield Migrated(folder / "MLmodel", "faulty", reason=str(error))
        return
    if (folder / name).is_file():
        yield folder / name


def _migrated(file: Path | Migrated, old: str, new: str, *, dry_run: bool) -> Migrated:
    if isinstance(file, Migrated):
        return file
    try:
        with suppress(envfiles.TargetChanged):
            return _rewritten(file, old, new, dry_run=dry_run)
        model = next((each for each in file.parents if (each / "MLmodel").is_file()), file)
        with envfiles.waiting_turn(model, patience=_PATIENCE):
            for _ in range(_MORE_ATTEMPTS):
                with suppress(envfiles.TargetChanged):
                    return _rewritten(file, old, new, dry_run=dry_run)
            return _rewritten(file, old, new, dry_run=dry_run)
    except (envfiles.EnvFilesError, WrongUseError) as error:
        return Migrated(file, "faulty", reason=with_way_out(str(error), error))


def _rewritten(file: Path, old: str, new: str, *, dry_run: bool) -> Migrated:
    """Rewrite a file in its own encoding, with its byte order mark.

    Raises TargetChanged if somebody else changed it meanwhile.
    """
    model = next((each for each in file.parents if (each / "MLmodel").is_file()), None)
    if not dry_run:
        envfiles.tidy(model or file)
    text = envfiles.read_text(file) or ""
    migration = envfiles.migrate(text, old=old, new=new, file=str(file))
    notes = (*migration.notes, *_dangling(file.parent))
    if not migration.changed:
        return Migrated(file, "unchanged", notes=notes)
    if not dry_run:
        notes += _replace(file, text, migration.after, model)
    status: Literal["changed", "to change"] = "to change" if dry_run else "changed"
    return Migrated(file, status, migration.found, notes, migration.diff(str(file)))


def _dangling(folder: Path) -> tuple[str, ...]:
    """Return a sentence for each line of a model's files that refers to a missing file."""
    if not (folder / "MLmodel").is_file():
        return ()
    try:
        return tuple(map(str, envfiles.dangling(folder)))
    except envfiles.InvalidFile as error:
        return (str(error),)


def _replace(file: Path, before: str, after: str, model: Path | None) -> tuple[str, ...]:
    """Replace the text of a file, with or without a byte order mark; return notes for the user."""
    for mark in (b"", b"\xef\xbb\xbf"):
        data = mark + before.encode()
        if file.read_bytes() == data:
            return envfiles.replace_file(file, data, mark + after.encode(), folder=model)
    raise WrongUseError(f"{file}: it is not UTF-8, or changed just now: save it as UTF-8")
