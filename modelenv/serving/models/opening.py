"""From the folder of a model to workers that serve it."""

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
    """A path, or a URI of MLflow's."""
    is_named: bool
    """Whether the user gave the name."""

    @classmethod
    def of(cls, text: str) -> Place:
        """Read ``NAME=FOLDER``, or a folder that gives its own name.

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
    """Return where the models are. Raises WrongUseError where two have one name, or there is none.

    >>> [place.name for place in places(["a=x", "b=y"])]
    ['a', 'b']
    """
    found = tuple(map(Place.of, texts))
    check_names(found)
    return found


def check_names(found: Sequence[Place]) -> None:
    """Raise WrongUseError where two have one name, or there is none, or one that is no name."""
    if not found:
        raise WrongUseError("there is no model to serve: -m FOLDER names one")
    names = [place.name for place in found]
    for name in names:
        if names.count(name) > 1:
            raise WrongUseError(f"two models have the name {name}: -m NAME=FOLDER gives another")
        # Clients, and whoever stands between, resolve dots in the path of an address (RFC 3986).
        if not name.isprintable() or "/" in name or name in ("", ".", ".."):
            raise WrongUseError(f"{name!r} is no name: -m NAME=FOLDER gives one")


def default_of(found: Sequence[Place]) -> str | None:
    """Return the name of the model that requests without a name are for; None: there is none."""
    unnamed = [place.name for place in found if not place.is_named]
    if len(found) == 1:
        return found[0].name
    return unnamed[0] if len(unnamed) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A model that is served, its folder, and the environment that it has a part in."""

    hosted: Hosted
    folder: ModelFolder
    lease: Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """Open folders, for workers to be started from them."""

    environments: Environments
    options: RunOptions
    limits: Limits
    processes: ProcessLimits
    log: Log
    changed: Callable[[str], None]
    """Called with the name of a model whose folder is another by now."""
    watch: bool = True
    """Whether touches that a model's capture never saw are reported."""
    watch_log: Path | None = None
    """The file for those touches; None: in the user's folder for state."""

    def open(self, place: Place) -> Opened:
        """Prepare all that a model needs; its workers are not started yet.

        Raises BadFolderError, ChangedContentError, WrongUseError, and the errors of the environment
        managers.
        """
        folder = ModelFolder.to_run(place.folder)
        wanted = checked(folder, self.options)
        lease = self.environments.take(wanted)
        try:
            hosted = self._host(place.name, folder, lease)
            hosted.settle()  # what cannot be kept is told of now
            return Opened(hosted=hosted, folder=folder, lease=lease)
        except BaseException:
            self.environments.release(lease)
            raise

    def close(self, opened: Opened) -> None:
        """Release what an opened model has in use; its workers have ended."""
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
        """Return what watches a model; None: nothing is to, or nothing is known of it."""
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
        """Raise FolderChangedError where a worker would load what those beside it have not."""
        if await asyncio.to_thread(lambda: folder.is_changed):
            self.changed(name)
            raise FolderChangedError(folder.path)


def _version(folder: ModelFolder) -> str:
    """Return a digest of a folder: another content has another."""
    known = folder.as_read or envfiles.Fingerprint.of(folder.path)
    text = json.dumps(dict(known.files), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


__all__ = ["Opened", "Opener", "Place", "check_names", "default_of", "places"]
