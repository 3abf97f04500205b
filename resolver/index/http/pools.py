"""Kept connections: one pool for each proxy, and for each way to verify certificates."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...requirements.references import without_credentials
from ..credentials import basic, decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from urllib.parse import SplitResult

    from ...settings import Bounds

_CONNECTIONS = 16


class Pools:
    """urllib3's managers, chosen by the host of a URL; threads share them.

    `certificates` is a file of certificate authorities, None: the system's. `proxies` maps a scheme
    to a proxy's URL, None: the system's. The certificates of `trusted` hosts ("host", "host:port")
    are not verified.
    """

    def __init__(
        self,
        bounds: Bounds,
        *,
        certificates: str | None = None,
        proxies: Mapping[str, str] | None = None,
        trusted: Iterable[str] = (),
    ) -> None:
        self._bounds = bounds
        self._certificates = certificates
        self._proxies = None if proxies is None else dict(proxies)
        self._trusted = frozenset(trusted)
        self._made: dict[tuple[str, bool], Any] = {}
        self._lock = Lock()

    def trusts(self, parts: SplitResult) -> bool:
        """Return whether a host's certificate is accepted unverified."""
        host = parts.hostname or ""
        return bool({host, f"{host}:{parts.port}"} & self._trusted)

    def of(self, parts: SplitResult) -> Any:
        """Return the manager for a URL."""
        from urllib.request import getproxies, proxy_bypass

        host = parts.hostname or ""
        proxies = getproxies() if self._proxies is None else self._proxies
        proxy = "" if not host or proxy_bypass(host) else proxies.get(parts.scheme, "")
        key = (proxy, self.trusts(parts))
        with self._lock:
            if key not in self._made:
                self._made[key] = self._new(*key)
            return self._made[key]

    def close(self) -> None:
        """Close the connections."""
        for made in self._made.values():
            made.clear()

    def _new(self, proxy: str, trusted: bool) -> Any:
        from .wire import PoolManager, ProxyManager, paced_pools

        options: dict[str, Any] = {"maxsize": _CONNECTIONS, "ca_certs": self._certificates}
        if trusted:
            options["cert_reqs"] = "CERT_NONE"
        made: PoolManager
        if proxy:
            login = decoded(urlsplit(proxy).netloc.rpartition("@")[0])
            headers = {"proxy-authorization": basic(login)} if login else None
            made = ProxyManager(without_credentials(proxy), proxy_headers=headers, **options)
        else:
            made = PoolManager(**options)
        made.pool_classes_by_scheme = dict(paced_pools(self._bounds))
        return made
