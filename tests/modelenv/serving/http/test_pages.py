"""The pages that tell what there is: true for each kind of model, and its lines work."""

from __future__ import annotations

import asyncio
import html
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelenv.serving.http.inference.tensor_metadata import inputs_of, outputs_of
from modelenv.serving.http.pages.examples import example_of, input_of
from modelenv.serving.http.pages.schemas import forms_of
from modelenv.table.incoming.records import types_of_records
from modelenv.table.values import is_table
from modelenv.worker import values

from .standins import PREDICTION, SIGNATURE, Client, client, client_of, hosted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


def asked(ask: Callable[[Client], Coroutine[Any, Any, Any]], **of_model: Any) -> Any:
    async def run() -> Any:
        async with client(lambda value, params: [1.0], **of_model) as opened:
            return await ask(opened)

    return asyncio.run(run())


def _examples() -> dict[str, Any]:
    import numpy
    import pandas

    return {
        "frame": pandas.DataFrame(
            {
                "f": [0.5, None, 2.5],
                "i": numpy.array([1, 2, 3], "int32"),
                "t": ["x", "it's", "<b>"],
                "b": [True, False, True],
                "n": pandas.array([1, None, 3], "Int64"),
                "d": pandas.to_datetime(["2026-01-01"] * 3),
                "c": pandas.Categorical(["x", "y", "x"]),
            }
        ),
        "labels": pandas.DataFrame({"a": [1]}, index=["x"]),
        "labels with a name": pandas.DataFrame({"a": [1]}, index=pandas.Index(["x"], name="k")),
        "times as labels": pandas.DataFrame({"a": [1]}, index=pandas.to_datetime(["2026-01-01"])),
        "labels of two levels": pandas.DataFrame(
            {"a": [1]}, index=pandas.MultiIndex.from_tuples([("x", 1.5)], names=["p", "q"])
        ),
        "labels of levels without names": pandas.DataFrame(
            {"a": [1]}, index=pandas.MultiIndex.from_tuples([("x", 1)], names=["p", None])
        ),
        "a series with labels": pandas.Series([1.5], index=["x"]),
        "a series with names": pandas.Series([1.5], index=pandas.Index(["x"], name="k"), name="v"),
        "categories": pandas.DataFrame(
            {
                "t": pandas.Categorical(pandas.to_datetime(["2026-01-01"])),
                "z": pandas.Categorical(pandas.to_datetime(["2026-01-01"]).tz_localize("UTC")),
                "d": pandas.Categorical(pandas.to_timedelta([1], unit="s")),
                "f": pandas.Categorical([1.5]),
                "i": pandas.Categorical([3]),
            }
        ),
        "zones": pandas.DataFrame({"z": pandas.to_datetime(["2026-07-01"]).tz_localize("UTC")}),
        "objects": pandas.DataFrame({"o": [1, "a"], "p": [{"a": 1}, [2]]}),
        "numbers as names": pandas.DataFrame({0: [1], 1: [2.0]}),
        "names twice": pandas.DataFrame([[1, 2.0]], columns=["a", "a"]),
        "series": pandas.Series([1.5], name="s"),
        "series without a name": pandas.Series([1.5]),
        "array": numpy.zeros((3, 2), "float32"),
        "flat array": numpy.arange(3),
        "arrays by name": {"x": numpy.zeros((1, 2)), "y": numpy.array([True])},
        "records": [{"a": 1, "b": 2.5}, {"a": 2, "b": 3.5}],
        "records of several types": [{"a": 1}, {"a": "x"}],
        "texts": ["one", "two"],
        "plain": {"question": "why?", "n": 3},
    }


CASES = [(name, form) for name in _examples() for form in ("json", "buffers", "gone")]


def _like(name: str, form: str, folder: Path) -> dict[str, Any]:
    value = _examples()[name]
    forms = ("buffers",) if form == "gone" else (form,)
    told: dict[str, Any] = values.write(value, str(folder / "input"), forms=forms)
    if form == "gone":
        Path(told["file"]).unlink()
    records = types_of_records(value) if isinstance(value, list) else None
    return told if records is None else {**told, "records": records}


@pytest.mark.parametrize(("name", "form"), CASES)
def test_every_example_on_the_page_is_answered(name: str, form: str, tmp_path: Path) -> None:
    like = _like(name, form, tmp_path)
    if like["type"] == "untyped":
        pytest.skip(f"{name} has no form of {form}")

    async def ask(opened: Client) -> Any:
        told = (await opened.ask("GET", "/openapi.json")).json
        found = []
        for path, operations in told["paths"].items():
            content = operations.get("post", {}).get("requestBody", {}).get("content", {})
            for media, body in content.items():
                examples = [each["value"] for each in body.get("examples", {}).values()]
                examples += [body["example"]] if "example" in body else []
                for each in examples:
                    text = json.dumps(each) if media == "application/json" else each
                    answer = await opened.post(path, text.encode(), media)
                    found.append((path, media, each, answer.status, answer.body))
        return found

    found = asked(ask, like=like)
    if not found:
        assert form == "gone"  # nothing tells what else than a table it was
        assert not is_table(like)
    wrong = [each for each in found if each[3] != 200]
    assert not wrong, wrong[0]


def test_a_list_of_dictionaries_is_given_as_one(tmp_path: Path) -> None:
    bodies = input_of(_like("records", "json", tmp_path)).bodies
    rows = [{"a": 1, "b": 2.5}, {"a": 2, "b": 3.5}]
    assert bodies["inputs"] == bodies["instances"] == bodies["dataframe_records"] == rows


def test_a_category_is_told_as_requests_write_it(tmp_path: Path) -> None:
    cells = _columns_of(_like("categories", "buffers", tmp_path))
    assert cells["t"] == {"enum": ["2026-01-01T00:00:00", None]}
    assert cells["z"] == {"enum": ["2026-01-01T00:00:00Z", None]}
    assert cells["f"] == {"enum": [1.5, None]}


def test_labels_are_told_where_rows_are(tmp_path: Path) -> None:
    like = _like("labels with a name", "buffers", tmp_path)
    assert list(_columns_of(like)) == ["k", "a"]
    assert [tensor.name for tensor in inputs_of(like, None)] == ["k", "a"]
    forms = forms_of(_like("labels", "buffers", tmp_path), None)
    assert list(forms) == ["dataframe_split"]
    assert forms["dataframe_split"]["required"] == ["index", "data"]


def test_tensors_of_a_prediction_have_names_of_their_own() -> None:
    told = {"type": "dataframe", "columns": ["a", "a"], "dtypes": ["float64", "int64"], "rows": 1}
    assert [tensor.name for tensor in outputs_of(told, None)] == ["a", "a-1"]
    assert example_of(told).prediction == [{"a": 0.5, "a-1": 1}]


def _columns_of(like: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = forms_of(like, None)["dataframe_records"]["items"]["properties"]
    return told


def test_the_lines_of_the_page_work_when_they_are_copied() -> None:
    async def ask(opened: Client) -> Any:
        page = await opened.ask("GET", "/docs", b"", {"host": "models.example:8080"})
        text = page.body.decode()
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "script" not in text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        lines = [
            shlex.split(html.unescape(line))
            for block in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)
            for line in block.split("\n\n")
        ]
        return [(line, await _curl(opened, line)) for line in lines if line]

    found = asked(ask)
    assert len(found) > 20
    wrong = [(line, answer.body) for line, answer in found if answer.status != 200]
    assert not wrong, wrong[0]


async def _curl(opened: Client, line: list[str]) -> Any:
    """Ask what a line of curl would."""
    url = next(word for word in line if word.startswith("http"))
    path = url.removeprefix("http://models.example:8080")
    assert path != url
    if "--data-binary" in line:
        kind = line[line.index("-H") + 1].removeprefix("Content-Type: ")
        return await opened.post(path, line[line.index("--data-binary") + 1].encode(), kind)
    return await opened.ask("POST" if "-X" in line else "GET", path)


def test_the_page_believes_no_host_that_is_none() -> None:
    async def ask(opened: Client) -> Any:
        return await opened.ask("GET", "/docs", b"", {"host": "\"'><script>"})

    text = asked(ask).body.decode()
    assert "script" not in text
    assert "http://127.0.0.1:5000/invocations" in text


def test_each_model_has_its_own_paths() -> None:
    async def run() -> Any:
        async with hosted(name="a b/c") as one, hosted(name="other") as other:
            return (await client_of(one, other).ask("GET", "/openapi.json")).json

    told = asyncio.run(run())
    assert "/invocations" not in told["paths"]
    assert {"/models/a%20b%2Fc/invocations", "/v2/models/other/infer"} <= set(told["paths"])
    names = [
        operation["operationId"]
        for operations in told["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere() -> None:
    async def ask(opened: Client) -> Any:
        return (await opened.ask("GET", "/openapi.json")).json

    told = asked(ask)
    assert told["openapi"] == "3.1.0"
    references = set(re.findall(r'"#/([^"]+)"', json.dumps(told)))
    assert len(references) > 5
    for reference in references:
        place = told
        for step in reference.split("/"):
            place = place[step]


def test_params_and_cells_have_their_types() -> None:
    async def ask(opened: Client) -> Any:
        return (await opened.ask("GET", "/openapi.json")).json

    told = asked(ask)["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]
    records = told["schema"]["oneOf"][1]
    assert records["properties"]["params"]["properties"]["k"]["default"] == 7
    row = records["properties"]["dataframe_records"]["items"]
    assert row["properties"]["a"] == {"type": ["number", "null"]}
    assert row["properties"]["b"]["type"] == "integer"
    assert row["required"] == ["a", "b"]


def test_an_example_that_is_gone_or_damaged_is_made_up(tmp_path: Path) -> None:
    like = _like("frame", "json", tmp_path)
    there = example_of(like)
    file = Path(like["file"])
    file.write_text('{"columns": 5}')
    damaged = example_of(like)
    file.unlink()
    gone = example_of(like)
    assert there.grid is not None
    assert damaged.grid is not None
    assert damaged == gone
    assert there.grid.names == gone.grid.names  # type: ignore[union-attr]
    assert there.grid.rows != gone.grid.rows  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["none", "mlflow", "pickle", "what is this"])
def test_a_model_of_which_nothing_is_known_has_a_page(kind: str) -> None:
    async def ask(opened: Client) -> Any:
        return [(await opened.ask("GET", path)).status for path in ("/openapi.json", "/docs")]

    for signature in ({}, SIGNATURE, {"inputs": None, "outputs": [5], "params": "x"}):
        given = {**signature, "params": signature.get("params") or []}
        if isinstance(given["params"], str):
            given["params"] = []
        told = asked(ask, like={"type": kind}, prediction=PREDICTION, signature=given)
        assert told == [200, 200]
