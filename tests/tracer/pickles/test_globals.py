"""The names that are known to run code."""

from __future__ import annotations

import pytest

from tracer.pickles.globals import Global


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "getcwd"),
        ("random", "_os.getcwd"),
        ("glob", "os.path.join"),
        ("collections", "_sys.version_info.count"),
        ("numpy", "lib._npyio_impl.os.getcwd"),
        ("glob", "os"),
        ("builtins", "__dict__"),
        ("collections", "Counter.__subclasses__"),
        ("builtins", "len.__self__"),
        ("six.moves.builtins", "eval"),
        ("own.library.yaml", "load"),
        ("imp", "load_source"),
        ("_imp", "create_dynamic"),
        ("_frozen_importlib", "ModuleSpec"),
        ("typing", "_eval_type"),
        ("pathlib", "Path.write_text"),
        ("pathlib", "PosixPath.unlink"),
        ("mlflow.pyfunc", "load_model"),
        ("mlflow.sklearn", "load_model"),
        ("pandas", "eval"),
    ],
)
def test_known_to_run_code(module: str, name: str) -> None:
    assert Global(module, name).runs_commands


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("collections", "Counter"),
        ("datetime", "datetime"),
        ("datetime", "datetime.fromtimestamp"),
        ("array", "array"),
        ("sklearn.linear_model._base", "LinearRegression"),
        ("numpy", "trace"),
        ("own.code", "Model"),
        ("own.platform.http", "Client"),
        ("own", "Outer.Inner"),
        ("pathlib", "PosixPath"),
        ("own.mlflow", "load_models"),
    ],
)
def test_not_known_to(module: str, name: str) -> None:
    assert not Global(module, name).runs_commands
