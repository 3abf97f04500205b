"""The payload: the same bytes for the same files, and all modules that these import."""

from __future__ import annotations

import ast
import hashlib
import io
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from modelenv.batch.travel import payload as payloads

PACKAGE = Path(payloads.__file__).parents[2]
LENT = {"mlflow", "numpy", "pandas", "polars", "pyarrow", "scipy"}
"""Of engines, of values, and of the model's environment: imported where they are met."""
PRIVATE = {"_modelenv_probe", "_modelenv_rooms"}
LEFT = {
    ("worker/process.py", "base/siblings.py"),
    ("base/errors.py", "base/telling/tracebacks.py"),
    ("worker/verdict.py", "base/telling/notebook.py"),
}
"""What only a watched run needs, and no batch is watched; and what only a notebook shows."""
FILES = [name for name in payloads.travelling() if name.endswith(".py")]


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text("utf-8"), feature_version=(3, 10))


def imports_of(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """Return all imports but those for type checkers alone."""
    unseen = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in unseen
    ]


@pytest.mark.parametrize("name", FILES)
def test_all_that_a_file_imports_travels_too(name: str) -> None:
    for node in imports_of(tree_of(name)):
        if isinstance(node, ast.Import):
            tops = {alias.name.partition(".")[0] for alias in node.names}
        elif node.level == 0:
            tops = {(node.module or "").partition(".")[0]}
        else:
            above = PurePosixPath(name).parents[node.level - 1]
            module = above.joinpath(*filter(None, (node.module or "").split(".")))
            for alias in node.names:
                wanted = [f"{module}/{alias.name}.py", f"{module}/{alias.name}/__init__.py"]
                wanted += [f"{module}.py", f"{module}/__init__.py"]
                there = [each for each in wanted if (PACKAGE / each).is_file()]
                assert there, ast.unparse(node)
                assert there[0] in FILES or (name, there[0]) in LEFT, ast.unparse(node)
            continue
        assert tops <= sys.stdlib_module_names | LENT | PRIVATE, ast.unparse(node)


def test_lent_libraries_are_imported_late() -> None:
    for name in FILES:
        for node in tree_of(name).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not {*ast.unparse(node).replace(",", " ").split()} & LENT, name


def test_every_pattern_finds_something() -> None:
    for pattern in payloads.TRAVELS:
        assert [*PACKAGE.glob(pattern)], pattern


def test_an_archive_is_the_same_each_time() -> None:
    one, other = payloads.payload.__wrapped__(), payloads.payload.__wrapped__()
    assert one == other
    archive = zlib.decompress(one.carried)
    assert hashlib.sha256(archive).hexdigest() == one.digest
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        names = files.namelist()
        travelling = (f"modelenv/{name}" for name in payloads.travelling())
        assert names == ["modelenv/__init__.py", *travelling]
        assert {each.date_time for each in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_it_is_small_enough_to_go_with_each_task() -> None:
    assert len(payloads.payload().carried) < 250_000
