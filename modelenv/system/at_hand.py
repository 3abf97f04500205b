"""Answers of dpkg on this machine: each is fetched once, on demand or in the background."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from threading import Thread

from ..base.siblings import tracer
from .dpkg import InstalledPackage, installed_packages


class SystemAtHand:
    """Owners of system files and the installed packages, asked of dpkg and then remembered."""

    def __init__(self) -> None:
        self._owners: dict[str, str | None] = {}
        self._beside: Thread | None = None

    def foresee(self, files: Iterable[str]) -> None:
        """Begin to ask dpkg, in a thread, who owns `files`; a later call waits for the answer."""
        unknown = [file for file in files if file not in self._owners]
        if unknown and self._beside is None:
            self._beside = Thread(target=self._look, args=(unknown,), daemon=True)
            self._beside.start()

    def owners(self, files: Iterable[str]) -> Mapping[str, str | None]:
        """Map each file's path to the package that owns it, or None if no package is known."""
        self._wait()
        wanted = tuple(files)
        unknown = [file for file in wanted if file not in self._owners]
        if unknown:
            self._owners.update(tracer.system_packages(unknown))
        return {file: self._owners[file] for file in wanted}

    @property
    def installed(self) -> Mapping[str, InstalledPackage]:
        """Return the installed packages by name."""
        self._wait()
        return self._installed

    @cached_property
    def _installed(self) -> Mapping[str, InstalledPackage]:
        return installed_packages()

    def _look(self, files: list[str]) -> None:
        with suppress(OSError):  # the caller who needs the answer asks again and gets the error
            self._owners.update(tracer.system_packages(files))
            _ = self._installed

    def _wait(self) -> None:
        if self._beside is not None:
            self._beside.join()
            self._beside = None
