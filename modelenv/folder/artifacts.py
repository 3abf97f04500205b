"""Copying the files that a model needs in addition to its pickle, and sealing what was written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..base import arguments
from ..base.files.absent import nothing
from ..base.files.bounded import UntrustedFileError, read_json
from ..base.files.copying import Copier
from ..base.files.hashing import Hashing, digests
from ..worker.job import WORKING
from .documents.typed import Stated, texts
from .errors import BadArtifactError, BadFolderError, ChangedContentError

FOLDER = "artifacts"
INDEX = "artifacts.json"

_WANTED = "a mapping of names to the paths of files"
_LARGEST_INDEX = 4_000_000  # bytes


@dataclass(frozen=True, slots=True)
class ModelArtifact:
    """A file or a folder to copy, and the part of it that travels."""

    source: Path
    files: Mapping[str, Path]
    """The files to copy, by their path below the artifact's own."""
    folders: tuple[str, ...] = ()
    """The folders in it, including empty ones."""
    left_out: tuple[str, ...] = ()
    """Files that are skipped because of names that suggest secrets."""


def check(artifacts: Mapping[str, str | os.PathLike[str]] | None) -> dict[str, ModelArtifact]:
    """List the files and folders to copy.

    Raises BadArgumentError unless each is a path by a name, BadArtifactError for a path that cannot
    travel.
    """
    found = {}
    for name, given in arguments.mapping("artifacts", artifacts, _WANTED).items():
        if not isinstance(name, str):
            raise arguments.BadArgumentError("a name in artifacts", name, "a text")
        path = arguments.path(f"artifacts[{name!r}]", given).absolute()
        if name in ("", ".", "..") or set(name) & set('/\\:\0"'):
            raise BadArtifactError(name, path, "the name cannot be that of a folder")
        if not path.exists():
            raise BadArtifactError(name, path, nothing(path))
        found[name] = _gather(name, path)
    return found


def _gather(name: str, path: Path) -> ModelArtifact:
    """List the files of an artifact, following links, as those of a download cache.

    Raises BadArtifactError for other kinds of files, and for a broken or circular link.
    """
    if path.is_file():
        return ModelArtifact(path, {".": path})
    if not path.is_dir():
        raise BadArtifactError(name, path, "this is neither a file nor a folder")
    from .code.sweep import is_secret

    files: dict[str, Path] = {}
    inner: list[str] = []
    left_out: list[str] = []
    for folder, folders, names in os.walk(path, followlinks=True):
        here = Path(folder)
        for each in folders:
            if (here / each).resolve() in (here.resolve(), *here.resolve().parents):
                raise BadArtifactError(name, here / each, "this link leads in a circle")
            inner.append((here / each).relative_to(path).as_posix())
        folders.sort()
        for each in sorted(names):
            file = here / each
            if is_secret(file):
                left_out.append(str(file))
            elif not file.is_file():
                raise BadArtifactError(name, file, "this is no file, or a link that leads nowhere")
            else:
                files[file.relative_to(path).as_posix()] = file
    return ModelArtifact(path, files, tuple(inner), tuple(left_out))


def copy(
    artifacts: Mapping[str, ModelArtifact],
    folder: Path,
    hashing: Hashing | None = None,
    *,
    link: bool = False,
) -> tuple[str, ...]:
    """Copy artifacts into ``artifacts/NAME/`` below `folder`, with an index of them.

    With `hashing`, files are hashed while they are written. With `link`, files are hard links if
    possible: a later write to the source then changes the model. Return a note for each artifact
    with a file that was written to meanwhile. Raises BadArtifactError for an unreadable file.
    """
    if not artifacts:
        return ()
    places, copier = {}, Copier(hashing=hashing, link=link)
    for name, artifact in artifacts.items():
        place = folder / FOLDER / name / artifact.source.name
        place.parent.mkdir(parents=True)
        if artifact.source.is_dir():
            place.mkdir()
        for inside in artifact.folders:
            (place / inside).mkdir()
        for inside, source in artifact.files.items():
            try:
                copier.copy(source, place / inside)
            except UntrustedFileError as error:
                raise BadArtifactError(name, source, error.reason) from error
            except FileNotFoundError as error:
                raise BadArtifactError(name, source, "it went while it was copied") from error
        places[name] = place.relative_to(folder).as_posix()
    (folder / INDEX).write_text(json.dumps(places, indent=2) + "\n", "utf-8")
    return tuple(
        f"{source} was written to while it was copied: what travels may be a mixture of before"
        " and after"
        for source in copier.torn
    )


def index(folder: Path) -> dict[str, str]:
    """Return the absolute paths of a folder's artifacts, by their names.

    Raises UntrustedFileError and BadFolderError.
    """
    file = folder / INDEX
    try:
        places = texts(Stated(read_json(file, largest=_LARGEST_INDEX), file))
    except FileNotFoundError:
        return {}
    for name, place in places.items():
        if ".." in PurePosixPath(place).parts or not (folder / place).is_relative_to(folder):
            raise BadFolderError(file, f"{name} leads out of the folder: {place!r}")
    return {name: str(folder / place) for name, place in places.items()}


def seal(
    folder: Path, data: str, hashing: Hashing | None = None, *, beside: Iterable[str] = ()
) -> dict[str, str]:
    """Return the SHA-256 of all files that a model reads except code, by path below `folder`.

    These are its data, its artifacts, its working folder, and the paths of files that its data
    reads `beside` it. Files with a digest in `hashing` are not read again.
    """
    names = [*dict.fromkeys((*_sealed(folder, data), *beside))]
    files = [folder / name for name in names]
    found = digests(files) if hashing is None else hashing.digests(files)
    return {name: found[file] for name, file in zip(names, files)}  # noqa: B905


def check_seal(folder: Path, data: str, sealed: Mapping[str, str]) -> None:
    """Raise ChangedContentError if the folder's content is not what was sealed."""
    if not sealed:
        return
    beside = (name for name in sealed if _is_inside(name) and (folder / name).is_file())
    found = {*_sealed(folder, data), *beside}
    both = sorted(found & sealed.keys())
    now = digests(folder / name for name in both)
    changed = [name for name in both if now[folder / name] != sealed[name]]
    missing = sorted(sealed.keys() - found)
    added = sorted(found - sealed.keys())
    if changed or missing or added:
        raise ChangedContentError(folder, tuple(changed), tuple(missing), tuple(added))


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _sealed(folder: Path, data: str) -> list[str]:
    """Return the sealed files, by their paths below `folder`."""
    return [data, *(name for each in (FOLDER, WORKING) for name in _files_of(folder, each))]


def _files_of(folder: Path, room: str) -> list[str]:
    """Return the sorted paths of the files in a subfolder, without links to folders."""
    found = []
    for here, _, names in os.walk(folder / room):
        below = Path(here).relative_to(folder).as_posix()
        found += [f"{below}/{name}" for name in names if Path(here, name).is_file()]
    return sorted(found, key=lambda name: name.split("/"))
