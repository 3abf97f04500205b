"""The test whether a process touches only what was foreseen."""

from __future__ import annotations

import os

from .places import is_installed

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OURSELVES = ("localhost", "::1", "0.0.0.0", "::", "")  # noqa: S104  # nothing is bound
_BY_NAME = ("libraries", "programs")  # wherever they stand there
_MOST = 20_000  # the most names that are remembered


class Foreseen:
    """The names in `known`, by kind, and everything in one of the folders `own`."""

    def __init__(self, known: Mapping[str, Iterable[str]], own: Iterable[str]) -> None:
        self._own = tuple(os.path.join(os.path.abspath(folder), "") for folder in own)
        self._names: dict[str, set[str]] = {
            kind: {_spelled(kind, name) for name in known.get(kind, ())}
            for kind in ("files", "libraries", "programs", "hosts")
        }
        # The ports of hosts that were looked up by their names.
        self._ports = {_split(host)[1] for host in self._names["hosts"] if not _is_number(host)}

    def __contains__(self, touch: tuple[str, str]) -> bool:
        """Return whether a touch, given by its kind and name, was foreseen."""
        kind, name = touch
        names = self._names.get(kind)
        if names is None:
            return True
        if kind == "hosts":
            return self._is_host_foreseen(name)
        if kind == "libraries" and is_installed(name):
            return True
        return self.owns(name) or _spelled(kind, name) in names or _inside(name) in names

    def add(self, kind: str, name: str) -> None:
        """Add a touch to the foreseen ones."""
        names = self._names.get(kind)
        if names is None or len(names) >= _MOST:
            return
        names.add(_spelled(kind, name))
        if kind == "hosts" and not _is_number(name):
            self._ports.add(_split(name)[1])

    def owns(self, file: str) -> bool:
        """Return whether a file lies in one of the own folders."""
        return file.startswith(self._own)

    def _is_host_foreseen(self, host: str) -> bool:
        """Return whether a host is foreseen: this machine, or the address of a named host."""
        name, port = _split(host)
        known = self._names["hosts"]
        if host in known or name in known or name in _OURSELVES or name.startswith("127."):
            return True
        if not _is_number(host):
            self._ports.add(port)
            return name == os.uname().nodename if hasattr(os, "uname") else False
        return port in self._ports or "" in self._ports


def _spelled(kind: str, name: str) -> str:
    return os.path.basename(name) if kind in _BY_NAME else name


def _inside(file: str) -> str:
    """Return a distribution's file relative to site-packages; any other file unchanged.

    >>> _inside("/env/lib/python3.12/site-packages/kiln/words.txt"), _inside("/data/words.txt")
    ('kiln/words.txt', '/data/words.txt')
    """
    spelled = file.replace(os.sep, "/")
    return spelled.rpartition("-packages/")[2] if is_installed(file) else spelled


def _split(host: str) -> tuple[str, str]:
    """Return the name or the address of a host, and its port.

    >>> _split("db:5432"), _split("db"), _split("fe80::1:443")
    (('db', '5432'), ('db', ''), ('fe80::1', '443'))
    """
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and port.isalnum() and name else (host, "")


def _is_number(host: str) -> bool:
    """Return whether a host is an IP address."""
    name = _split(host)[0]
    return ":" in name or (bool(name) and all(each.isdigit() for each in name.split(".")))
