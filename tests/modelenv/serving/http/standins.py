"""A model behind a real pair of sockets, served in this process, and a client of ASGI."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelenv.serving.errors import (
    invalid_input,
    model_failed,
    no_such_model,
    worker_died,
)
from modelenv.serving.http.app import app
from modelenv.serving.http.served import HttpSettings
from modelenv.serving.inside import answers
from modelenv.serving.inside.tensors import incoming, outgoing
from modelenv.table import values
from modelenv.table.crossing import raw
from modelenv.table.errors import RowsError
from modelenv.table.incoming.document import read_document, read_table
from modelenv.table.incoming.rows import KEYS, Rows, read_csv
from modelenv.worker import frames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from modelenv.serving.inside.tensors.tensor import Tensor

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
            (told, buffers, notes), params, document = self._read(head, body)
            known = {each["name"] for each in self.signature.get("params") or ()}
            _require(set(params) <= known, f"unknown params: {sorted(params)}")
            prediction = self.predict(values.build(told, iter(buffers)), params)
            if head["content"] == "tensors":
                answer, tail = outgoing.answer(document, outgoing.tensors_of(prediction))
                text = json.dumps(answer).encode("ascii")
                return {"ok": "tensors", "json": len(text), "notes": notes}, [text, *tail]
            return {"ok": "json", "notes": notes}, [answers.predictions(prediction)]
        except RowsError as error:
            return {"refused": error.reason, "text": str(error)}, []
        except ConnectionAbortedError:
            raise
        except Exception as error:  # noqa: BLE001  # what the model raises
            failed = {"type": type(error).__name__, "message": str(error), "traceback": "/a/path"}
            return {"failed": "predict", **failed}, []

    def _read(self, head: dict[str, Any], body: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        """Return the parts of the input, the parameters, and the request of tensors."""
        content, like = head["content"], dict(self.like)
        if content == "csv":
            lines = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline="")
            return read_table(read_csv(lines), like), {}, {}
        if content == "buffers":
            return (*raw.from_bytes(body), head["notes"]), {}, {}
        if content == "tensors":
            document, tensors = incoming.read_request(body, head.get("json"))
            return _of_tensors(tensors, like), document.get("parameters") or {}, document
        try:
            document = json.loads(bytes(body))
        except (ValueError, RecursionError) as error:
            raise RowsError(f"it is no JSON: {error}") from error
        _require(isinstance(document, dict), f"it is an object with exactly one of {KEYS}")
        params = document.pop("params", {})
        _require(isinstance(params, dict), "params is an object")
        _require(set(document) <= set(KEYS) and bool(document), "it has another key")
        return read_document(document, like), params, {}


def _of_tensors(tensors: list[Tensor], like: dict[str, Any]) -> Any:
    """Return the parts of an input that tensors are: columns, arrays by their names, or one."""
    if values.is_table(like) or "records" in like:
        columns = [list(each.cells) for each in tensors]
        _require(len(set(map(len, columns))) == 1, "the columns have different numbers of rows")
        rows = Rows([each.name for each in tensors], columns, len(columns[0]))
        return read_table(rows, like)
    if like["type"] == "dict":
        return read_document({"inputs": {each.name: _nested(each) for each in tensors}}, like)
    _require(len(tensors) == 1, "the model takes one tensor")
    return read_document({"inputs": _nested(tensors[0])}, like)


def _nested(tensor: Tensor) -> Any:
    cells: list[Any] = list(tensor.cells)
    for size in tensor.shape[:0:-1]:
        cells = [cells[start : start + size] for start in range(0, len(cells), size)]
    return cells


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise RowsError(reason)


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

    @property
    def causes(self) -> list[str]:
        return [f"{each.name}: {each.cause}" for each in self.hosted if not each.ready]

    @property
    def troubles(self) -> list[str]:
        return []

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
