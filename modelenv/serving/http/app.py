"""The ASGI application: its routes and their handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

from starlette.routing import Route, Router

from ..errors import RequestError
from . import operating
from .endpoint import Endpoint, Handler
from .exchange import HttpExchange, Message, Receive, Send
from .inference import metadata
from .inference.infer import Inference
from .pages import docs, openapi
from .scoring import Scoring
from .served import AnswerSink, HttpSettings, ServedModel, ServedModels

App = Callable[[Message, Receive, Send], Awaitable[None]]
_OfModel = Callable[[HttpExchange, ServedModel], Awaitable[None]]

_MODEL = "/v2/models/{name}"
_VERSION = "/v2/models/{name}/versions/{version}"


def app(models: ServedModels, settings: HttpSettings, observer: AnswerSink) -> App:
    """Return the application that serves `models`; `observer` is told of each answer."""
    endpoints = {
        path: Endpoint(answer, observer, path, (method,))
        for method, path, answer in _routes(models, settings, observer)
    }
    nowhere = Endpoint(_nowhere, observer, "")
    routes = [Route(path, endpoint) for path, endpoint in endpoints.items()]
    fixed = {path: endpoint for path, endpoint in endpoints.items() if "{" not in path}
    return _Application(Router(routes, redirect_slashes=False, default=nowhere), fixed)


def _routes(
    models: ServedModels, settings: HttpSettings, observer: AnswerSink
) -> Iterator[tuple[str, str, Handler]]:
    """Yield the method, path and handler of each route; the most frequent come first."""
    scoring, inference = Scoring(settings.largest), Inference(settings.largest)
    state = operating.Operating(models, observer)
    of_model = partial(_of_model, models)
    yield "POST", "/invocations", of_model(scoring.invoke)
    yield "POST", "/models/{name}/invocations", of_model(scoring.invoke)
    for at in (_MODEL, _VERSION):
        yield "POST", f"{at}/infer", of_model(inference.infer)
    for path in ("/ping", "/health", "/ready", "/v2/health/ready"):
        yield "GET", path, state.ready
    yield "GET", "/live", operating.live
    yield "GET", "/v2/health/live", metadata.live
    yield "GET", "/version", operating.version
    yield "GET", "/metrics", state.metrics
    for at in (_MODEL, _VERSION):
        yield "GET", at, of_model(metadata.model)
        yield "GET", f"{at}/ready", of_model(metadata.model_ready)
    for path in ("/v2", "/v2/"):
        yield "GET", path, metadata.server
    yield "POST", "/v2/repository/index", partial(metadata.repository, models=models)
    yield "GET", "/openapi.json", partial(openapi.answer, models=models, settings=settings)
    yield "GET", "/docs", partial(docs.answer, models=models, settings=settings)


class _Application:
    """The callable for an ASGI server; some servers inspect it to find its ASGI version."""

    __slots__ = ("_fixed", "_router")

    def __init__(self, router: Router, fixed: Mapping[str, Endpoint]) -> None:
        self._router = router
        self._fixed = fixed
        """The routes with a fixed path, which are found by a dictionary."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] == "http":
            # Paths are matched as they were sent: a %2F in a model's name is no separator.
            sent = scope.get("raw_path")
            if sent and b"%" in sent:
                scope = {**scope, "path": sent.partition(b"?")[0].decode("utf-8", "replace")}
            endpoint = None if scope.get("root_path") else self._fixed.get(scope["path"])
            await (endpoint or self._router)(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})


async def _live(receive: Receive, send: Send) -> None:
    """Acknowledge the lifespan messages; the caller owns the models."""
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def _of_model(models: ServedModels, answer: _OfModel) -> Handler:
    """Return a handler for the model that the path names, or for the default one."""

    async def answered(exchange: HttpExchange) -> None:
        named: dict[str, Any] | None = exchange.scope.get("path_params")
        if named:
            version = named.get("version")
            told = None if version is None else unquote(version)
            model = models.named(unquote(named["name"]), told)
        else:
            model = models.default
        exchange.model = model.name
        await answer(exchange, model)

    return answered


async def _nowhere(exchange: HttpExchange) -> None:
    message = f"there is nothing at {exchange.path!r:.200}: /docs lists the routes"
    raise RequestError(404, "NOT_FOUND", message)
