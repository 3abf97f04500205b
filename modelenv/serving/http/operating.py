"""Routes for operators: liveness, readiness, version, and metrics."""

from __future__ import annotations

from typing import Any

from ...base import VERSION
from ..errors import not_ready
from .exchange import HttpExchange
from .served import AnswerSink, ServedModels

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


async def live(exchange: HttpExchange) -> None:
    """Answer that the server is live, whatever the state of its models."""
    await exchange.answer_json({"status": "live"})


async def version(exchange: HttpExchange) -> None:
    """Answer with the version of this release, as text."""
    await exchange.answer(VERSION.encode("ascii"), _TEXT)


class Operating:
    """Routes that report the state of all models."""

    __slots__ = ("_models", "_observer")

    def __init__(self, models: ServedModels, observer: AnswerSink) -> None:
        self._models = models
        self._observer = observer

    async def ready(self, exchange: HttpExchange) -> None:
        """Answer whether each model can predict; 503 with the cause if one cannot."""
        ready, troubles = self._models.ready, self._models.troubles
        # In version 2 of the inference protocol, this means `live`, too.
        told: dict[str, Any] = {
            "status": "ready" if ready else "not ready",
            "ready": ready,
            "live": True,
        }
        if troubles:  # faults that do not keep it from being ready
            told["notes"] = troubles
        if ready:
            await exchange.answer_json(told)
        else:
            await exchange.refuse(not_ready("; ".join(self._models.causes)), told)

    async def metrics(self, exchange: HttpExchange) -> None:
        """Answer with the metrics."""
        await exchange.answer(self._observer.page(), _METRICS)
