"""A served model in this process, asked as a server asks it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from modelenv.folder.documents.names import LOADER_SOURCE
from modelenv.run.incoming import like_of
from modelenv.serving.inside.served import ServingModel
from modelenv.worker import values

SCRIPT = """
class Model:
    def predict(self, data, **params):
        Model.seen = data
        Model.params = params
        return Model.answer(data, **params)

model = Model()
"""


class Asked:
    """A model, and what it was asked."""

    def __init__(
        self,
        folder: Path,
        answer: Callable[..., Any],
        example: Any = None,
        params: Sequence[Mapping[str, Any]] = (),
        like: Mapping[str, Any] | None = None,
    ) -> None:
        forget()
        script = folder / "model.py"
        script.write_text(SCRIPT)
        none = {"type": "none"}
        given = none if example is None else values.write(example, str(folder / "input"))
        job = {
            "model": str(script),
            "loader": str(LOADER_SOURCE),
            "input": none,
            "like": like or like_of(given),
            "params": list(params),
        }
        self.served = ServingModel(job)
        assert self.served.load() is None
        self.model = sys.modules["modelenv_model_code"].Model
        self.model.answer = staticmethod(answer)

    @property
    def seen(self) -> Any:
        """What the model was given."""
        return self.model.seen

    def send(self, body: Any, content: str = "json", **head: Any) -> tuple[Any, bytes]:
        """Return the head and the body of the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        told, parts = self.served.answer({"content": content, **head}, memoryview(data))
        return told, b"".join(parts)

    def predicted(self, body: Any, content: str = "json") -> Any:
        """Return the predictions."""
        told, data = self.send(body, content)
        assert "ok" in told, told
        return json.loads(data)["predictions"]

    def refused(self, body: Any, content: str = "json", **head: Any) -> str:
        """Return why a body is refused."""
        told, data = self.send(body, content, **head)
        assert "refused" in told, told
        assert not data
        return str(told["text"])

    def inferred(self, *inputs: Any, raw: bytes = b"", **request: Any) -> tuple[Any, bytes]:
        """Return the answer to an inference request, and its raw data."""
        text = json.dumps({"inputs": list(inputs), **request}).encode()
        told, data = self.send(text + raw, "tensors", json=len(text))
        assert told.get("ok") == "tensors", told
        return json.loads(bytes(data[: told["json"]])), bytes(data[told["json"] :])

    def uninferred(self, *inputs: Any, raw: bytes = b"", **request: Any) -> str:
        """Return why an inference request is refused."""
        text = json.dumps({"inputs": list(inputs), **request}).encode()
        return self.refused(text + raw, "tensors", json=len(text))


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    """Return a function that serves a model: what it answers, and its example."""

    def made(answer: Callable[..., Any], example: Any = None, **further: Any) -> Asked:
        return Asked(tmp_path, answer, example, **further)

    yield made
    forget()


def forget() -> None:
    """Forget what loading a model has imported."""
    for name in ("modelenv_model_code", "_modelenv_loader", "_modelenv_loader.loader"):
        sys.modules.pop(name, None)
