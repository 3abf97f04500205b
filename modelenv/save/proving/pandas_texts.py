"""Decide whether pandas will hold strings: pandas 3 stores those with pyarrow (PDEP-14)."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PANDAS, PYARROW = "pandas", "pyarrow"
FIRST = 3
"""The first version of pandas whose strings use pyarrow if that is installed."""
_ALONE = frozenset({PANDAS, "numpy"})
_LARGEST = 2**20  # bytes of a source file that is read


def holds_texts(
    example: Mapping[str, Any],
    pickled: Iterable[str],
    others: Iterable[str],
    sources: Collection[Path],
) -> bool:
    """Return whether a prediction makes pandas handle strings, including column names.

    `example` is the description of the input, `pickled` are the modules that the pickle names,
    `others` the imported distributions, and `sources` the files of the model's own code. Frames of
    numbers whose columns are not addressed by name stay with numpy.
    """
    if any(name.partition(".")[0] == PANDAS for name in pickled):
        return True  # a pickled frame has its labels
    frames = tuple(_frames(example))
    if any(_has_text_values(each) for each in frames):
        return True
    if frames and not _ALONE.issuperset(others):
        return any(_has_names(each) for each in frames)  # scikit-learn reads them
    if not frames and _is_of_texts(example):
        return True
    if not sources:
        return True  # the model's code is in the pickle, and is not read
    return any(_says_texts(source) for source in sources)


def _frames(described: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if described["type"] in ("dataframe", "series"):
        yield described
    items = described.get("items", ())
    for part in items.values() if isinstance(items, Mapping) else items:
        yield from _frames(part)


def _has_text_values(frame: Mapping[str, Any]) -> bool:
    dtypes = (*frame.get("dtypes", ()), frame.get("dtype"))
    levels = frame.get("index", {}).get("levels", ())
    return "str" in (*dtypes, *(each.get("dtype") for each in levels))


def _is_of_texts(example: Mapping[str, Any]) -> bool:
    """Return whether a frame made from the example would hold strings, in values or keys."""
    file = example.get("file")
    if file is None:
        return False
    if not file.endswith(".json"):
        return True
    with suppress(OSError), Path(file).open("rb") as stream:
        return b'"' in stream.read(_LARGEST)
    return True


def _has_names(frame: Mapping[str, Any]) -> bool:
    return any(isinstance(each, str) for each in frame.get("columns", ()))


def _says_texts(source: Path) -> bool:
    """Return whether a source that imports pandas has a string that is no docstring."""
    with suppress(OSError, SyntaxError, ValueError, RecursionError):
        if source.stat().st_size > _LARGEST:
            return True
        nodes = tuple(ast.walk(ast.parse(source.read_bytes(), str(source))))
        alone = {id(each.value) for each in nodes if isinstance(each, ast.Expr)}
        texts = (each for each in nodes if _is_text(each) and id(each) not in alone)
        return any(map(_imports_pandas, nodes)) and next(texts, None) is not None
    return True


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _imports_pandas(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return any(name.partition(".")[0] == PANDAS for name in names)
