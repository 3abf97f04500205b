"""The meaning of MLmodel files in MLflow's own folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from envfiles import Entry, EnvSpec
from modelenv.folder.errors import BadFolderError
from modelenv.folder.mlflow.document import build_tools
from modelenv.folder.model_folder import ModelFolder


def read(folder: Path, inputs: Any) -> Any:
    document = {
        "flavors": {"python_function": {"loader_module": "mlflow.sklearn"}},
        "mlflow_version": "3.17.2",
        "signature": {"inputs": inputs, "outputs": None},
    }
    (folder / "MLmodel").write_text(yaml.safe_dump(document))
    return ModelFolder.open(folder).mlmodel.input["schema"]


def column(name: str | None, kind: str) -> dict[str, Any]:
    return {"type": kind, "required": True, **({"name": name} if name else {})}


def tensor(dtype: str, name: str | None = None) -> dict[str, Any]:
    spec = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": [-1, 2]}}
    return {**spec, **({"name": name} if name else {})}


@pytest.mark.parametrize(
    ("fields", "schema"),
    [
        (
            [column("a", "double"), column("b", "string")],
            {"columns": ["a", "b"], "types": {"a": "float64", "b": "str"}},
        ),
        (
            [column("a", "any"), {**column("b", "binary"), "required": False}],
            {"columns": ["a", "b"], "types": {"b": "|S"}, "optional": ["b"]},
        ),
        ([tensor("float32")], {"dtype": "float32", "sizes": [-1, 2]}),
        (
            [tensor("int64", "x"), tensor("bool", "y")],
            {
                "dtypes": {"x": "int64", "y": "bool"},
                "sizes": {"x": [-1, 2], "y": [-1, 2]},
            },
        ),
        ([column(None, "string")], {"plain": True}),
    ],
)
def test_the_signature_says_what_an_input_is(fields: Any, schema: Any, tmp_path: Path) -> None:
    assert read(tmp_path, json.dumps(fields)) == schema


def test_without_a_signature_nothing_is_sure(tmp_path: Path) -> None:
    assert read(tmp_path, None) == {}


def test_a_signature_that_is_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFolderError, match=r"signature\.inputs is no JSON"):
        read(tmp_path, "[{")


@pytest.mark.parametrize(
    ("builds", "requirements", "added"),
    [
        (("pip", "setuptools", "wheel"), (), ("setuptools<81",)),
        (("pip", "setuptools==68.0.0"), (), ("setuptools==68.0.0",)),
        (("pip", "setuptools"), ("setuptools==70.0.0",), ()),
        (("pip",), (), ()),
    ],
)
def test_setuptools_is_there_as_mlflow_would_have_it(
    builds: tuple[str, ...], requirements: tuple[str, ...], added: tuple[str, ...]
) -> None:
    spec = EnvSpec(
        python="3.11.7",
        requirements=tuple(map(Entry, requirements)),
        build_dependencies=builds,
    )
    assert build_tools(spec) == added


LIST = {"name": "messages", "type": "array", "items": {"type": "any"}, "required": True}


@pytest.mark.parametrize("field", [LIST, {**LIST, "type": "object", "properties": {}}])
def test_where_a_column_is_a_list_or_an_object_a_document_is_one_row(
    field: dict[str, Any], tmp_path: Path
) -> None:
    schema = read(tmp_path, json.dumps([field, column("user", "string")]))
    assert schema["nested"]
    assert "nested" not in read(tmp_path, json.dumps([column("user", "string")]))
