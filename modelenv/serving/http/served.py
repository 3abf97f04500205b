"""What the routes are given: the models, who is told of each answer, and what may be sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .exchange import HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """What a request may be."""

    largest: int
    """Bytes of a body, and what it may grow to where it is compressed."""


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
        """What describes its example."""

    @property
    def prediction(self) -> Mapping[str, Any]:
        """What describes the prediction on it."""

    @property
    def signature(self) -> Mapping[str, Any]:
        """Its ``inputs``, ``outputs`` and ``params``, as MLmodel states them."""

    @property
    def ready(self) -> bool:
        """Whether it can predict."""

    @property
    def cause(self) -> str | None:
        """Why it cannot; None: it can."""

    async def ask(
        self,
        head: Mapping[str, Any],
        body: Sequence[bytes],
        left: Callable[[], Awaitable[None]] | None = None,
    ) -> tuple[dict[str, Any], bytes]:
        """Return a worker's answer that holds a prediction. Raises RequestError.

        `left` returns when the client has left.
        """


class ServedModels(Protocol):
    """The models of a server, under their names."""

    @property
    def default(self) -> ServedModel:
        """The model of routes that name none. Raises RequestError where that is not clear."""

    @property
    def ready(self) -> bool:
        """Whether each model can predict."""

    @property
    def causes(self) -> list[str]:
        """Why requests are not answered, a sentence for each model of which that is so."""

    @property
    def troubles(self) -> list[str]:
        """What is wrong with folders whose old content is served on, a sentence for each."""

    def named(self, name: str, version: str | None = None) -> ServedModel:
        """Return a model. Raises RequestError where there is none of that name and version."""

    def __iter__(self) -> Iterator[ServedModel]:
        """Return all of them."""


class AnswerSink(Protocol):
    """Who counts and logs."""

    def answered(self, exchange: HttpExchange, model: str | None, route: str) -> None:
        """Learn that a request to a route was answered; `model`: the name, where one was found."""

    def page(self) -> bytes:
        """Return what was counted, in the text format of Prometheus."""
