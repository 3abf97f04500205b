"""The managers that build nothing: a replica of what is installed, and this interpreter itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..base.errors import WrongUseError
from ..base.files.scratch import scratch_folder
from ..base.settings import Settings
from ..base.siblings import resolver
from ..seal.seals import Seal, SealUnavailableError
from ..worker.process import Interpreter
from . import replica
from .spec import EnvironmentRequest, ReadyEnvironment, Report

UNSEALED = "the environment manager local takes this interpreter with all that it has"
UNSEALED_IMAGE = (
    "an image has nothing but the pins and what serves them, and keeps nothing from a model"
)


@dataclass(frozen=True, slots=True)
class ReplicaManager:
    """A manager that links what is installed here; made in milliseconds, removed at the end."""

    installed: resolver.Installed
    settings: Settings

    @contextmanager
    def opened(
        self,
        request: EnvironmentRequest,
        seal: Seal,
        report: Report,  # noqa: ARG002
    ) -> Iterator[ReadyEnvironment]:
        """Yield the replica. Raises WrongUseError if some of the pins are not installed."""
        if not request.fits_here:
            raise _another_python("a replica", request)
        if request.distributions is None:
            raise WrongUseError(
                "a replica holds only what is installed here, and some of the pins are not:"
                " choose the environment manager uv or virtualenv"
            )
        with scratch_folder() as folder:
            root = folder / "environment"
            interpreter = replica.make(
                root,
                request.distributions,
                self.installed,
                request.python,
                self.settings.environment,
                seal,
            )
            replica.add_wheels(root, request.python, request.wheels)
            yield ReadyEnvironment(interpreter, "a replica")


@dataclass(frozen=True, slots=True)
class LocalManager:
    """A manager that uses this interpreter as it is, with all that is installed in it."""

    settings: Settings

    @contextmanager
    def opened(
        self,
        request: EnvironmentRequest,
        seal: Seal,
        report: Report,  # noqa: ARG002
    ) -> Iterator[ReadyEnvironment]:
        """Yield this interpreter unchanged.

        Raises WrongUseError for another version of Python, and SealUnavailableError if a seal is
        requested: this interpreter's environment is what a seal would hide.
        """
        if seal.kind != "off":
            raise SealUnavailableError(seal.kind, UNSEALED)
        if not request.fits_here:
            raise _another_python("this interpreter", request)
        interpreter = Interpreter(
            executable=request.python.executable,
            environment=self.settings.environment,
            seal=seal,
        )
        yield ReadyEnvironment(interpreter, "this interpreter")


def _another_python(what: str, request: EnvironmentRequest) -> WrongUseError:
    return WrongUseError(
        f"the model needs Python {request.python_version}, and {what} has"
        f" {request.python.version}: choose the environment manager uv, virtualenv or conda"
    )
