"""A loaded model, and the answers to its requests.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json
import os
from time import perf_counter

from ...table.errors import RowsError, UnfaithfulError
from ...worker import values
from ...worker.frames import NUMBER as _NUMBER
from ...worker.processes import failures, own
from . import answers, watching
from .requests import Inputs
from .tensors import outgoing

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .batches import Batches
    from .requests import Request

    Answer = tuple[dict[str, Any], list[bytes]]

# The largest report on one request, or on a batch, in characters: it may contain a client's text,
# of which JSON writes each character in up to twelve bytes (see `frames.MOST_HEAD`).
_MOST_TOLD = 240_000
# The longest sentence, name, or note, in characters.
_LONGEST = 2_000
_MOST_NOTES = 20
# All of modelenv's own files in this process are below this folder.
_OWN = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class ServingModel:
    """A model, and the description of its inputs."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        self._own = (_OWN + os.sep, job["loader"])
        self._inputs = Inputs(job["like"], job["params"])
        self._model: Any = None
        self._batches: Batches | None = None

    def load(self) -> dict[str, Any] | None:
        """Load the model; return a report of the failure, if it fails."""
        return self._tried("load", self._load)

    def warm(self) -> dict[str, Any] | None:
        """Predict on the example once, so that the first request waits for no import.

        Return a report of the failure, if it fails.
        """
        return self._tried("predict", self._predict_on_examples)

    def answer(self, head: dict[str, Any], body: memoryview) -> Answer:
        """Return the head and body of the answer to one request, with the request's number."""
        began = perf_counter()
        told, raw = self._answers(head, body)
        _cut(told)
        return {**told, _NUMBER: head.get(_NUMBER), "cost": perf_counter() - began}, raw

    def _answers(self, head: dict[str, Any], body: memoryview) -> Answer:
        if head["content"] != "batch":
            return self._answer(head, body)
        if self._batches is None:
            from .batches import Batches

            self._batches = Batches(self._answer, self._inputs.read, self._predict, _written)
        return self._batches.answer(head, body)

    def _answer(self, head: dict[str, Any], body: memoryview) -> Answer:
        stage = "input"
        try:
            request = self._inputs.read(head, body)
            value = request.value()
            stage = "predict"
            prediction = self._predict(value, request.params)
            stage = "output"
            if self._batches is not None:
                self._batches.saw(prediction)
            return _written(head, request, prediction)
        except RowsError as error:
            place = {"column": _plain(error.column), "row": error.row, "line": error.line}
            return {"refused": error.reason, "text": str(error), **place}, []
        except UnfaithfulError as error:
            if stage == "input":
                return _unfit(error), []
            return {"failed": stage, "type": "", "message": str(error), "traceback": ""}, []
        except (ValueError, OverflowError) as error:  # a library rejects the value
            return (_unfit(error) if stage == "input" else self._failed(stage, error)), []
        except BaseException as error:  # noqa: BLE001  # SystemExit and KeyboardInterrupt too
            return self._failed(stage, error), []

    def _tried(self, stage: str, step: Callable[[], None]) -> dict[str, Any] | None:
        try:
            step()
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is told
            return self._failed(stage, error)
        return None

    def _load(self) -> None:
        self._model = own.load_model(self._job["loader"], self._job["model"])

    def _predict_on_examples(self) -> None:
        described = self._job["input"]
        if described["type"] == "none":
            return
        example = values.read(described)
        params = self._inputs.params.read({})
        for each in example if described["type"] == "examples" else [example]:
            self._predict(each, params)

    def _predict(self, value: Any, params: dict[str, Any]) -> Any:
        return self._model.predict(value, params) if params else self._model.predict(value)

    def _failed(self, stage: str, error: BaseException) -> dict[str, Any]:
        """Return the report of an exception; for one of lacking memory it is marked as the last."""
        last = {"last": True} if isinstance(error, MemoryError) else {}
        try:
            told = failures.told(error, self._own)
            return {"failed": stage, **told, "wanted": watching.wanted(error), **last}
        except MemoryError:
            nothing = {"type": "MemoryError", "message": "", "traceback": ""}
            return {"failed": stage, **nothing, "last": True}


def _written(head: dict[str, Any], request: Request, prediction: Any) -> Answer:
    if head["content"] == "tensors":
        told, raw = outgoing.answer(request.document, outgoing.tensors_of(prediction))
        text = json.dumps(told).encode("ascii")
        return {"ok": "tensors", "json": len(text), "notes": request.notes}, [text, *raw]
    write = answers.bare if request.bare else answers.predictions
    return {"ok": "json", "notes": request.notes}, [write(prediction)]


def _cut(told: dict[str, Any]) -> None:
    """Shorten the report on a request, or on each of a batch, to the size of a head."""
    items = told.get("batch", (told,))
    most = min(_LONGEST, _MOST_TOLD // (_MOST_NOTES + 4) // len(items))
    for each in items:
        if "refused" in each:
            for name in ("refused", "text", "column"):
                each[name] = _shortened(each[name], most)
        elif "failed" in each and len(items) > 1:
            for name in ("message", "traceback"):
                each[name] = _shortened(each[name], most)
        elif each.get("notes"):
            each["notes"] = [_shortened(note, most) for note in each["notes"][:_MOST_NOTES]]


def _shortened(said: Any, most: int) -> Any:
    """Return a long text with its middle left out, and a long number as its size."""
    if isinstance(said, int) and said.bit_length() > 64:
        said = "a number of %d bits" % said.bit_length()
    if not isinstance(said, str) or len(said) <= most:
        return said
    return "%s... (%d characters) ...%s" % (said[: most * 3 // 4], len(said), said[-most // 4 :])


def _unfit(error: Exception) -> dict[str, Any]:
    text = "it cannot be made an input of the model: %.500s" % error
    return {"refused": text, "text": text, "column": None, "row": None, "line": None}


def _plain(name: Any) -> Any:
    return name if name is None or isinstance(name, (str, int)) else str(name)
