"""Copy the files that a model needs besides its pickle, and seal what was written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..base import arguments
from ..base.files.bounded import open_file, read_json
from ..worker.job import WORKING
from .code.sweep import is_secret
from .documents.typed import Stated, texts
from .errors import BadArtifactError, BadFolderError, ChangedContentError

FOLDER = "artifacts"
INDEX = "artifacts.json"

_WANTED = "a mapping of names to the paths of files"
_BLOCK = 1024 * 1024
_LARGEST_INDEX = 4_000_000  # bytes
# Linux' ioctl that makes a file share another's blocks until one of them is written to.
_FICLONE = 0x40049409


@dataclass(frozen=True, slots=True)
class ModelArtifact:
    """A file or a folder that is to travel, and what of it does."""

    source: Path
    files: Mapping[str, Path]
    """What is copied, by its path below the artifact's own."""
    folders: tuple[str, ...] = ()
    """The folders in it, empty ones too."""
    left_out: tuple[str, ...] = ()
    """Secrets, by their names."""


def check(artifacts: Mapping[str, str | os.PathLike[str]] | None) -> dict[str, ModelArtifact]:
    """Look up what is to be copied.

    Raises BadArgumentError for what is no path by a name, BadArtifactError for what cannot travel.
    """
    found = {}
    for name, given in arguments.mapping("artifacts", artifacts, _WANTED).items():
        if not isinstance(name, str):
            raise arguments.BadArgumentError("a name in artifacts", name, "a text")
        path = arguments.path(f"artifacts[{name!r}]", given).absolute()
        if name in ("", ".", "..") or set(name) & set('/\\:\0"'):
            raise BadArtifactError(name, path, "the name cannot be that of a folder")
        if not path.exists():
            raise BadArtifactError(name, path, "there is no such file or folder")
        found[name] = _gather(name, path)
    return found


def _gather(name: str, path: Path) -> ModelArtifact:
    """List the files of an artifact; links are followed, as those of a download cache have to be.

    Raises BadArtifactError for what is no file, and for a link that leads nowhere or in a circle.
    """
    if path.is_file():
        return ModelArtifact(path, {".": path})
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


def copy(artifacts: Mapping[str, ModelArtifact], folder: Path) -> None:
    """Copy artifacts into ``artifacts/NAME/`` below `folder`, with an index of them.

    Blocks are shared where the file system can; nothing is read into memory. Hard links are not
    made: whoever writes to the source would change the model.
    """
    if not artifacts:
        return
    places = {}
    for name, artifact in artifacts.items():
        place = folder / FOLDER / name / artifact.source.name
        place.parent.mkdir(parents=True)
        if artifact.source.is_dir():
            place.mkdir()
        for inside in artifact.folders:
            (place / inside).mkdir()
        for inside, source in artifact.files.items():
            copy_file(str(source), str(place / inside))
        places[name] = place.relative_to(folder).as_posix()
    (folder / INDEX).write_text(json.dumps(places, indent=2) + "\n", "utf-8")


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


def seal(folder: Path, data: str) -> dict[str, str]:
    """Return the SHA-256 of what a model reads that is no code, by path below `folder`.

    That is its data, its artifacts, and what stands in its working folder.
    """
    return {file.relative_to(folder).as_posix(): digest(file) for file in _sealed(folder, data)}


def check_seal(folder: Path, data: str, sealed: Mapping[str, str]) -> None:
    """Raise ChangedContentError where the folder's content is not what was sealed."""
    if not sealed:
        return
    found = {file.relative_to(folder).as_posix() for file in _sealed(folder, data)}
    changed = [
        name for name in sorted(found & sealed.keys()) if digest(folder / name) != sealed[name]
    ]
    missing = sorted(sealed.keys() - found)
    added = sorted(found - sealed.keys())
    if changed or missing or added:
        raise ChangedContentError(folder, tuple(changed), tuple(missing), tuple(added))


def digest(file: Path) -> str:
    """Return the SHA-256 of a regular file, in hexadecimal, read block by block.

    Raises UntrustedFileError.
    """
    digest = hashlib.sha256()
    buffer = bytearray(_BLOCK)
    view = memoryview(buffer)
    with open_file(file, links=True) as stream:
        while size := stream.readinto(view):
            digest.update(view[:size])
    return digest.hexdigest()


def _sealed(folder: Path, data: str) -> Iterator[Path]:
    yield folder / data
    for each in (FOLDER, WORKING):
        yield from sorted(file for file in (folder / each).rglob("*") if file.is_file())


def copy_file(source: str, target: str) -> str:
    """Copy a file with its times: share its blocks where that can be, else copy in the kernel."""
    if not _share_blocks(source, target):
        # Anew: ext4 takes a file that was emptied for one that is replaced, and writes it to the
        # disk when it is closed.
        Path(target).unlink(missing_ok=True)
        shutil.copyfile(source, target)
    shutil.copystat(source, target)
    return target


def _share_blocks(source: str, target: str) -> bool:
    try:
        import fcntl
    except ImportError:  # not a Unix
        return False
    with open(source, "rb") as one, open(target, "wb") as other:  # noqa: PTH123
        try:
            fcntl.ioctl(other, _FICLONE, one.fileno())
        except OSError:
            return False
    return True
