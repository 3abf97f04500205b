"""Errors of making an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ..base.errors import ModelenvError, NotMadeError, WrongUseError
from ..wheels.errors import NoWheelsError


class NoImageError(NotMadeError):
    """A model that cannot be put into an image as it was asked for."""


@contextmanager
def of_image() -> Iterator[None]:
    """Raise NoImageError where an environment of an image cannot be made of wheels."""
    try:
        yield
    except NoWheelsError as error:
        raise NoImageError(error.what, error.reason, error.way_out) from error


@dataclass(eq=False)
class ImageBuildError(ModelenvError):
    """A builder that failed, with the last that it printed."""

    command: str
    status: int
    printed: str

    def __str__(self) -> str:
        """Return the command that failed, and the end of its output."""
        return f"{self.command} ended with status {self.status}:\n{self.printed}"


@dataclass(eq=False)
class NoEngineError(WrongUseError):
    """No builder of images is there and works."""

    refusals: Mapping[str, str]
    """By the name of each, why not."""

    def __str__(self) -> str:
        """Return the refusal of each engine, and the way out."""
        said = "\n".join(f"  {name}: {reason}" for name, reason in self.refusals.items())
        return (
            f"nothing here can build an image:\n{said}\n"
            "`modelenv generate-dockerfile` writes what a builder elsewhere takes"
        )


@dataclass(eq=False)
class NotReproducedError(ModelenvError):
    """An image was built in which the model does not give its recorded prediction."""

    name: str
    """The name that the image was to have."""
    reason: str
    """The difference in its prediction, or the reason why it fails."""
    detail: str = ""
    """The traceback, or the end of what was printed."""

    def __str__(self) -> str:
        """Return that nothing was tagged, and why."""
        said = f"\n{self.detail}" if self.detail else ""
        return f"{self.name} was built and not tagged: {self.reason}{said}"
