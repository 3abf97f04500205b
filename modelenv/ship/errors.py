"""Errors raised while an image is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from ..base.errors import ModelenvError, NotMadeError, WrongUseError
from ..wheels.errors import NoWheelsError


class NoImageError(NotMadeError):
    """The model cannot be put into an image as requested."""


@contextmanager
def of_image() -> Iterator[None]:
    """Turn NoWheelsError into NoImageError, for an environment of an image."""
    try:
        yield
    except NoWheelsError as error:
        raise NoImageError(error.what, error.reason, error.way_out) from error


@dataclass(eq=False)
class ImageBuildError(ModelenvError):
    """A builder's command failed; has the end of its output."""

    command: str
    status: int
    printed: str

    def __str__(self) -> str:
        """Return the command that failed, and the end of its output."""
        return f"{self.command} ended with status {self.status}:\n{self.printed}"


@dataclass(eq=False)
class NoEngineError(WrongUseError):
    """No image builder works here."""

    refusals: Mapping[str, str]
    """The reason against each builder, by its name."""

    def __str__(self) -> str:
        """Return each builder's reason, and the way out."""
        said = "\n".join(f"  {name}: {reason}" for name, reason in self.refusals.items())
        return (
            f"nothing here can build an image:\n{said}\n"
            "`modelenv generate-dockerfile` writes what a builder elsewhere takes"
        )


@dataclass(eq=False)
class NotReproducedError(ModelenvError):
    """The model does not give its recorded prediction in an image that was built."""

    name: str
    """The name that the image would have got."""
    reason: str
    """The difference in its prediction, or the reason why it failed."""
    detail: str = ""
    """The traceback, or the end of what was printed."""

    def __str__(self) -> str:
        """Return that nothing was tagged, and why."""
        said = f"\n{self.detail}" if self.detail else ""
        return f"{self.name} was built and not tagged: {self.reason}{said}"
