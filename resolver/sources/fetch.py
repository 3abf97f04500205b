"""The one door to files elsewhere: whole or in part, over http or from disk."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import proxy_bypass, url2pathname

from ..errors import SourceError
from ..references import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

_ATTEMPTS = 3
_TIMEOUT = 60.0
# Holds the directory of a zip of some hundred files, and its METADATA, which most tools write last.
_TAIL = 24_000
_PART = 16_000
_RANGE = re.compile(r"bytes (\d+)-")


@dataclass(frozen=True, slots=True)
class Fetched:
    """Be what came: the body, its media type, and the address that answered in the end."""

    body: bytes
    media_type: str
    url: str


class Fetcher:
    """Fetch `http:`, `https:` and `file:` URLs; connections are kept and shared.

    `certificates` is a file of certificate authorities, None: those of the system. `proxies` maps a
    scheme to a proxy's URL.
    """

    def __init__(
        self, *, certificates: str | None = None, proxies: Mapping[str, str] | None = None
    ) -> None:
        self._certificates = certificates
        self._proxies = dict(proxies or {})
        self._pools: dict[str, Any] = {}

    def get(self, url: str, *, accept: str = "*/*") -> Fetched | None:
        """Fetch a whole file; None where there is none. Raises `SourceError`."""
        if urlsplit(url).scheme == "file":
            return _read_file(url)
        response = self._request(url, {"Accept": accept})
        if response.status in {404, 410}:
            return None
        if response.status != 200:
            raise SourceError(without_credentials(url), f"the answer is status {response.status}")
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Fetched(response.data, media_type, urljoin(url, response.geturl() or ""))

    def open(self, url: str) -> IO[bytes]:
        """Open a file for reading here and there. Raises `SourceError`."""
        if urlsplit(url).scheme == "file":
            try:
                return _path_of(url).open("rb")
            except OSError as error:
                raise SourceError(url, error.strerror or str(error)) from error
        return io.BufferedReader(RemoteFile(self, url), _PART)

    def close(self) -> None:
        """Close the connections that are kept."""
        for pool in self._pools.values():
            pool.clear()

    def part(self, url: str, asked: str) -> tuple[bytes, int, int] | None:
        """Fetch a range ("0-99", "-500" for the end); return it, its start and the file's length.

        A server that knows no ranges sends the whole; None where the range is not to be had.
        """
        response = self._request(url, {"Range": f"bytes={asked}", "Accept-Encoding": "identity"})
        body: bytes = response.data
        if response.status == 200:
            return body, 0, len(body)
        if response.status == 416:
            return None
        if response.status != 206:
            raise SourceError(without_credentials(url), f"the answer is status {response.status}")
        span = response.headers.get("Content-Range", "")
        first, length = _RANGE.match(span), span.rpartition("/")[2]
        if first is None or not length.isdigit():
            raise SourceError(without_credentials(url), f"the answer has no range but {span!r}")
        return body, int(first[1]), int(length)

    def _request(self, url: str, headers: Mapping[str, str]) -> Any:
        from urllib3 import Retry, make_headers
        from urllib3.exceptions import HTTPError

        parts = urlsplit(url)
        login = parts.netloc.rpartition("@")[0]
        sent = {**headers, **(make_headers(basic_auth=unquote(login)) if login else {})}
        retries = Retry(
            _ATTEMPTS, backoff_factor=0.3, status_forcelist=(502, 503, 504), raise_on_status=False
        )
        try:
            return self._pool(parts).request(
                "GET",
                parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl(),
                headers=sent,
                retries=retries,
                timeout=_TIMEOUT,
            )
        except (HTTPError, OSError) as error:
            raise SourceError(without_credentials(url), f"it cannot be reached: {error}") from error

    def _pool(self, parts: SplitResult) -> Any:
        from urllib3 import PoolManager, ProxyManager

        direct = parts.hostname is None or bool(proxy_bypass(parts.hostname))
        proxy = "" if direct else self._proxies.get(parts.scheme, "")
        if proxy not in self._pools:
            trust = self._certificates
            self._pools[proxy] = (
                ProxyManager(proxy, ca_certs=trust) if proxy else PoolManager(ca_certs=trust)
            )
        return self._pools[proxy]


class RemoteFile(io.RawIOBase):
    """Read a file on the network in parts, the end first, as the directory of a zip is there."""

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        self._fetcher = fetcher
        self._url = url
        self._position = 0
        # A file that is shorter than its tail has no such range for some servers.
        got = fetcher.part(url, f"-{_TAIL}") or fetcher.part(url, "0-")
        if got is None:
            raise SourceError(without_credentials(url), "no part of it can be had")
        body, start, self._length = got
        self._parts = {start: body}

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return the position in the whole file."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move as files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read from the parts that are here, else fetch what is missing."""
        end = min(self._length, self._position + len(buffer))
        if end <= self._position:
            return 0
        body, start = self._holding(self._position, end)
        data = body[self._position - start : end - start]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _holding(self, first: int, end: int) -> tuple[bytes, int]:
        for start, body in self._parts.items():
            if start <= first and end <= start + len(body):
                return body, start
        last = min(self._length, max(end, first + _PART)) - 1
        got = self._fetcher.part(self._url, f"{first}-{last}")
        if got is None:
            raise SourceError(without_credentials(self._url), f"no bytes {first}-{last}")
        self._parts[got[1]] = got[0]
        return got[0], got[1]


def _read_file(url: str) -> Fetched | None:
    """Read a `file:` URL; for a folder its index.html, as an index on disk has it."""
    path = _path_of(url)
    path = path / "index.html" if path.is_dir() else path
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(url, error.strerror or str(error)) from error
    media_type = "text/html" if path.suffix in {".html", ".htm"} else ""
    return Fetched(body, media_type, path.absolute().as_uri())


def _path_of(url: str) -> Path:
    return Path(url2pathname(urlsplit(url).path))
