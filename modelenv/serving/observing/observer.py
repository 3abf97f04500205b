"""The observer of answers, for the log and the metrics."""

from __future__ import annotations

import time
from functools import partial
from json.encoder import encode_basestring_ascii as quoted

from ...base.files.scratch import without_scratch
from ..errors import OUR_FAULT, RequestError
from ..http.exchange import HttpExchange, UnreadRequest
from ..models.hosted import HostedModels
from .log import Log
from .metrics import Metrics

_Answered = HttpExchange | UnreadRequest


class ServingObserver:
    """Counts each answer and logs it."""

    def __init__(self, log: Log, metrics: Metrics, models: HostedModels) -> None:
        self._log = log
        self._models = models
        self._metrics = metrics
        self._line = self._json if log.form == "json" else self._text

    def answered(self, exchange: _Answered, model: str | None, route: str) -> None:
        """Count and log an answer; `model` is None if no model was found."""
        self._metrics.count(model or "", route, exchange.status, exchange.seconds)
        self._log.line(partial(self._line, exchange, model, route, time.time()))
        failure = exchange.failure
        refused = failure.worker_told if isinstance(failure, RequestError) else None
        told = refused or exchange.told
        if told is not None and ("seen" in told or "failed" in told):
            hosted = next((each for each in self._models if each.name == model), None)
            if hosted is not None and hosted.unforeseen is not None:
                hosted.unforeseen.heard(told, exchange.trace.request_id)
        if not isinstance(failure, RequestError) or failure.status != 500:
            return
        if failure.__cause__ is not None:
            self._log.event(
                "model_error" if failure.error_code != OUR_FAULT else "server_error",
                id=exchange.trace.request_id,
                model=model,
                error=str(failure),
                traceback=without_scratch(str(failure.__cause__)),
            )

    def page(self) -> bytes:
        """Return the page of metrics."""
        return self._metrics.page()

    def _json(self, exchange: _Answered, model: str | None, route: str, moment: float) -> str:
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

    def _path(self, exchange: _Answered, route: str) -> str:
        """Return the path for the log: mostly the route, which has no text of the client's."""
        return route if exchange.path == route else self._log.shown(exchange.path)

    def _text(self, exchange: _Answered, model: str | None, route: str, moment: float) -> str:
        failed = ""
        if exchange.failure is not None:
            failed = f"  {quoted(self._log.shown(str(exchange.failure)))[1:-1]}"
        return (
            f"{self._log.now(moment)[11:19]} {exchange.method}"
            f" {quoted(self._path(exchange, route))[1:-1]}"
            f" {exchange.status} {exchange.seconds * 1000:.1f} ms"
            f"{f'  {model}' if model else ''}{failed}"
        )
