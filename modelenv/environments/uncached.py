"""The managers that build nothing: a replica of what is installed, and this interpreter itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..base.errors import WrongUseError
from ..base.settings import Settings
from ..base.siblings import resolver
from ..worker import process
from ..worker.process import Interpreter
from . import replica
from .spec import Place, Report, Wanted


@dataclass(frozen=True, slots=True)
class Replica:
    """Link what is installed here; made in milliseconds, removed at the end."""

    installed: resolver.Installed
    settings: Settings

    @contextmanager
    def opened(self, wanted: Wanted, report: Report) -> Iterator[Place]:  # noqa: ARG002
        """Give the replica. Raises WrongUseError where some of the pins are not installed."""
        if not wanted.fits_here:
            raise _another_python("a replica", wanted)
        if wanted.distributions is None:
            raise WrongUseError(
                "a replica holds only what is installed here, and some of the pins are not:"
                " choose the environment manager uv or virtualenv"
            )
        with process.scratch() as folder:
            root = folder / "environment"
            interpreter = replica.make(
                root,
                wanted.distributions,
                self.installed,
                wanted.python,
                self.settings.environment,
            )
            replica.add_wheels(root, wanted.python, wanted.wheels)
            yield Place(interpreter, "a replica")


@dataclass(frozen=True, slots=True)
class Local:
    """Take this interpreter as it is, with all that is installed in it."""

    settings: Settings

    @contextmanager
    def opened(self, wanted: Wanted, report: Report) -> Iterator[Place]:  # noqa: ARG002
        """Give this interpreter. Raises WrongUseError for another version of Python."""
        if not wanted.fits_here:
            raise _another_python("this interpreter", wanted)
        interpreter = Interpreter(
            executable=wanted.python.executable, environment=self.settings.environment
        )
        yield Place(interpreter, "this interpreter")


def _another_python(what: str, wanted: Wanted) -> WrongUseError:
    return WrongUseError(
        f"the model needs Python {wanted.python_version}, and {what} has"
        f" {wanted.python.version}: choose the environment manager uv, virtualenv or conda"
    )
