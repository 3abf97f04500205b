"""Run a job of a saved model in an environment of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar, get_args

from ..base import arguments
from ..base.arguments import Requirements
from ..base.errors import WrongUseError
from ..base.files.again import done_again
from ..base.files.scratch import without_scratch
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..base.text import counted, few
from ..environments.errors import FixedEnvironmentError
from ..environments.interpreter import Python
from ..environments.managers import opened
from ..environments.pythons.named_python import NamedPython, is_version
from ..environments.spec import (
    EnvironmentRequest,
    Manager,
    ReadyEnvironment,
    Report,
    minor,
    request_environment,
    silent,
)
from ..folder.artifacts import check_seal
from ..folder.mlflow.permission import check_allowed
from ..folder.model_folder import ModelFolder
from ..pins.lines import read_options
from ..pins.package_sources import PackageSources, as_texts, of_one_run
from ..seal.choose import AUTOMATIC, SealRequest
from ..worker.job import Ended, Job
from .locks.beside import lock_notes
from .missing import check_data

Made = TypeVar("Made")
_ATTEMPTS, _LONGEST = 5, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of a run."""

    manager: Manager = "auto"
    timeout: float = 600.0
    """The seconds that it may take."""
    memory: int | None = None
    """The bytes of memory that each of its processes may take."""
    override: Requirements | None = None
    """Requirements that replace pins, or are added to them, for this run alone."""
    report: Report = silent
    allow_changed: bool = False
    """Whether a model is run although its data or artifacts have changed since it was saved."""
    seal: SealRequest = AUTOMATIC
    indexes: Indexes = AS_CONFIGURED
    """Indexes for distributions that are not installed, in addition to those of the folder and
    pip."""
    python: str | os.PathLike[str] | None = None
    """Another Python than the folder's: a version or an interpreter."""
    environment: str | os.PathLike[str] | None = None
    """The file of a packed environment to run it in; it replaces every other environment."""
    lock: bool | str = False
    """Whether a lock of the folder is installed instead of its requirements; or the name of the
    lock."""
    settings: Settings = field(default_factory=Settings.from_environment)

    def __post_init__(self) -> None:
        """Raise BadArgumentError for invalid limits and managers."""
        arguments.choice("env_manager", self.manager, get_args(Manager))
        arguments.seconds("timeout", self.timeout)
        if self.memory is not None:
            expected = "a whole number of bytes above 0"
            arguments.count("memory", self.memory, expected, most=arguments.MOST_BYTES)
        if self.pack is not None and (self.python is not None or self.manager != "auto"):
            raise WrongUseError(
                "a packed environment (environment) has its own Python and packages: leave python"
                " and env_manager out"
            )
        if self.lock and (self.override is not None or self.pack is not None or self.in_image):
            raise WrongUseError(
                "a lock is proven as it stands, in an environment that is built of it alone: leave"
                " pip_requirements_override and environment out, and an image has its own"
            )

    @property
    def in_image(self) -> bool:
        """Whether a run takes the environment that was built into the image around it."""
        automatic = self.manager == "auto" and self.settings.image is not None
        return self.pack is None and (automatic or self.manager == "image")

    @property
    def pack(self) -> Path | None:
        """The file of a packed environment to run it in; None: no pack."""
        return None if self.environment is None else arguments.path("environment", self.environment)

    def looking_up(self) -> AbstractContextManager[None]:
        """Test, during a block, which seals this machine allows, if a run is to be sealed."""
        unsealed = self.in_image and self.seal.seal == "auto"
        return nullcontext() if unsealed else self.seal.looked_up()


def run_isolated(
    folder: ModelFolder,
    job: Job,
    options: RunOptions,
    pins: Sequence[str] | None = None,
    admit: Callable[[ReadyEnvironment], None] = lambda _: None,
) -> tuple[Ended, ReadyEnvironment]:
    """Run a job in an environment of only the folder's pins, or of other `pins` if given.

    `admit` is called with the environment before the run, and may refuse it. Return how it ended,
    and its environment, which is removed by then. Raises ChangedContentError, BadFolderError if the
    model's data is not there, TargetChanged as `check_standing` does, and the errors of the
    environment managers.
    """
    wanted = checked(folder, options, pins)
    with environment_for(wanted, options) as place:
        admit(place)
        options.report(f"predicting in {place.place}")
        limited = replace(job, memory=options.memory)
        ended = place.run(limited, timeout=options.timeout)
    check_standing(folder, ended)
    notes = () if place.built else wanted.contents.notes  # a build keeps them itself
    return _remarked(ended, folder, wanted.contents.python), replace(place, notes=notes)


def _remarked(ended: Ended, folder: ModelFolder, python: str) -> Ended:
    """Return a run that died under another Python than the recorded one with a remark on that."""
    recorded = folder.pickled_with
    other = recorded and python and minor(recorded) != minor(python)
    if ended.death is None or ended.timed_out or not other:
        return ended
    remark = (
        f"it was recorded with Python {recorded}, and this was {python}: if it reads code that was"
        " pickled by value, or compiled, another minor version dies of that without a word"
    )
    return replace(ended, remark=remark)


def checked(
    folder: ModelFolder, options: RunOptions, pins: Sequence[str] | None = None
) -> EnvironmentRequest:
    """Return the required environment of a run, after checking the folder.

    Raises ChangedContentError, BadFolderError if the model's data is missing, CompiledCodeError
    if it holds code of another Python, and LoadForbiddenError.
    """
    with options.looking_up():
        if not options.allow_changed:
            check_seal(folder.path, folder.mlmodel.data, folder.mlmodel.sealed)
        check_data(folder)
        check_allowed(folder, options.settings, whole=True)
        named = _named(options, own := folder.environment.python)
        wanted = own if named is None else named.version
        folder.check_code(wanted, whole=True)
        if options.lock and pins is None:
            from .locks.chosen import wanted_of_lock

            sources = _sources(folder, options)
            return _aimed(wanted_of_lock(folder, options.lock, wanted, sources), named, own)
        return _aimed(wanted_of(folder, options, pins, wanted), named, own)


def _named(options: RunOptions, own: str) -> NamedPython | None:
    """Return the Python to run a model with, if it is not its `own` one."""
    if options.pack is not None:
        from ..environments.given.packed import manifest_in

        packed = manifest_in(options.pack).versioned.removeprefix("python")
        return NamedPython.stated(packed) if minor(packed) != minor(own or packed) else None
    if options.python is None:
        return None
    if options.manager == "conda" and is_version(options.python):  # which brings its own
        return NamedPython.stated(os.fspath(options.python))
    return NamedPython.of(options.python, Python.current(), options.settings)


def _aimed(wanted: EnvironmentRequest, named: NamedPython | None, own: str) -> EnvironmentRequest:
    """Return the required environment for the Python that the user gives, if any."""
    if named is None:
        return wanted
    contents = replace(
        wanted.contents,
        python=named.version,
        exact=named.exact,
        interpreter=named.executable,
    )
    aimed = request_environment(contents, wanted.python, wanted.python.installed())
    said = f"it was run with Python {named.version}, not with the model's own"
    return aimed if named.version == own else _noted(aimed, said)


def environment_for(
    wanted: EnvironmentRequest, options: RunOptions
) -> AbstractContextManager[ReadyEnvironment]:
    """Return a context in which an environment is ready, with what runs in it sealed.

    Raises the errors of the environment managers.
    """
    installed = Python.current().installed()
    return opened(
        wanted,
        installed,
        options.settings,
        options.manager,
        options.report,
        options.seal,
        options.pack,
    )


def run_again(
    folder: str | os.PathLike[str], run: Callable[[ModelFolder], Made], report: Report
) -> Made:
    """Return the result of `run` on a folder; if others change it meanwhile, it is run again.

    Raises TargetChanged if they do so each time, and the errors of `run`.
    """
    return done_again(folder, ModelFolder.to_run, run, report, longest=_LONGEST, most=_ATTEMPTS)


def check_standing(folder: ModelFolder, ended: Ended) -> None:
    """Raise TargetChanged if a run failed and the folder has changed meanwhile.

    It may have read a part of each state, which says nothing about the model.
    """
    differs = ended.compared is not None and ended.compared.equal == "no"
    if ended.failure is not None or differs:
        check_unchanged(folder, ended.failure or "the prediction differs")


def check_unchanged(folder: ModelFolder, came: object) -> None:
    """Raise TargetChanged if the outcome `came` is bad and the folder has changed."""
    if not folder.is_changed:
        return
    assert folder.as_read is not None
    changed = folder.as_read.differing(envfiles.Fingerprint.of(folder.path))
    what = f" ({few(changed)})" if changed else ""
    raise envfiles.TargetChanged(
        folder.path,
        f"somebody else changed it meanwhile{what}, so its run says nothing of it"
        f" ({without_scratch(str(came))}): do it again",
        changed,
    )


def wanted_of(
    folder: ModelFolder,
    options: RunOptions,
    pins: Sequence[str] | None = None,
    version: str | None = None,
) -> EnvironmentRequest:
    """Return what the environment of a run must hold, with what is overridden for it alone.

    It is that of another `version` of Python than the folder's if one is given. Raises
    FixedEnvironmentError if that is the image's own, or a pack's.
    """
    given = options.in_image or options.pack is not None
    if given:
        _check_fixed(options)
    python = Python.current()
    installed = python.installed()
    located = read_options(options.indexes, options.settings.environment)
    if options.override is None and (given or pins is not None or not _is_dated(folder, options)):
        permit = options.indexes.permit
        wanted = folder.wanted(
            python,
            installed,
            pins,
            of_one_run(located),
            permit=permit,
            as_stated=given,
            version=version,
        )
        if pins is not None:
            return wanted
        beside = () if given else lock_notes(folder)
        return _noted(wanted, *beside, *_iter_later(folder, options))
    from ..pins.change.repin import repin

    sources = _sources(folder, options)
    asked = [options.override] if isinstance(options.override, str) else options.override
    said = sources.read(asked or (), layer="override")
    for note in said.notes:
        options.report(note)
    dated = f", as of {resolver.told_moment(when)}" if (when := sources.indexes.dated) else ""
    if not folder.pins.closed:
        options.report(f"resolving what the folder's list leads to{dated}")
    pins_there = folder.pins.on(version)
    if dated and not pins_there.whole:  # a lock beside it names what it leads to, and no version
        pins_there = replace(pins_there, closed=False, top=None)
    found = repin(pins_there, said, installed, sources)
    for note in found.notes:
        options.report(note)
    wanted = folder.wanted(
        python,
        installed,
        found.lines,
        of_one_run(said | located),
        found.behind,
        options.indexes.knowing(as_texts(said)).permit,
    )
    if pins_there.closed or not dated:
        return wanted
    many = counted(len(found.lines), "distribution")
    return _noted(wanted, f"its list leaves versions open: {many} were chosen{dated}")


def _is_dated(folder: ModelFolder, options: RunOptions) -> bool:
    """Return whether a date limits the choice of versions, and some are to be chosen."""
    said = options.indexes.as_of is not None or folder.dates.chosen is not None
    return said and not folder.pins.whole


def _check_fixed(options: RunOptions) -> None:
    """Raise FixedEnvironmentError if another environment is requested than was made."""
    asked = {"pip_requirements_override": options.override, "as_of": options.indexes.as_of}
    for name, value in asked.items():
        if value is not None:
            raise FixedEnvironmentError("an image" if options.in_image else "a pack", name)


def _sources(folder: ModelFolder, options: RunOptions) -> PackageSources:
    """Return the sources for distributions that the folder does not bring. Raises UndatedError."""
    sources = folder.sources(options.settings.environment)
    return sources.with_indexes(options.indexes, options.report)


def _iter_later(folder: ModelFolder, options: RunOptions) -> Iterator[str]:
    """Yield the pins of a closed list that are later than the requested date."""
    if options.indexes.as_of is not None and folder.pins.whole:
        from ..pins.change.closure import iter_later

        yield from iter_later(folder.pins, _sources(folder, options))


def _noted(wanted: EnvironmentRequest, *notes: str) -> EnvironmentRequest:
    """Return the required environment with further notes."""
    if not notes:
        return wanted
    contents = replace(wanted.contents, notes=(*wanted.contents.notes, *notes))
    return request_environment(contents, wanted.python, wanted.python.installed())
