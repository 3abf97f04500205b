"""The only access to files elsewhere: whole or in part, over http or from disk."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from ..errors import FalseAnswerError, SourceError
from ..local_files import open_file, path_of
from ..requirements.references import without_credentials
from ..settings import STANDARD, Bounds
from .credentials import Logins
from .http.body import discard, raw_blocks, read_body
from .http.exchange import Answer, Exchange
from .http.pools import Pools
from .http.stream import Stream
from .http.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from .http.body import Allowance

_ATTEMPTS = 3
_TIMEOUT = 20.0
_BLOCK = 1 << 20
_STREAMED = 1 << 16
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_MAX_AGE = re.compile(r"\bmax-age=(\d{1,9})")
_LONGEST_MARK = 1_000  # characters; servers refuse requests of several thousand
_PLAIN = {"Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An HTTP answer: its body, its media type, and the address that answered after redirects."""

    body: bytes
    media_type: str
    url: str
    etag: str = ""
    """The server's own tag of this state, for a conditional request."""

    max_age: int | None = None
    """The seconds for which the server calls it fresh."""

    unchanged: bool = False
    """Whether the state with the sent tag is still current; there is no body then."""


class Fetcher:
    """Fetch `http:`, `https:` and `file:` URLs; connections are kept and shared by threads.

    `certificates`, `proxies` and `trusted` are those of `Pools`. `attempts` is the number of tries
    of a request that failed on the way, or with a transient status; `timeout` the seconds within
    which data has to come; `bounds` the limits on an answer. `watch` reports long waits. While
    `offline` no network request is made.
    """

    def __init__(
        self,
        *,
        certificates: str | None = None,
        proxies: Mapping[str, str] | None = None,
        trusted: Iterable[str] = (),
        logins: Logins | None = None,
        attempts: int = _ATTEMPTS,
        timeout: float = _TIMEOUT,
        offline: bool = False,
        bounds: Bounds = STANDARD,
        watch: Watch | None = None,
    ) -> None:
        self._pools = Pools(bounds, certificates=certificates, proxies=proxies, trusted=trusted)
        self._exchange = Exchange(
            self._pools, logins or Logins(), bounds, watch or Watch(), attempts, timeout
        )
        self.offline = offline
        self.bounds = bounds

    def get(
        self, url: str, *, accept: str = "*/*", etag: str = "", most: int | None = None
    ) -> Fetched | None:
        """Fetch a whole file, unless it still has the tag `etag`; None if there is none.

        It may have `most` bytes; by default as many as a page may have. Raises
        `SourceError`.
        """
        path = path_of(url)
        most = self.bounds.page if most is None else most
        if path is not None:
            return _read_file(url, path, most)
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        expected = {200, 404, 410}
        if _mark(etag):
            headers["If-None-Match"] = etag
            expected.add(304)
        return self._ask(url, headers, _fetched, most=most, expected=expected)

    def open(self, url: str) -> IO[bytes]:
        """Open a file for random reads. Raises `SourceError`.

        If a server sends no ranges, the whole file is fetched, to disk.
        """
        path = path_of(url)
        if path is not None:
            return _opened(url, path)
        from .range_reader import PART, RemoteFile

        remote = RemoteFile.of(self, url)
        if remote is not None:
            return io.BufferedReader(remote, PART)
        whole = tempfile.TemporaryFile()  # noqa: SIM115  # whoever asked closes it
        try:
            self.save(url, whole)
        except BaseException:
            whole.close()
            raise
        return whole

    def open_forward(self, url: str) -> IO[bytes]:
        """Open a file for sequential reads, as far as an archive is read.

        Raises `SourceError`.
        """
        path = path_of(url)
        if path is not None:
            return _opened(url, path)

        def read(response: Any, address: str, allowed: Allowance) -> Stream:
            return Stream(response, without_credentials(address), allowed)

        stream = self._ask(url, _PLAIN, read, most=self.bounds.archive)
        return io.BufferedReader(stream, _STREAMED)

    def save(self, url: str, out: IO[bytes], *, size: int | None = None) -> None:
        """Write a whole file to an open one; of at most `size` bytes if that is known.

        Raises `SourceError`.
        """
        path = path_of(url)
        if path is not None:
            with _opened(url, path) as source:
                shutil.copyfileobj(source, out, _BLOCK)
            return

        def read(response: Any, _: str, allowed: Allowance) -> None:
            out.seek(0)
            out.truncate()
            for block in raw_blocks(response, allowed):
                out.write(block)

        most = self.bounds.file if size is None else min(size, self.bounds.file)
        self._ask(url, _PLAIN, read, most=most, seconds=self.bounds.file_seconds)

    def part(self, url: str, first: int | None, count: int) -> tuple[bytes, int, int] | None:
        """Fetch `count` bytes from `first`; the last ones if that is None.

        Return them, their offset and the file's length; None if the server sends no ranges, or
        another one than requested.
        """
        asked = f"-{count}" if first is None else f"{first}-{first + count - 1}"
        headers = {"Range": f"bytes={asked}", **_PLAIN}

        def read(response: Any, _: str, allowed: Allowance) -> tuple[bytes, int, int] | None:
            span = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
            start, last, length = map(int, span.groups()) if span else (0, 0, 0)
            wanted = max(0, length - count) if first is None else first
            end = min(length, wanted + count)
            if response.status != 206 or (start, last + 1) != (wanted, end):
                response.close()
                return None
            body = b"".join(raw_blocks(response, allowed))
            return (body, start, length) if len(body) == end - start else None

        return self._ask(url, headers, read, most=count, expected={200, 206, 416})

    def close(self) -> None:
        """Close the kept connections."""
        self._pools.close()

    def _ask(
        self,
        url: str,
        headers: Mapping[str, str],
        read: Callable[[Any, str, Allowance], Answer],
        *,
        most: int,
        seconds: float | None = None,
        expected: Iterable[int] = (200,),
    ) -> Answer:
        if self.offline:
            raise SourceError(without_credentials(url), "it was never fetched, and this is offline")
        return self._exchange.ask(
            url,
            headers,
            read,
            most=most,
            seconds=self.bounds.page_seconds if seconds is None else seconds,
            expected=frozenset(expected),
        )


def _fetched(response: Any, address: str, allowed: Allowance) -> Fetched | None:
    """Read a whole answer."""
    if response.status in {404, 410}:
        discard(response)
        return None
    headers = response.headers
    age = _MAX_AGE.search(headers.get("Cache-Control", ""))
    unchanged = response.status == 304
    return Fetched(
        read_body(response, allowed),
        headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        without_credentials(address),
        etag=_mark(headers.get("ETag", "")),
        max_age=int(age[1]) if age else None,
        unchanged=unchanged,
    )


def _mark(etag: str) -> str:
    """Return a server's tag, as it can be sent back; empty if it cannot be sent back."""
    return etag if etag.isascii() and etag.isprintable() and len(etag) <= _LONGEST_MARK else ""


def _opened(url: str, path: Path) -> IO[bytes]:
    try:
        return open_file(path)
    except OSError as error:
        raise SourceError(url, error.strerror or str(error)) from error


def _read_file(url: str, path: Path, most: int) -> Fetched | None:
    """Read a `file:` URL; for a folder its index.html, as an index on disk has it."""
    path = path / "index.html" if path.is_dir() else path
    try:
        with open_file(path) as source:
            body = source.read(most + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(url, error.strerror or str(error)) from error
    if len(body) > most:
        raise FalseAnswerError(url, f"it is larger than any such answer is ({most:,} bytes)")
    media_type = "text/html" if path.suffix in {".html", ".htm"} else ""
    return Fetched(body, media_type, path.absolute().as_uri())
