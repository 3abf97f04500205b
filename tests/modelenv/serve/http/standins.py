"""A model behind a real pair of sockets, served in this process, and a client of ASGI."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelenv.serve.errors import (
    invalid_input,
    model_failed,
    no_such_model,
    worker_died,
)
from modelenv.serve.http.app import app
from modelenv.serve.http.served import HttpSettings
from modelenv.serve.inside import answers, frames, requests
from modelenv.serve.inside.tensors import outgoing
from modelenv.table.errors import RowsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    Predict = Callable[[Any, dict[str, Any]], Any]

LARGEST = 1_000_000
LIKE = {
    "type": "dataframe",
    "rows": 1,
    "columns": ["a", "b"],
    "dtypes": ["float64", "int64"],
    "types": ["float64", "int64"],
    "pandas_orient": "split",
}
PREDICTION = {"type": "ndarray", "dtype": "<f8", "shape": [1]}
SIGNATURE = {
    "inputs": [
        {"type": "double", "name": "a", "required": True},
        {"type": "long", "name": "b", "required": True},
    ],
    "outputs": [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}],
    "params": [{"name": "k", "type": "long", "default": 7, "shape": None}],
}


def add(frame: Any, params: dict[str, Any]) -> Any:
    """Return the sums of the rows."""
    return (frame["a"] + frame["b"]).to_numpy() + params.get("k", 0)


@dataclass
class StandIn:
    """A model in a thread of this process: what it is asked goes through sockets all the same."""

    predict: Predict
    name: str
    like: Mapping[str, Any]
    prediction: Mapping[str, Any]
    signature: Mapping[str, Any]
    version: str = "1"
    ready: bool = True
    cause: str | None = None

    def __post_init__(self) -> None:
        self._here, there = socket.socketpair()
        self._turn = asyncio.Lock()
        self._thread = threading.Thread(target=self._serve, args=(there,))
        self._thread.start()

    async def ask(
        self, head: Mapping[str, Any], body: Sequence[bytes], left: Any = None
    ) -> tuple[dict[str, Any], bytes]:
        """Return what the thread answers. Raises RequestError."""
        async with self._turn:
            told, data = await asyncio.to_thread(self._ask, dict(head), body)
        if "ok" in told:
            return told, data
        raise invalid_input(told["text"]) if "refused" in told else model_failed(told)

    def close(self) -> None:
        """End the thread."""
        self._here.close()
        self._thread.join()

    def _ask(self, head: dict[str, Any], body: Sequence[bytes]) -> tuple[dict[str, Any], bytes]:
        try:
            frames.Frame(head, body).send(self._here)
            told, data = frames.receive(self._here)
        except (frames.BrokenFrameError, OSError) as error:
            raise worker_died("was ended") from error
        return told, bytes(data)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while True:
                try:
                    head, body = frames.receive(connection)
                except (frames.BrokenFrameError, OSError):
                    return
                try:
                    told, answer = self._answer(head, body)
                except ConnectionAbortedError:  # what a test's model raises to be gone
                    return
                frames.Frame(told, answer).send(connection)

    def _answer(self, head: dict[str, Any], body: Any) -> tuple[dict[str, Any], list[bytes]]:
        try:
            request = requests.read(head, body, dict(self.like))
            self._check(request.params)
            prediction = self.predict(request.value(), request.params)
            if head["content"] == "tensors":
                tensors = outgoing.tensors_of(prediction)
                told, raw = outgoing.answer(request.document, tensors)
                return {"ok": "tensors", "answer": told, "notes": request.notes}, raw
            return {"ok": "json", "notes": request.notes}, [answers.predictions(prediction)]
        except RowsError as error:
            return {"refused": error.reason, "text": str(error)}, []
        except ConnectionAbortedError:
            raise
        except Exception as error:  # noqa: BLE001  # what the model raises
            told = {"type": type(error).__name__, "message": str(error), "traceback": "/a/path"}
            return {"failed": "predict", **told}, []

    def _check(self, params: Mapping[str, Any]) -> None:
        known = [each["name"] for each in self.signature.get("params") or ()]
        unknown = [name for name in params if name not in known]
        if unknown:
            raise RowsError(f"the model has no parameter {unknown[0]!r}")


@dataclass
class Models:
    """Models under their names; the first is the default, if it is alone."""

    hosted: list[StandIn]

    @property
    def default(self) -> StandIn:
        if len(self.hosted) != 1:
            raise no_such_model("there are several models: name one")
        return self.hosted[0]

    @property
    def ready(self) -> bool:
        return all(each.ready for each in self.hosted)

    def named(self, name: str, version: str | None = None) -> StandIn:
        for each in self.hosted:
            if each.name == name and version in (None, each.version):
                return each
        raise no_such_model(f"there is no model {name!r}")

    def __iter__(self) -> Iterator[StandIn]:
        return iter(self.hosted)


@dataclass
class Seen:
    """What was told of answers: status, model, route, and the exchange."""

    answers: list[tuple[int, str | None, str]] = field(default_factory=list)
    exchanges: list[Any] = field(default_factory=list)

    def answered(self, exchange: Any, model: str | None, route: str) -> None:
        self.answers.append((exchange.status, model, route))
        self.exchanges.append(exchange)

    def page(self) -> bytes:
        return b"# HELP answers counted\n"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    pairs: list[tuple[bytes, bytes]]

    @property
    def json(self) -> Any:
        """Return what the JSON says: nan is none."""
        return json.loads(self.body, parse_constant=_refuse)


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


@dataclass
class Client:
    """Ask an application as a server would."""

    app: Any
    seen: Seen
    models: Models

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | Sequence[bytes] = b"",
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        *,
        leave: bool = False,
    ) -> Answer:
        """Return the answer; a client that is to `leave` does so before its body is whole."""
        from urllib.parse import unquote

        pairs = list(headers.items()) if hasattr(headers, "items") else list(headers)
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
        parts = [body] if isinstance(body, bytes) else list(body)
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": part, "more_body": leave or place < len(parts) - 1}
            for place, part in enumerate(parts)
        ]
        messages += [{"type": "http.disconnect"}] * 3
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode("utf-8"),
            "query_string": b"",
            "root_path": "",
            "headers": raw,
            "client": ("127.0.0.1", 5),
            "server": ("127.0.0.1", 5000),
        }
        await self.app(scope, receive, send)
        if not sent:
            return Answer(0, {}, b"", [])
        start, *rest = sent
        told = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        content = b"".join(message.get("body", b"") for message in rest)
        return Answer(start["status"], told, content, start["headers"])

    async def post(
        self, path: str, body: bytes | Sequence[bytes], kind: str | None = "application/json"
    ) -> Answer:
        """Return the answer to a body of a content type."""
        return await self.ask("POST", path, body, {} if kind is None else {"content-type": kind})


@asynccontextmanager
async def hosted(
    predict: Predict = add,
    *,
    name: str = "m",
    like: Mapping[str, Any] = LIKE,
    prediction: Mapping[str, Any] = PREDICTION,
    signature: Mapping[str, Any] = SIGNATURE,
) -> AsyncIterator[StandIn]:
    """Open a model."""
    model = StandIn(predict, name, like, prediction, signature)
    try:
        yield model
    finally:
        model.close()


@asynccontextmanager
async def client(predict: Predict = add, **of_model: Any) -> AsyncIterator[Client]:
    """Open an application with one model."""
    async with hosted(predict, **of_model) as model:
        yield client_of(model)


def client_of(*models: StandIn, largest: int = LARGEST) -> Client:
    """Return a client of an application with these models."""
    seen, served = Seen(), Models(list(models))
    return Client(app(served, HttpSettings(largest=largest), seen), seen, served)
