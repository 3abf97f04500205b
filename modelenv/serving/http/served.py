"""Interfaces that the routes use: the models, the observer of answers, and the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .exchange import HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Limits on a request."""

    largest: int
    """The largest body in bytes, both as sent and decompressed."""


class ServedModel(Protocol):
    """A model under a name."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def version(self) -> str:
        """Its version."""

    @property
    def like(self) -> Mapping[str, Any]:
        """The description of its example."""

    @property
    def prediction(self) -> Mapping[str, Any]:
        """The description of the prediction on its example."""

    @property
    def signature(self) -> Mapping[str, Any]:
        """Its ``inputs``, ``outputs`` and ``params``, as MLmodel states them."""

    @property
    def ready(self) -> bool:
        """Whether the model can predict."""

    @property
    def cause(self) -> str | None:
        """The reason why it cannot predict; None if it can."""

    async def ask(
        self,
        head: Mapping[str, Any],
        body: Sequence[bytes],
        left: Callable[[], Awaitable[None]] | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """Return a worker's answer with a prediction. Raises RequestError.

        `left` returns once the client has left.
        """


class ServedModels(Protocol):
    """The models of a server, under their names."""

    @property
    def default(self) -> ServedModel:
        """The model of routes that name none. Raises RequestError if there is no single choice."""

    @property
    def ready(self) -> bool:
        """Whether each model can predict."""

    @property
    def causes(self) -> list[str]:
        """Reasons why models do not answer, one sentence each."""

    @property
    def troubles(self) -> list[str]:
        """Faults of folders whose old content is still served, one sentence each."""

    def named(self, name: str, version: str | None = None) -> ServedModel:
        """Return a model. Raises RequestError if there is none of that name and version."""

    def __iter__(self) -> Iterator[ServedModel]:
        """Return an iterator over all models."""


class AnswerSink(Protocol):
    """The observer that counts and logs answers."""

    def answered(self, exchange: HttpExchange, model: str | None, route: str) -> None:
        """Record an answer to a request on a route; `model` is its name, if one was found."""

    def page(self) -> bytes:
        """Return the counts in the text format of Prometheus."""
