"""Errors of a request, each with an HTTP status and a code that clients can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import ModelenvError

OUR_FAULT = "INTERNAL_ERROR"
"""The code of what is neither the client's nor the model's fault."""
_LONGEST = 500


@dataclass(eq=False)
class RequestError(ModelenvError):
    """A request that is not answered with a prediction."""

    status: int
    error_code: str
    """As MLflow's protocol has it, where it has one: ``BAD_REQUEST``."""
    message: str
    retry_after: int | None = None
    """Seconds after which it may be worth to ask again."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers of the answer, by name."""
    worker_told: Mapping[str, Any] | None = None
    """The worker's report, where the request reached one."""

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class FolderChangedError(ModelenvError):
    """A folder is another than the one that the workers beside the new one have."""

    folder: Path

    def __str__(self) -> str:
        return f"{self.folder} was changed since it was opened: it has to be taken anew"


def bad_request(message: str) -> RequestError:
    """Return that the client has to change the request."""
    return RequestError(400, "BAD_REQUEST", message)


def invalid_input(message: str) -> RequestError:
    """Return that the input, or a parameter, is none of the model's."""
    return RequestError(400, "INVALID_PARAMETER_VALUE", message)


def too_busy(seconds: int) -> RequestError:
    """Return that as many requests wait as may."""
    message = f"all workers are busy and the queue is full: ask again in {seconds} s"
    return RequestError(503, "TEMPORARILY_UNAVAILABLE", message, retry_after=seconds)


def not_ready(cause: str) -> RequestError:
    """Return that the model cannot predict now, and why."""
    return RequestError(503, "MODEL_NOT_READY", cause, retry_after=5)


def timed_out(seconds: float) -> RequestError:
    """Return that the model, or those who asked before, took too long."""
    return RequestError(504, "TIMEOUT", f"there was no prediction within {seconds:.10g} s")


def worker_died(how: str) -> RequestError:
    """Return that the model's process ended while it predicted."""
    return RequestError(500, "WORKER_DIED", f"the model's process {how} while it predicted")


def worker_lied(what: str) -> RequestError:
    """Return that the model's process answered what is no answer, and was ended."""
    return RequestError(500, "WORKER_DIED", f"the model's process was ended, since {what}")


def out_of_memory() -> RequestError:
    """Return that the model needed more memory than it may have."""
    message = "the model ran out of memory while it predicted, and its process is replaced"
    return RequestError(500, "WORKER_DIED", message)


def client_left() -> RequestError:
    """Return that the client left before it was answered; only logs see this."""
    return RequestError(499, "CLIENT_LEFT", "the client left while it waited")


def no_such_model(message: str) -> RequestError:
    """Return that no model has that name, or that version."""
    return RequestError(404, "RESOURCE_DOES_NOT_EXIST", message)


def model_failed(told: Mapping[str, Any]) -> RequestError:
    """Return that the model raised: the traceback is for the log, and not for the client.

    Where it did not, and its prediction cannot be written, that is said.
    """
    kind, message = str(told.get("type", "")), str(told.get("message", ""))
    said = ": ".join(filter(None, (kind, message)))
    what = f"the model raised {kind or 'an error'}"
    if told.get("failed") == "output":
        what = f"the prediction has no JSON: {kind or message or 'nobody knows why'}"
    error = RequestError(500, "MODEL_ERROR", f"{what:.{_LONGEST}}")
    error.__cause__ = RuntimeError(f"{said}\n{told.get('traceback', '')}".rstrip())
    return error
