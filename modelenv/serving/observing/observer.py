"""What is told of each answer: to the log, and to the counters."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Protocol

from ...base.files.scratch import without_scratch
from ..errors import RequestError
from ..models.hosted import HostedModels
from .log import Log
from .metrics import Metrics


class RequestNames(Protocol):
    """What names a request."""

    @property
    def request_id(self) -> str:
        """Its own id."""

    @property
    def trace_id(self) -> str:
        """That of the trace that it belongs to; empty: none."""


class Answered(Protocol):
    """A request that was answered."""

    @property
    def method(self) -> str:
        """Its method."""

    @property
    def path(self) -> str:
        """Its path, without the query."""

    @property
    def status(self) -> int:
        """What it was answered with."""

    @property
    def seconds(self) -> float:
        """The seconds to its answer."""

    @property
    def received(self) -> int:
        """The bytes of its body."""

    @property
    def sent(self) -> int:
        """The bytes of the body of its answer."""

    @property
    def failure(self) -> BaseException | None:
        """Why it was refused."""

    @property
    def told(self) -> Mapping[str, Any] | None:
        """What the worker told beside the prediction."""

    @property
    def trace(self) -> RequestNames:
        """What names it."""


class ServingObserver:
    """Count each answer, and write its line."""

    def __init__(self, log: Log, metrics: Metrics, models: HostedModels) -> None:
        self._log = log
        self._models = models
        self._metrics = metrics
        self._line = self._json if log.form == "json" else self._text

    def answered(self, exchange: Answered, model: str | None, route: str) -> None:
        """Count an answer of a model, None where none was found, and write its line."""
        self._metrics.count(model or "", route, exchange.status, exchange.seconds)
        self._log.line(partial(self._line, exchange, model, route, time.time()))
        failure = exchange.failure
        told = failure.worker_told if isinstance(failure, RequestError) else exchange.told
        if told is not None and ("seen" in told or "failed" in told):
            hosted = next((each for each in self._models if each.name == model), None)
            if hosted is not None and hosted.unforeseen is not None:
                hosted.unforeseen.heard(told, exchange.trace.request_id)
        if failure is not None and failure.__cause__ is not None and exchange.status == 500:
            self._log.event(
                "model_error",
                id=exchange.trace.request_id,
                model=model,
                error=str(failure),
                traceback=without_scratch(str(failure.__cause__)),
            )

    def page(self) -> bytes:
        """Return the page of the counters."""
        return self._metrics.page()

    def _json(self, exchange: Answered, model: str | None, route: str, moment: float) -> str:
        trace, told = exchange.trace, exchange.told
        text = (
            f'{{"time": "{self._log.now(moment)}", "event": "request",'
            f' "id": {quoted(trace.request_id)},'
            f' "method": {quoted(exchange.method)}, "path": {quoted(self._path(exchange, route))},'
            f' "status": {exchange.status}, "route": {quoted(route)},'
            f' "bytes_in": {exchange.received}, "bytes_out": {exchange.sent},'
            f' "seconds": {exchange.seconds:.6f}'
        )
        if model:
            text += f', "model": {quoted(model)}'
        if told is not None and "queued" in told:
            text += f', "queue_seconds": {told["queued"]:.6f}'
            text += f', "predict_seconds": {told["predicted"]:.6f}'
        if trace.trace_id:
            text += f', "trace": {quoted(trace.trace_id)}'
        if exchange.failure is not None:
            text += f', "error": {quoted(self._log.shown(str(exchange.failure)))}'
        return f"{text}}}"

    def _path(self, exchange: Answered, route: str) -> str:
        """Return its path, which most often is its route, and holds nothing of a client's."""
        return route if exchange.path == route else self._log.shown(exchange.path)

    def _text(self, exchange: Answered, model: str | None, route: str, moment: float) -> str:
        failed = ""
        if exchange.failure is not None:
            failed = f"  {quoted(self._log.shown(str(exchange.failure)))[1:-1]}"
        return (
            f"{self._log.now(moment)[11:19]} {exchange.method}"
            f" {quoted(self._path(exchange, route))[1:-1]}"
            f" {exchange.status} {exchange.seconds * 1000:.1f} ms"
            f"{f'  {model}' if model else ''}{failed}"
        )
