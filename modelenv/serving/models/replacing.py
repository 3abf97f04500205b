"""Load models, and replace them without losing a request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from ...base.doors import as_ours
from ...base.errors import ModelenvError
from ...base.files.scratch import without_scratch
from ...base.siblings import envfiles
from ..errors import FolderChangedError
from ..web import Web
from .hosted import Hosted, HostedModels
from .opening import Opened, Opener, Place

_PAUSE = 2.0  # seconds between two checks of the folders
_ATTEMPTS = 5
_LINGER = 5.0


class Errands:
    """The task queue of the server's main thread, filled by other threads and by signals."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[Attendant], None]] = SimpleQueue()

    def reload_all(self) -> None:
        """Request that every changed folder be loaded again."""
        self.put(Attendant.reload_all)

    def folder_changed(self, name: str) -> None:
        """Request that a changed folder be loaded again."""
        self.put(lambda attendant: attendant.reload(name))

    def web_ended(self) -> None:
        """Report that the web server has ended."""
        self.put(_end)

    def stop(self, error: BaseException) -> None:
        """Request that `error` be raised."""

        def end(_: Attendant) -> None:
            raise error

        self.put(end)

    def put(self, errand: Callable[[Attendant], None]) -> None:
        """Append an errand to the queue."""
        self._asked.put(errand)

    def next(self, pause: float | None) -> Callable[[Attendant], None]:
        """Return the next task, waiting up to `pause` seconds. Raises queue.Empty."""
        return self._asked.get(timeout=pause)


class Attendant:
    """The work of a server's main thread: opening folders and environments, one at a time.

    It waits for tasks in the thread that signals reach.
    """

    def __init__(
        self, models: HostedModels, errands: Errands, opener: Opener, web: Web, *, reloads: bool
    ) -> None:
        self._models = models
        self._errands = errands
        self._opener = opener
        self._web = web
        self._log = opener.log
        self._pause = _PAUSE if reloads else None
        self._places: dict[str, Place] = {}
        self._opened: dict[str, Opened] = {}
        """The served folders, by name."""
        self._open: set[Opened] = set()
        """Everything in use, including replaced models until they have answered all requests."""
        self._seen: dict[str, envfiles.Fingerprint] = {}
        """A changed folder's content at the last check."""
        self._failed: dict[str, envfiles.Fingerprint] = {}
        """The content that could not be served."""

    def load(self, found: Sequence[Place]) -> None:
        """Load all models. Raises ModelenvError for the first that cannot be loaded."""
        self._places = {place.name: place for place in found}
        starting = []
        for place in found:
            opened = self._take(place)
            starting.append((place, opened, self._web.submit(self._begin(opened.hosted))))
        for place, opened, begun in starting:
            try:
                begun.result()
            except FolderChangedError:  # the folder was written to in the meantime
                self._drop(opened)
                self._load_again(place)
            else:
                self._opened[place.name] = opened

    def attend(self) -> None:
        """Do the queued tasks until a signal ends the server."""
        while True:
            try:
                errand = self._errands.next(self._pause)
            except Empty:
                self._look()
            else:
                errand(self)

    def reload_all(self) -> None:
        """Reload every folder that has changed."""
        for name in self._places:
            self.reload(name, is_told=True)

    async def close(self) -> None:
        """Refuse unanswered requests, end all workers, and store their last touches."""
        for opened in list(self._open):
            await opened.hosted.pool.close()
        for opened in list(self._open):
            await asyncio.to_thread(opened.hosted.settle)

    def _take(self, place: Place) -> Opened:
        opened = self._opener.open(place)
        self._open.add(opened)
        return opened

    async def _begin(self, hosted: Hosted) -> Hosted | None:
        await hosted.pool.open()
        return self._models.put(hosted)

    def _serve(self, place: Place) -> Opened:
        """Serve a model from now on; if that fails, end it and raise the error."""
        opened = self._take(place)
        try:
            self._web.submit(self._begin(opened.hosted)).result()
        except Exception:
            self._drop(opened)
            raise
        self._opened[place.name] = opened
        return opened

    def _load_again(self, place: Place) -> None:
        for _ in range(_ATTEMPTS - 1):
            with suppress(FolderChangedError):
                self._serve(place)
                return
        self._serve(place)

    def _drop(self, opened: Opened) -> None:
        """Close a model that could not be served."""
        self._web.submit(opened.hosted.pool.close()).result()
        self._release(opened)

    def _release(self, opened: Opened) -> None:
        self._open.discard(opened)
        self._opener.close(opened)

    def _look(self) -> None:
        """Reload folders whose new content has not changed since the last check."""
        for name, opened in list(self._opened.items()):
            if not opened.folder.is_changed:
                self._seen.pop(name, None)
                continue
            now = envfiles.Fingerprint.of(opened.folder.path)
            if self._seen.get(name) == now:
                self.reload(name)
            self._seen[name] = now

    def reload(self, name: str, *, is_told: bool = False) -> None:
        """Reload a folder if it has changed; with `is_told`, retry content that failed before."""
        older = self._opened[name]
        if not older.folder.is_changed:
            if is_told:
                self._log.event("reload", model=name, message="its folder has not changed")
            return
        now = envfiles.Fingerprint.of(older.folder.path)
        if self._failed.get(name) == now and not is_told:
            return
        self._log.event("reload", model=name, message="its folder has changed: reloading it")
        try:
            newer = self._serve(self._places[name])
        except Exception as error:  # noqa: BLE001  # the old one goes on, whatever it is
            self._keep(name, now, error)
            return
        self._failed.pop(name, None)
        version = newer.hosted.version
        self._log.event("reloaded", model=name, version=version)
        self._retire(older)

    def _keep(self, name: str, content: envfiles.Fingerprint, error: Exception) -> None:
        """Continue to serve the old content, and report the fault of the new one."""
        self._failed[name] = content
        ours = as_ours(error)
        said = str(ours) if isinstance(ours, ModelenvError) else f"{type(error).__name__}: {error}"
        text = without_scratch(said)
        self._models.keep(name, text)
        is_served = self._opened[name].hosted.ready
        what = (
            "the old content is still served"
            if is_served
            else "nothing is served, as the old content is gone"
        )
        self._log.event("reload_failed", model=name, message=f"{what}: {text}")

    def _retire(self, older: Opened) -> None:
        """End a replaced model once it has answered all of its requests."""

        async def finish() -> None:
            pool = older.hosted.pool
            await pool.drain(pool.limits.timeout + _LINGER)
            await pool.close()

        def finished(_: Any) -> None:
            self._errands.put(lambda attendant: attendant._release(older))

        self._web.submit(finish()).add_done_callback(finished)


def _end(_: Attendant) -> None:
    raise SystemExit(3)
