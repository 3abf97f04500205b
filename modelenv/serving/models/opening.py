"""Open the folder of a model and start the workers that serve it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.addresses import model_uri
from ...base.addresses.masks import Mask
from ...base.errors import WrongUseError
from ...base.siblings import envfiles
from ...environments.spec import ReadyEnvironment
from ...folder.model_folder import ModelFolder
from ...run.isolated import RunOptions, checked
from ...run.signature import Signature
from ..errors import FolderChangedError
from ..observing.log import Log
from ..watching.expected import Expected
from ..watching.unforeseen import Unforeseen
from ..watching.watch_log import WatchLog
from ..workers.crew import WorkerProcess
from ..workers.pool import Limits, Pool
from ..workers.process import ProcessLimits, ServingJob, ServingProcess, start
from .environments import Environments, Lease
from .hosted import Hosted

_NAMED = re.compile(r"([\w.-]+)=(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of a model, and the name under which it is served."""

    name: str
    folder: str
    """A path, or an MLflow URI."""
    is_named: bool
    """Whether the user gave the name."""

    @classmethod
    def of(cls, text: str) -> Place:
        """Parse ``NAME=FOLDER``, or a folder whose name is the model's.

        >>> Place.of("churn=models/7"), Place.of("models/wine")
        (Place(name='churn', folder='models/7', is_named=True), Place(name='wine', \
folder='models/wine', is_named=False))
        """
        found = _NAMED.fullmatch(text)
        if found is not None and not Path(text).is_dir():
            return cls(found[1], found[2], is_named=True)
        name = text.rstrip("/").rpartition("/")[2] if model_uri.is_remote(text) else ""
        name = name or model_uri.local(text).absolute().name
        return cls(name, text, is_named=False)


def places(texts: Sequence[str]) -> tuple[Place, ...]:
    """Return the places of the models. Raises WrongUseError for a repeated name, or without any.

    >>> [place.name for place in places(["a=x", "b=y"])]
    ['a', 'b']
    """
    found = tuple(map(Place.of, texts))
    check_names(found)
    return found


def check_names(found: Sequence[Place]) -> None:
    """Raise WrongUseError if there is no model, or a name is repeated or invalid."""
    if not found:
        raise WrongUseError("there is no model to serve: -m FOLDER names one")
    names = [place.name for place in found]
    for name in names:
        if names.count(name) > 1:
            raise WrongUseError(f"two models have the name {name}: -m NAME=FOLDER gives another")
        # Clients and proxies resolve dots in the path of a URL (RFC 3986).
        if not name.isprintable() or "/" in name or name in ("", ".", ".."):
            raise WrongUseError(f"{name!r} is no valid name: -m NAME=FOLDER gives one")


def default_of(found: Sequence[Place]) -> str | None:
    """Return the name of the model for requests without a name; None if there is no such model."""
    unnamed = [place.name for place in found if not place.is_named]
    if len(found) == 1:
        return found[0].name
    return unnamed[0] if len(unnamed) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A served model, its folder, and its lease of an environment."""

    hosted: Hosted
    folder: ModelFolder
    lease: Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """Opens folders so that workers can be started from them."""

    environments: Environments
    options: RunOptions
    limits: Limits
    processes: ProcessLimits
    log: Log
    changed: Callable[[str], None]
    """Called with a model's name if its folder has changed."""
    watch: bool = True
    """Whether touches that a model's capture never saw are reported."""
    watch_log: Path | None = None
    """The file for those touches; None for one in the user's state folder."""

    def open(self, place: Place) -> Opened:
        """Prepare everything that a model needs, without starting its workers.

        Raises BadFolderError, ChangedContentError, WrongUseError, and the errors of the environment
        managers.
        """
        folder = ModelFolder.to_run(place.folder)
        wanted = checked(folder, self.options)
        lease = self.environments.take(wanted)
        try:
            hosted = self._host(place.name, folder, lease)
            hosted.settle()  # a file that cannot be written is reported now
            return Opened(hosted=hosted, folder=folder, lease=lease)
        except BaseException:
            self.environments.release(lease)
            raise

    def close(self, opened: Opened) -> None:
        """Release what an opened model holds; its workers have ended."""
        try:
            opened.hosted.settle()
        finally:
            self.environments.release(opened.lease)

    def _host(self, name: str, folder: ModelFolder, lease: Lease) -> Hosted:
        environment = lease.environment
        unforeseen = self._watched(name, folder, environment)
        watch = None if unforeseen is None else unforeseen.expected.to_job()
        job = ServingJob.of(folder, memory=self.options.memory, watch=watch)
        signature = Signature.of(folder.document) or Signature()

        async def hire() -> WorkerProcess:
            await self._check(name, folder)
            worker = await start(job, environment.interpreter, self.processes)
            try:
                await self._check(name, folder)
            except BaseException:
                await worker.end()
                raise
            self._tell(name, worker)
            return worker

        def log(said: str) -> None:
            self.log.event("worker", model=name, message=said)

        def unheard(told: Mapping[str, Any]) -> None:
            if unforeseen is not None:
                unforeseen.heard(told, "")

        return Hosted(
            name=name,
            version=_version(folder),
            like=job.like,
            prediction=folder.prediction,
            signature=signature.to_json(),
            pool=Pool(hire, self.limits, log, unheard),
            environment=environment.place,
            unforeseen=unforeseen,
        )

    def _watched(
        self, name: str, folder: ModelFolder, environment: ReadyEnvironment
    ) -> Unforeseen | None:
        """Return the watch of a model; None if it is off or nothing is known of the model."""
        is_known = folder.is_traced or folder.example["type"] != "none"
        if not (self.watch and is_known):
            return None
        expected = Expected.of(
            folder,
            root=environment.interpreter.prefix,
            installed=environment.installed,
            hosts=self.options.seal.allow_hosts,
            is_sealed=environment.interpreter.seal.seals,
        )
        kept = WatchLog.of_folder(folder, self.options.settings)
        if self.watch_log is not None:
            kept = WatchLog(self.watch_log)

        def log(said: str) -> None:
            self.log.event("unforeseen", model=name, message=said)

        return Unforeseen(expected, log, kept, Mask.of(self.options.settings.environment))

    def _tell(self, name: str, worker: ServingProcess) -> None:
        self.log.event("worker", model=name, message=f"worker {worker.pid} is ready")

    async def _check(self, name: str, folder: ModelFolder) -> None:
        """Raise FolderChangedError if a new worker would load other content than its siblings."""
        if await asyncio.to_thread(lambda: folder.is_changed):
            self.changed(name)
            raise FolderChangedError(folder.path)


def _version(folder: ModelFolder) -> str:
    """Return a digest of a folder's content."""
    known = folder.as_read or envfiles.Fingerprint.of(folder.path)
    text = json.dumps(dict(known.files), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


__all__ = ["Opened", "Opener", "Place", "check_names", "default_of", "places"]
