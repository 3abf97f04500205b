"""Errors of a request, each with an HTTP status and a code that clients can distinguish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import ModelenvError

OUR_FAULT = "INTERNAL_ERROR"
"""The code of failures that neither the client nor the model caused."""
_LONGEST = 500


@dataclass(eq=False)
class RequestError(ModelenvError):
    """A request that is not answered with a prediction."""

    status: int
    code: str
    """The code, from MLflow's protocol where that has one: ``BAD_REQUEST``."""
    message: str
    retry_after: int | None = None
    """Seconds after which a new attempt may succeed."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers of the answer, by name."""
    worker_told: Mapping[str, Any] | None = None
    """The worker's report, if the request reached a worker."""

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class FolderChangedError(ModelenvError):
    """The content of a folder differs from what the other workers have loaded."""

    folder: Path

    def __str__(self) -> str:
        return f"{self.folder} has changed since it was opened: reload it"


def bad_request(message: str) -> RequestError:
    """Return the error that the client has to change the request."""
    return RequestError(400, "BAD_REQUEST", message)


def invalid_input(message: str) -> RequestError:
    """Return the error that the input or a parameter does not fit the model."""
    return RequestError(400, "INVALID_PARAMETER_VALUE", message)


def too_busy(seconds: int) -> RequestError:
    """Return the error that the queue is full."""
    message = f"all workers are busy and the queue is full: try again in {seconds} s"
    return RequestError(503, "TEMPORARILY_UNAVAILABLE", message, retry_after=seconds)


def not_ready(cause: str) -> RequestError:
    """Return the error that the model cannot predict now, with the cause."""
    return RequestError(503, "MODEL_NOT_READY", cause, retry_after=5)


def timed_out(seconds: float) -> RequestError:
    """Return the error that the prediction, or the wait for it, took too long."""
    return RequestError(504, "TIMEOUT", f"there was no prediction within {seconds:.10g} s")


def worker_died(how: str) -> RequestError:
    """Return the error that the model's process ended while it predicted."""
    return RequestError(500, "WORKER_DIED", f"the model's process {how} while it predicted")


def worker_lied(what: str) -> RequestError:
    """Return the error that the model's process gave an invalid answer, and was ended."""
    return RequestError(500, "WORKER_DIED", f"the model's process was ended, since {what}")


def out_of_memory() -> RequestError:
    """Return the error that the model exceeded its memory limit."""
    message = "the model ran out of memory while it predicted, and its process is replaced"
    return RequestError(500, "WORKER_DIED", message)


def client_left() -> RequestError:
    """Return the error that the client left before the answer; only logs show it."""
    return RequestError(499, "CLIENT_LEFT", "the client left while it waited")


def no_such_model(message: str) -> RequestError:
    """Return the error that there is no model of that name or version."""
    return RequestError(404, "RESOURCE_DOES_NOT_EXIST", message)


def model_failed(told: Mapping[str, Any]) -> RequestError:
    """Return the error that the model raised; its traceback is logged, not sent.

    If the model raised nothing, its prediction could not be written as JSON, and that is said.
    """
    kind, message = str(told.get("type", "")), str(told.get("message", ""))
    said = ": ".join(filter(None, (kind, message)))
    what = f"the model raised {kind or 'an error'}"
    if told.get("failed") == "output":
        what = f"the prediction has no form in JSON: {kind or message or 'unknown reason'}"
    error = RequestError(500, "MODEL_ERROR", f"{what:.{_LONGEST}}")
    error.__cause__ = RuntimeError(f"{said}\n{told.get('traceback', '')}".rstrip())
    return error
