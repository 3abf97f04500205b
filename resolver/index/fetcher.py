"""The one door to files elsewhere: whole or in part, over http or from disk."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from threading import Lock
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import SourceError
from ..local_files import path_of
from ..requirements.references import without_credentials
from .credentials import Logins

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from pathlib import Path
    from urllib.parse import SplitResult

_ATTEMPTS = 3
_TIMEOUT = 60.0
_CONNECTIONS = 16
_STREAMED = 1 << 16
_RETRIED = (429, 500, 502, 503, 504)
_RANGE = re.compile(r"bytes (\d+)-")
_MAX_AGE = re.compile(r"\bmax-age=(\d+)")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: the body, its media type, and the address that answered in the end."""

    body: bytes
    media_type: str
    url: str
    etag: str = ""
    """The server's own mark of this state, to ask whether it is still the same."""

    max_age: int | None = None
    """Seconds for which the server says that it stays so."""

    unchanged: bool = False
    """Whether what bears the mark that was sent is still right; there is no body then."""


class Fetcher:
    """Fetch `http:`, `https:` and `file:` URLs; connections are kept and shared by threads.

    `certificates` is a file of certificate authorities, None: those of the system. `proxies` maps a
    scheme to a proxy's URL, None: what the system says. The certificates of `trusted` hosts
    ("host", "host:port") are not looked at. `attempts` is how often a request is made again that
    failed on the way, or with a status that passes. While `offline` nothing is asked of a network.
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
    ) -> None:
        self._certificates = certificates
        self._proxies = None if proxies is None else dict(proxies)
        self._trusted = frozenset(trusted)
        self._logins = logins or Logins()
        self._attempts = attempts
        self._timeout = timeout
        self.offline = offline
        self._pools: dict[tuple[str, bool], Any] = {}
        self._lock = Lock()

    def get(self, url: str, *, accept: str = "*/*", etag: str = "") -> Fetched | None:
        """Fetch a whole file, unless it still bears the mark `etag`; None where there is none.

        Raises `SourceError`.
        """
        path = path_of(url)
        if path is not None:
            return _read_file(url, path)
        mark = {"If-None-Match": etag} if etag else {}
        response = self._request(url, {"Accept": accept, **mark}, expected={200, 304, 404, 410})
        if response.status in {404, 410}:
            return None
        headers = response.headers
        age = _MAX_AGE.search(headers.get("Cache-Control", ""))
        return Fetched(
            response.data,
            headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            urljoin(without_credentials(url), response.geturl() or ""),
            etag=headers.get("ETag", ""),
            max_age=int(age[1]) if age else None,
            unchanged=response.status == 304,
        )

    def open(self, url: str) -> IO[bytes]:
        """Open a file for reading here and there. Raises `SourceError`."""
        path = path_of(url)
        if path is not None:
            try:
                return path.open("rb")
            except OSError as error:
                raise SourceError(url, error.strerror or str(error)) from error
        from .range_reader import PART, RemoteFile

        return io.BufferedReader(RemoteFile(self, url), PART)

    def open_forward(self, url: str) -> IO[bytes]:
        """Open a file for reading from its beginning, as far as it is wanted.

        Raises `SourceError`.
        """
        if path_of(url) is not None:
            return self.open(url)
        response = self._request(url, {"Accept-Encoding": "identity"}, whole=False)
        return io.BufferedReader(_Stream(response, url), _STREAMED)

    def part(self, url: str, asked: str) -> tuple[bytes, int, int] | None:
        """Fetch a range ("0-99", "-500" for the end); return it, its start and the file's length.

        A server that knows no ranges sends the whole; None where the range is not to be had.
        """
        headers = {"Range": f"bytes={asked}", "Accept-Encoding": "identity"}
        response = self._request(url, headers, expected={200, 206, 416})
        body: bytes = response.data
        if response.status == 200:
            return body, 0, len(body)
        if response.status == 416:
            return None
        span = response.headers.get("Content-Range", "")
        first, length = _RANGE.match(span), span.rpartition("/")[2]
        if first is None or not length.isdigit():
            raise SourceError(without_credentials(url), f"the answer has no range but {span!r}")
        return body, int(first[1]), int(length)

    def close(self) -> None:
        """Close the connections that are kept."""
        for pool in self._pools.values():
            pool.clear()

    def _request(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        expected: Container[int] = (200,),
        whole: bool = True,
    ) -> Any:
        """Ask for a file; raise `SourceError` where the status is none of the `expected` ones."""
        from urllib3 import Retry, make_headers
        from urllib3.exceptions import HTTPError

        if self.offline:
            raise SourceError(without_credentials(url), "it was never fetched, and this is offline")
        parts = urlsplit(url)
        login = self._logins.of(url)
        sent = {**headers, **(make_headers(basic_auth=login) if login else {})}
        retries = Retry(
            self._attempts, backoff_factor=0.3, status_forcelist=_RETRIED, raise_on_status=False
        )
        try:
            response = self._pool(parts).request(
                "GET",
                parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl(),
                headers=sent,
                retries=retries,
                timeout=self._timeout,
                preload_content=whole,
            )
        except (HTTPError, OSError) as error:
            why = getattr(error, "reason", None) or error  # the rest of it tells the whole path
            cause = why if isinstance(why, Exception) else None
            raise SourceError(without_credentials(url), f"it cannot be reached: {why}") from cause
        if response.status not in expected:
            response.close()
            raise SourceError(without_credentials(url), _refusal(response.status))
        return response

    def _pool(self, parts: SplitResult) -> Any:
        from urllib.request import getproxies, proxy_bypass

        host = parts.hostname or ""
        proxies = getproxies() if self._proxies is None else self._proxies
        named = {host, f"{host}:{parts.port}"}
        key = (
            "" if not host or proxy_bypass(host) else proxies.get(parts.scheme, ""),
            bool(named & self._trusted),
        )
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._new_pool(*key)
            return self._pools[key]

    def _new_pool(self, proxy: str, trusted: bool) -> Any:
        from urllib3 import PoolManager, ProxyManager, make_headers

        options: dict[str, Any] = {"maxsize": _CONNECTIONS, "ca_certs": self._certificates}
        if trusted:
            options["cert_reqs"] = "CERT_NONE"
        if not proxy:
            return PoolManager(**options)
        login = unquote(urlsplit(proxy).netloc.rpartition("@")[0])
        headers = make_headers(proxy_basic_auth=login) if login else None
        return ProxyManager(without_credentials(proxy), proxy_headers=headers, **options)


class _Stream(io.RawIOBase):
    """The body of an answer, as it comes."""

    def __init__(self, response: Any, url: str) -> None:
        self._response = response
        self._url = url

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on. Raises `SourceError`."""
        from urllib3.exceptions import HTTPError

        try:
            data: bytes = self._response.read(len(buffer))
        except (HTTPError, OSError) as error:
            raise SourceError(without_credentials(self._url), f"it broke off: {error}") from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the connection: what is left of the body is not wanted."""
        self._response.close()
        super().close()


def _refusal(status: int) -> str:
    if status in {401, 403}:
        return (
            f"the answer is status {status}: it wants a login, in the URL that pip is configured "
            "with or in netrc"
        )
    return f"the answer is status {status}"


def _read_file(url: str, path: Path) -> Fetched | None:
    """Read a `file:` URL; for a folder its index.html, as an index on disk has it."""
    path = path / "index.html" if path.is_dir() else path
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(url, error.strerror or str(error)) from error
    media_type = "text/html" if path.suffix in {".html", ".htm"} else ""
    return Fetched(body, media_type, path.absolute().as_uri())
