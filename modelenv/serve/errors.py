"""What a request may fail for: each has a status of HTTP and a code that clients can tell apart."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.errors import ModelenvError


@dataclass(eq=False)
class RequestError(ModelenvError):
    """A request that is not answered with a prediction."""

    status: int
    code: str
    """As MLflow's protocol has it, where it has one: ``BAD_REQUEST``."""
    message: str
    retry_after: int | None = None
    """Seconds after which it may be worth to ask again."""

    def __str__(self) -> str:
        return self.message


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
