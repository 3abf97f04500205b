"""One request and its answer, with retries and redirects."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from ...errors import FalseAnswerError, SourceError
from ...requirements.references import without_credentials
from ..credentials import basic
from .body import Allowance, BodyError, CutShortError, discard
from .retry_after import seconds_asked
from .words import LATER, UNTRUE, lasting, words

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from urllib.parse import SplitResult

    from ...settings import Bounds
    from ..credentials import Logins
    from .pools import Pools
    from .watch import Watch

Answer = TypeVar("Answer")

_WEB = re.compile("https?://", re.IGNORECASE)
_WRITE = "write it with https:// in front, or with file:// for a folder"

_RETRIED = (429, 500, 502, 503, 504)
_REDIRECTED = (301, 302, 303, 307, 308)
_BACKOFF = 0.3

_LOGIN = (
    "give a login in the URL that pip is configured with, or in netrc: no keyring is asked; "
    "or leave that index out"
)
_PROXY = "give a login in the proxy's URL (HTTPS_PROXY, or pip's option proxy)"
_ENCODE = "in a login, write / as %2F, # as %23, ? as %3F and @ as %40"


class _PassingError(Exception):
    """A fault that a retry may cure; after `wait` seconds if the server names them."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Exchange:
    """Send requests, with the kept connections and the logins."""

    pools: Pools
    logins: Logins
    bounds: Bounds
    watch: Watch
    attempts: int
    """The number of retries after a fault that may pass."""
    timeout: float
    """The seconds within which data has to come, for each attempt."""

    def ask(
        self,
        url: str,
        headers: Mapping[str, str],
        read: Callable[[Any, str, Allowance], Answer],
        *,
        most: int,
        seconds: float,
        expected: Container[int] = (200,),
    ) -> Answer:
        """Return what `read` makes of an answer of at most so many bytes, in so many seconds.

        `read` is given the response, which it has to close or to read to its end, the address that
        answered, and the limits; it is called again if a body broke off. Raises `SourceError`.
        """
        if not _WEB.match(url):
            raise SourceError(without_credentials(url), "it is no address of a server", _WRITE)
        allowed = Allowance(most, time.monotonic() + seconds, seconds)
        with self.watch.asking(url):
            for tried in range(self.attempts + 1):
                try:
                    return self._once(url, headers, read, allowed, expected)
                except _PassingError as error:
                    self._pause(url, error, tried, allowed)
        raise AssertionError("the last pause raises")

    def _once(
        self,
        url: str,
        headers: Mapping[str, str],
        read: Callable[[Any, str, Allowance], Answer],
        allowed: Allowance,
        expected: Container[int],
    ) -> Answer:
        from .wire import FramingError, HTTPError, LocationValueError, WireError

        response = None
        try:
            response, address = self._follow(url, headers, allowed)
            if response.status not in expected:
                discard(response)
                raise self._refusal(address, response)
            return read(response, address, allowed)
        except FramingError as error:
            reason = f"its server frames its answer wrongly: {error}"
            raise FalseAnswerError(without_credentials(url), reason, UNTRUE) from error
        except LocationValueError as error:
            reason = f"it leads to an invalid address: {getattr(error, 'location', error)}"
            raise FalseAnswerError(without_credentials(url), reason, UNTRUE) from error
        except (HTTPError, OSError, CutShortError) as error:
            broke = "it broke off" if response else "it cannot be reached"
            raise _PassingError(f"{broke}: {words(error)}") from error
        except WireError as error:
            raise SourceError(without_credentials(url), f"{error}", LATER) from error
        except BodyError as error:
            raise FalseAnswerError(without_credentials(url), str(error), UNTRUE) from error

    def _follow(self, url: str, headers: Mapping[str, str], allowed: Allowance) -> tuple[Any, str]:
        """Send a request and follow redirects; return the answer and the address that gave it.

        Each host is sent its own login, and no other's.
        """
        address = url
        for _ in range(self.bounds.redirects + 1):
            response = self._send(address, headers, allowed)
            leads = response.headers.get("Location")
            if response.status not in _REDIRECTED or not leads:
                return response, address
            discard(response)
            address = self._redirected(url, address, leads)
        raise SourceError(
            without_credentials(url),
            f"it is redirected more than {self.bounds.redirects} times, lastly to "
            f"{without_credentials(address)}",
            UNTRUE,
        )

    def _redirected(self, url: str, address: str, leads: str) -> str:
        """Return the target of a redirect. Raises `SourceError` if it must not be followed."""
        place = without_credentials(url)
        there = _joined(address, leads)
        parts = urlsplit(there)
        if parts.scheme not in {"http", "https"}:
            raise SourceError(place, f"it is redirected to no server: {leads[:200]!r}", UNTRUE)
        leaves = urlsplit(address).scheme == "https" and parts.scheme == "http"
        if leaves and not self.pools.trusts(parts):
            raise SourceError(
                place,
                f"it is redirected from https to plain http: {without_credentials(there)}",
                f"allow it with --trusted-host {parts.hostname}, if that host is yours",
            )
        return there

    def _send(self, url: str, headers: Mapping[str, str], allowed: Allowance) -> Any:
        parts = _parts(url)
        login = self.logins.of(url)
        left = max(0.01, min(self.timeout, allowed.until - time.monotonic()))
        return self.pools.of(parts).request(
            "GET",
            parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl(),
            headers={**headers, **({"authorization": basic(login)} if login else {})},
            redirect=False,
            retries=False,
            timeout=left,
            preload_content=False,
        )

    def _refusal(self, address: str, response: Any) -> Exception:
        status = response.status
        place = without_credentials(address)
        if status in _RETRIED:
            header = response.headers.get("Retry-After", "")
            wait = seconds_asked(header, datetime.now(timezone.utc)) if header else None
            return _PassingError(f"the answer is status {status}", wait)
        if status in {401, 403}:
            return SourceError(place, f"the answer is status {status}: it wants a login", _LOGIN)
        if status == 407:
            reason = f"the answer is status {status}: the proxy wants a login"
            return SourceError(place, reason, _PROXY)
        if status == 304:
            return FalseAnswerError(
                place,
                "it says that nothing changed (status 304), without an earlier copy here",
                UNTRUE,
            )
        return SourceError(place, f"the answer is status {status}", UNTRUE)

    def _pause(self, url: str, error: _PassingError, tried: int, allowed: Allowance) -> None:
        """Wait before the next attempt. Raises `SourceError` if no attempt is left."""
        place, wait = without_credentials(url), error.wait
        if wait is not None and wait > self.bounds.wait:
            reason = f"{error}, and it wants to be left alone for {wait:,.0f} s: that is not waited"
            later = lasting(wait)
            remedy = f"try again in {later}, or leave that index out" if later else UNTRUE
            raise SourceError(place, reason, remedy) from error
        if wait:
            self.watch.note(f"{urlsplit(url).hostname} wants {wait:.0f} s of peace ({error})")
        pause = _BACKOFF * 2**tried if wait is None else wait
        if tried >= self.attempts or time.monotonic() + pause > allowed.until:
            often = f", {tried + 1} times" if tried else ""
            raise SourceError(place, f"{error}{often}", LATER) from error
        time.sleep(pause)


def _parts(url: str) -> SplitResult:
    """Return the parts of a URL. Raises `SourceError` if its port is invalid.

    An unencoded login looks like that: the part that may belong to it is not shown.
    """
    parts = urlsplit(url)
    try:
        _ = parts.port
    except ValueError:  # its text shows the login
        _, at, rest = url.rpartition("@")
        place = f"{parts.scheme}://****@{rest}" if at else without_credentials(url)
        raise SourceError(place, "its port is no number", _ENCODE) from None
    return parts


def _joined(address: str, leads: str) -> str:
    """Return the target of a redirect; empty if that is no address."""
    try:
        there = urljoin(without_credentials(address), leads)
        parts = urlsplit(there)
        known = bool(parts.hostname) and parts.port != 0 and there.isprintable()
    except ValueError:
        return ""
    return there if known else ""
