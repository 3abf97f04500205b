"""Writing a model and its input example to disk, before anything else can fail."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

import cloudpickle

from ..base.siblings import tracer
from ..worker import values
from .documents.names import NOTHING
from .errors import NotAModelError, not_written

INPUT = "input_example"
PREDICTION = "prediction"

# The modules of the types of values, by the first word of a type.
_LIBRARIES = {
    "ndarray": "numpy",
    "scalar": "numpy",
    "dataframe": "pandas",
    "series": "pandas",
    "polars": "polars",
    "sparse": "scipy.sparse",
    "masked": "numpy",
    "index": "pandas",
    "extension": "pandas",
    "arrow": "pyarrow",
}


def write_model(model: object, file: Path) -> None:
    """Pickle `model` to `file` with cloudpickle. Raises NotPicklableError, UnwritableError."""
    check_predicts(model)
    try:
        with file.open("wb") as stream:
            tracer.write_pickle(model, stream)
    except Exception as error:  # a model's __getstate__ or __reduce__ may raise anything
        raise not_written("model", file, error) from error


def copy_script(script: Path, file: Path) -> None:
    """Copy the script that defines a model. Raises NotAModelError if it is not one."""
    if script.suffix != ".py" or not script.is_file():
        raise NotAModelError(script)
    shutil.copyfile(script, file)


def write_examples(examples: Sequence[object], folder: Path) -> Mapping[str, Any]:
    """Write the input examples into `folder`, as JSON if that is faithful, else as pickles.

    Return their description with absolute paths: of type `none` if there are none, of type
    `examples` if there are several. Raises NotPicklableError, UnwritableError.
    """
    stems = [INPUT, *(f"{INPUT}_{number}" for number in range(2, len(examples) + 1))]
    pairs = enumerate(zip(examples, stems))  # noqa: B905
    items = [_write_example(each, folder / stem, place) for place, (each, stem) in pairs]
    if len(items) == 1:
        return items[0]
    return {"type": "examples", "items": items} if items else NOTHING


def _write_example(example: object, stem: Path, place: int) -> Mapping[str, Any]:
    what = "input example" if not place else f"example further_examples[{place - 1}]"
    try:
        described: Mapping[str, Any] = values.write(example, str(stem), cloudpickle.dump)
    except Exception as error:  # a value's __reduce__ may raise anything
        raise not_written(what, stem, error) from error
    return described


def modules_of(described: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sorted modules whose types an example contains.

    A trace need not show them: if the model imported pandas before, a frame imports nothing.

    >>> modules_of({"type": "list", "items": [{"type": "dataframe"}, {"type": "json_object"}]})
    ('pandas',)
    """
    if described["type"] == "pickle":
        file = Path(described["file"])  # a recipient of the model may have removed it
        return tracer.scan_modules(file) if file.exists() else ()
    if described["type"] == "object":
        return tuple(described.get("libraries", ()))
    shaped = described["type"] in ("dataclass", "namedtuple")
    named = {described["shape"].partition(":")[0]} if shaped else set()
    items = described.get("items", ())
    parts = items.values() if isinstance(items, Mapping) else items
    found = named | {name for part in parts for name in modules_of(part)}
    library = _LIBRARIES.get(described["type"].partition("_")[0])
    found |= {library} if library else set()
    if any("pyarrow" in dtype or "ArrowDtype" in dtype for dtype in described.get("dtypes", ())):
        found.add("pyarrow")
    return tuple(sorted(found))


def can_predict(model: object) -> bool:
    """Return whether an object has a method ``predict``, or is callable itself.

    >>> can_predict(len), can_predict([1, 2])
    (True, False)
    """
    predicts = getattr(model, "predict", None)
    if isinstance(model, type) and isinstance(predicts, FunctionType):  # it needs a `self`
        return False
    return callable(predicts) or callable(model)


def check_predicts(model: object) -> None:
    """Raise NotAModelError for an object that cannot predict."""
    if not can_predict(model):
        raise NotAModelError(model)
