"""Logins from URLs and from netrc; they leave this file in request headers only."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


_TOKEN = re.compile(r"(?=.*\d)[^/]{6,}")


class Logins:
    """The login of each host: the one in a URL of `urls` for the host, else that in netrc.

    >>> Logins(["https://me:pass@host/simple"]).of("https://host/files/a.whl")
    'me:pass'
    """

    def __init__(self, urls: Iterable[str] = (), netrc: Path | None = None) -> None:
        self._netrc = netrc
        self._by_host: dict[str, str | None] = {}
        for url in urls:
            login, at, _ = urlsplit(url).netloc.rpartition("@")
            if at:
                self._by_host.setdefault(_host(url), decoded(login))

    def __repr__(self) -> str:
        return "<Logins>"

    def of(self, url: str) -> str | None:
        """Return "user:password" for a URL, or None."""
        own, at, _ = urlsplit(url).netloc.rpartition("@")
        if at:
            return decoded(own)
        host = _host(url)
        if host not in self._by_host:
            self._by_host[host] = self._in_netrc(urlsplit(url).hostname or "")
        return self._by_host[host]

    def _in_netrc(self, hostname: str) -> str | None:
        if self._netrc is None:
            return None
        from netrc import NetrcParseError, netrc

        try:
            found = netrc(str(self._netrc)).authenticators(hostname)
        except (NetrcParseError, OSError, UnicodeError):
            # As pip does: the file may be broken in other hosts' entries; the host will refuse.
            return None
        return f"{found[0]}:{found[2]}" if found else None


def decoded(login: str) -> str:
    """Return the decoded login of a URL; bytes that are no UTF-8 as surrogates."""
    return unquote(login, errors="surrogateescape")


def basic(login: str) -> str:
    """Return the header value for a login, in UTF-8 (RFC 7617): `Basic bWU6cGFzcw==`.

    >>> basic("me:pass")
    'Basic bWU6cGFzcw=='
    """
    return f"Basic {b64encode(login.encode('utf-8', 'surrogateescape')).decode()}"


def may_hold_secret(url: str) -> bool:
    """Return whether the address of an index may hold a secret that no file may have.

    A secret is a login, a query, a fragment, or a path component that may be a token: six or more
    characters with a digit among them.

    >>> may_hold_secret("https://host/abc123def/all"), may_hold_secret("https://host/all/a/")
    (True, False)
    """
    parts = urlsplit(url)
    if "@" in url:  # anywhere in the URL: a login may be unencoded
        return True
    if parts.scheme not in {"http", "https"}:
        return False
    return bool(parts.query or parts.fragment) or any(map(_TOKEN.fullmatch, parts.path.split("/")))


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
