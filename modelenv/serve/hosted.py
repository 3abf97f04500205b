"""A model that is served: its name, what its folder tells of it, and its workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import RequestError, invalid_input
from .workers.channel import Answer
from .workers.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """A model under a name."""

    name: str
    version: str
    like: Mapping[str, Any]
    """What describes its example."""
    signature: Mapping[str, Any]
    """Its ``inputs``, ``outputs`` and ``params``, as MLmodel states them."""
    pool: Pool

    async def ask(self, head: Mapping[str, Any], body: Sequence[bytes]) -> Answer:
        """Return a worker's answer that holds a prediction. Raises RequestError."""
        told, data = await self.pool.ask(head, body)
        if "ok" in told:
            return told, data
        if "refused" in told:
            raise invalid_input(str(told.get("text")))
        raise model_failed(told)


def model_failed(told: Mapping[str, Any]) -> RequestError:
    """Return that the model raised: the traceback is for the log, and not for the client."""
    kind, message = str(told.get("type", "")), str(told.get("message", ""))
    said = ": ".join(filter(None, (kind, message)))
    error = RequestError(500, "MODEL_ERROR", f"the model raised {kind or 'an error'}")
    error.__cause__ = RuntimeError(f"{said}\n{told.get('traceback', '')}")
    return error
