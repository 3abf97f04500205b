"""What those ask who run the server: does it live, can it predict, how does it fare."""

from __future__ import annotations

from ...base.version import VERSION
from ..errors import not_ready
from .exchange import Exchange
from .inference.metadata import cause_of
from .served import Models, Observer

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


async def live(exchange: Exchange) -> None:
    """Answer that the server lives, whatever its models do."""
    await exchange.answer_json({"status": "live"})


async def version(exchange: Exchange) -> None:
    """Answer which release this is, as a text."""
    await exchange.answer(VERSION.encode("ascii"), _TEXT)


class Operating:
    """Answer of the state of all models."""

    __slots__ = ("_models", "_observer")

    def __init__(self, models: Models, observer: Observer) -> None:
        self._models = models
        self._observer = observer

    async def ready(self, exchange: Exchange) -> None:
        """Answer whether each model can predict; 503 with the cause where one cannot."""
        if self._models.ready:
            # Version 2 of the inference protocol says `live` of this, too.
            await exchange.answer_json({"status": "ready", "ready": True, "live": True})
            return
        causes = "; ".join(cause_of(each) for each in self._models if not each.ready)
        told = {"status": "not ready", "ready": False, "live": True}
        await exchange.refuse(not_ready(causes or "the server is starting, or stopping"), told)

    async def metrics(self, exchange: Exchange) -> None:
        """Answer with what was counted."""
        await exchange.answer(self._observer.page(), _METRICS)
