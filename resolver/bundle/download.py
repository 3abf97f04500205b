"""Download of the files that pins are installed from, each once, checked by digest."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..errors import FalseAnswerError
from ..local_files import hash_file
from ..requirements.references import without_credentials
from ..sources.configured import configured_fetcher
from .keeping import keep_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..index.fetcher import Fetcher
    from ..requirements.lines import OptionLike
    from ..search.resolution import Artifact
    from ..settings import IndexSettings

_AT_ONCE = 4
_STRONG = ("sha512", "sha384", "sha256")


def download(
    files: Iterable[Artifact],
    folder: Path,
    *,
    python: str = sys.executable,
    options: Iterable[OptionLike] = (),
    settings: IndexSettings | None = None,
) -> tuple[Path, ...]:
    """Fetch files into `folder`, each below its digest; return their paths, in order.

    A file that is there already is kept if it still has its digest. The connection is configured as
    pip of `python` is, changed by the `options` of requirements files. Raises `SourceError` if a
    file is unavailable, FalseAnswerError for another file than the requested one.
    """
    wanted = tuple(files)
    shelf = _Shelf(folder, configured_fetcher(python, options=options, settings=settings))
    try:
        with ThreadPoolExecutor(_AT_ONCE) as several:
            return tuple(several.map(shelf.take, wanted))
    finally:
        shelf.fetcher.close()


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A folder of files by their digests."""

    folder: Path
    fetcher: Fetcher

    def take(self, wanted: Artifact) -> Path:
        """Return a file, fetched if it is missing. Raises `SourceError`."""
        algorithm, digest = _strongest(wanted)
        name, folder = PurePath(wanted.file).name, self.folder / digest[:32]
        place = folder / name
        if place.is_file() and hash_file(place, algorithm) == f"{algorithm}:{digest}":
            return place
        with TemporaryDirectory(prefix="modelenv-build-") as scratch:
            came = Path(scratch) / name
            with came.open("wb") as out:
                self.fetcher.save(wanted.url, out, size=wanted.size)
            if hash_file(came, algorithm) != f"{algorithm}:{digest}":
                url = without_credentials(wanted.url)
                raise FalseAnswerError(url, f"its {algorithm} is not {digest}")
            return keep_whole(came, folder)


def _strongest(wanted: Artifact) -> tuple[str, str]:
    """Return the algorithm and the digest that a file is checked by. Raises FalseAnswerError."""
    known = dict(each.split(":", 1) for each in wanted.hashes)
    for algorithm in _STRONG:
        if algorithm in known:
            return algorithm, known[algorithm]
    raise FalseAnswerError(without_credentials(wanted.url), "it has no hash that can be relied on")
