"""False descriptions of a value are refused in words, before it is built."""

from __future__ import annotations

import copy
import json
import os
import struct
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from modelenv.table import values
from modelenv.table.crossing import raw, received
from modelenv.table.errors import UnfaithfulError

FRAME = pd.DataFrame(
    {
        "number": [1.5, 2.5],
        "text": ["a", "bc"],
        "kind": pd.Categorical(["x", "y"]),
        "when": pd.to_datetime(["2024-01-01", "2024-01-02"]).tz_localize("UTC"),
        "span": pd.interval_range(0, 2),
        "thin": pd.arrays.SparseArray([0.0, 1.0], fill_value=0.0),
    },
    index=pd.Index(["r", "s"], name="id"),
)
ARRAY = np.arange(6.0).reshape(2, 3)
RECORDS = np.array([(1, 2.5)], dtype=[("a", "<i4"), ("b", "<f8")])
OBJECT = [1, {"a": float("inf")}]
SPARSE = scipy.sparse.csr_matrix(np.eye(2))


def put(*path: Any, to: Any) -> Callable[[Any], None]:
    """Return what puts something else at a place of a description."""

    def change(told: Any) -> None:
        for step in path[:-1]:
            told = told[step]
        told[path[-1]] = to

    return change


def drop(key: str) -> Callable[[Any], None]:
    return lambda told: told.pop(key)


def deep(levels: int) -> Any:
    told: Any = {"type": "object"}
    for _ in range(levels):
        told = {"type": "list", "items": [told]}
    return told


TOLD = [
    (FRAME, put("rows", to=10**18)),
    (FRAME, put("rows", to=-1)),
    (FRAME, put("rows", to=2.0)),
    (FRAME, put("rows", to=True)),
    (FRAME, put("rows", to=None)),
    (FRAME, drop("rows")),
    (FRAME, drop("types")),
    (FRAME, put("columns", to=["number"])),
    (FRAME, put("columns", to={})),
    (FRAME, put("columns", to="number")),
    (FRAME, put("columns", 0, to={"$type": "no such"})),
    (FRAME, put("dtypes", 0, to="O8,O8")),
    (FRAME, put("dtypes", 0, to=["f8"])),
    (FRAME, put("types", 0, to="no kind")),
    (FRAME, put("types", 0, to="string")),
    (FRAME, put("types", 0, to=7)),
    (FRAME, put("types", 2, "categories", to=[])),
    (FRAME, put("types", 2, "categories", to="xy")),
    (FRAME, put("types", 2, "of", to={"type": "category", "dtype": "category"})),
    (FRAME, put("types", 3, "zone", to="../../etc/passwd")),
    (FRAME, put("types", 3, "zone", to="dateutil//etc/passwd")),
    (FRAME, put("types", 3, "zone", to="No/Such")),
    (FRAME, put("types", 3, "unit", to="eons")),
    (FRAME, put("types", 4, "of", to=None)),
    (FRAME, put("types", 4, "closed", to="ajar")),
    (FRAME, put("types", 5, "length", to=10**9)),
    (FRAME, put("types", 5, "fill", to={"$type": "generic", "value": {"dtype": "O"}})),
    (FRAME, put("index", to={"range": [0, 10**18, 1], "name": None})),
    (FRAME, put("index", to={"range": [0, 2, 0], "name": None})),
    (FRAME, put("index", to={"range": [0.0, 2, 1], "name": None})),
    (FRAME, put("index", to=[])),
    (FRAME, put("index", to={"range": [0, 2, 1]})),
    (FRAME, put("index", "levels", to=[])),
    (FRAME, put("index", "levels", 0, "type", to="int64")),
    (FRAME, put("labels", to={"range": [0, 10**6, 1], "name": None})),
    (FRAME, put("labels", to={"levels": [{"name": None, "dtype": "object", "type": "string"}]})),
    (FRAME, put("type", to="series")),
    (FRAME, put("type", to="no such type")),
    (FRAME, put("type", to=["dataframe"])),
    (ARRAY, put("shape", to=[10**18, 3])),
    (ARRAY, put("shape", to=[-2, -3])),
    (ARRAY, put("shape", to=[2, -1])),
    (ARRAY, put("shape", to=[2.0, 3])),
    (ARRAY, put("shape", to="23")),
    (ARRAY, put("shape", to=[1] * 100)),
    (ARRAY, put("shape", to=[10**9, 0, 10**9])),
    (ARRAY, put("dtype", to="O")),
    (ARRAY, put("dtype", to="|O")),
    (ARRAY, put("dtype", to="f8,(1000,1000)f8")),
    (ARRAY, put("dtype", to={"names": ["a"], "formats": ["O"]})),
    (ARRAY, put("dtype", to="<U0")),
    (ARRAY, put("order", to="A")),
    (ARRAY, put("fields", to=[["a", "O"]])),
    (RECORDS, put("fields", to=[["a", "<i4"], ["b", "|O"]])),
    (RECORDS, put("fields", to=[["a", "<i4", [10**12]]])),
    (RECORDS, put("fields", to={"a": "<i4"})),
    (RECORDS, put("fields", 0, to=["a"])),
    (SPARSE, put("shape", to=[10**18, 10**30])),
    (SPARSE, put("parts", to=[])),
    (SPARSE, put("parts", 0, to={"type": "dataframe"})),
    (SPARSE, put("type", to="sparse_matrix_read_csv")),
    (SPARSE, put("type", to="sparse_matrix_coo")),
    (OBJECT, put("type", to="ndarray")),
    (OBJECT, put("type", to="polars_dataframe")),
    (OBJECT, put("type", to="pickle")),
    ({"a": ARRAY}, put("items", to=[1])),
    ({"a": ARRAY}, put("items", "a", to=None)),
    ({"a": ARRAY}, put("items", "b", to={"type": "object"})),
    ([ARRAY], put("items", to={"0": {"type": "object"}})),
    ([ARRAY], put("items", to=[deep(99)])),
    ([ARRAY], put("items", 0, to={"type": "dataclass", "shape": "os:path", "items": {}})),
]


def refuses(folder: Path, data: bytes) -> str:
    """Return why bytes that tell a lie are no value, which costs no more memory than they do."""
    (folder / "value.buffers").write_bytes(data)
    described = received.placed({"type": "object", "encoding": "buffers"}, folder / "value")
    tracemalloc.start()
    try:
        with pytest.raises(UnfaithfulError) as caught:
            received.read(described)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(data) + 5_000_000
    finally:
        tracemalloc.stop()
    return str(caught.value)


@pytest.mark.parametrize(("value", "lie"), TOLD, ids=lambda each: getattr(each, "__name__", ""))
def test_a_description_that_lies_is_refused(
    value: Any, lie: Callable[[Any], None], tmp_path: Path
) -> None:
    told, buffers = values.take(value)
    told = copy.deepcopy(json.loads(json.dumps(told)))
    lie(told)
    assert len(refuses(tmp_path, b"".join(raw.to_bytes(told, buffers)))) < 500


def of_header(text: bytes, rest: bytes = b"", length: int | None = None) -> bytes:
    size = len(text) if length is None else length
    return b"MODELTBL" + struct.pack("<Q", size) + text + rest


OBJECT_HEADER = b'{"value": {"type": "object"}, "buffers": %s}'
HEADERS = {
    "nothing": b"",
    "a pickle": b"\x80\x04N.",
    "no length": b"MODELTBL",
    "longer than the file": of_header(b"{}", length=2**63),
    "no JSON": of_header(b"nonsense"),
    "no UTF-8": of_header(b'{"value": "\xff"}'),
    "an integer of 5,000 digits": of_header(b"9" * 5000),
    "a list": of_header(b"[]"),
    "nested": of_header(b"[" * 200 + b"]" * 200),
    "no value": of_header(b'{"buffers": []}'),
    "no buffers": of_header(b'{"value": {"type": "object"}}'),
    "too few": of_header(OBJECT_HEADER % b"[]"),
    "none": of_header(OBJECT_HEADER % b"[null]"),
    "too many": of_header(OBJECT_HEADER % b"[[0, 0], [0, 0]]"),
    "negative": of_header(OBJECT_HEADER % b"[[0, -8]]", b"12345678"),
    "behind the end": of_header(OBJECT_HEADER % b"[[0, 16]]", b"12345678"),
    "overlapping": of_header(OBJECT_HEADER % b"[[0, 8], [0, 8]]", b"12345678"),
    "a gap": of_header(OBJECT_HEADER % b"[[8, 8]]", b"1234567812345678"),
    "something after it": of_header(OBJECT_HEADER % b"[[0, 4]]", b"1   1   12345678"),
    "no places": of_header(OBJECT_HEADER % b'[5, "x"]'),
    "booleans": of_header(OBJECT_HEADER % b"[[false, true]]", b"12345678"),
    "an object that is none": of_header(OBJECT_HEADER % b"[[0, 8]]", b"no JSON "),
    "an unknown tag": of_header(
        OBJECT_HEADER % b"[[0, 40]]", b'{"$type": "eval", "value": "1 + 1"}'.ljust(40)
    ),
}


@pytest.mark.parametrize("data", HEADERS.values(), ids=HEADERS)
def test_a_file_that_is_none_is_refused(data: bytes, tmp_path: Path) -> None:
    assert refuses(tmp_path, data)


@given(data=st.data())
def test_a_file_with_a_byte_of_its_own_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever is changed, it is a value or an UnfaithfulError."""
    whole = bytearray(b"".join(raw.to_bytes(*values.take(FRAME))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    with suppress(UnfaithfulError):
        received.build(*received.checked(bytes(whole), Path("value")))


def tagged(kind: str, value: Any) -> Any:
    return {"$type": kind, "value": value}


MOMENT = {"value": 0, "unit": "ns", "zone": None}
MULTIPLES = [tagged("int", hex(place * (2**61 - 1))) for place in range(200)]
TAGGED = {
    "a fraction of a text": tagged("Fraction", ["1e5"]),
    "a fraction of texts": tagged("Fraction", ["15", "10"]),
    "a fraction of floats": tagged("Fraction", [1.5, 1]),
    "a long fraction": tagged("Fraction", [tagged("int", hex(3**60000)), 2]),
    "elements that hash alike": tagged("set", MULTIPLES),
    "frozen ones": tagged("frozenset", MULTIPLES),
    "keys that hash alike": tagged("dict", [[each, 1] for each in MULTIPLES]),
    "ordered ones": tagged("OrderedDict", [[each, 1] for each in MULTIPLES]),
    "counted ones": tagged("Counter", [[each, 1] for each in MULTIPLES]),
    "tuples that hash alike": tagged("set", [tagged("tuple", [1, each]) for each in MULTIPLES]),
    "a Timestamp in a file": tagged("Timestamp", {**MOMENT, "zone": "dateutil//etc/passwd"}),
    "a Timestamp of another unit": tagged("Timestamp", {**MOMENT, "unit": "eons"}),
    "a Timestamp of a text": tagged("Timestamp", {**MOMENT, "value": "2026"}),
    "a count of a text": tagged("Timestamp", {"count": "now", "unit": "s", "zone": None}),
    "a Timedelta of a text": tagged("Timedelta", {**MOMENT, "value": "1 day"}),
    "a datetime in a file": tagged("datetime", ["2026-01-01", 0, "dateutil//etc/passwd"]),
    "a datetime above": tagged("datetime", ["2026-01-01", 0, "../../etc/passwd"]),
    "a datetime in no zone": tagged("datetime", ["2026-01-01", 0, "No/Such"]),
    "a time in a file": tagged("time", ["12:00", 0, "/etc/passwd"]),
    "a Period of a long frequency": tagged("Period", [1, "x" * 1000]),
    "a Period of a text": tagged("Period", ["1", "D"]),
    "no kind": tagged("no such", 1),
}


@pytest.mark.parametrize("name", TAGGED)
def test_an_object_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    """Also as the name of a column, which stands in a description."""
    lie = json.dumps(TAGGED[name]).encode("ascii")
    reason = refuses(tmp_path, b"".join(raw.to_bytes({"type": "object"}, [lie])))
    assert ("no time zone" in reason) == (b"passwd" in lie)
    told, buffers = values.take(FRAME)
    told["columns"][0] = TAGGED[name]
    assert refuses(tmp_path, b"".join(raw.to_bytes(told, buffers)))


def test_a_file_that_says_that_it_is_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "value.buffers"
    described = received.placed({"type": "object", "encoding": "buffers"}, tmp_path / "value")
    header = b'{"value": {"type": "object"}, "buffers": [[0, 8]]}'
    for begin in (b"", b"MODELTBL", of_header(b"{}"), of_header(header, length=2**29)):
        file.write_bytes(begin)
        os.truncate(file, 2**29 + 100)
        tracemalloc.start()
        try:
            with pytest.raises(UnfaithfulError):
                received.read(described)
            with pytest.raises(UnfaithfulError):
                received.check_file(file, {"encoding": "buffers"})
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()


def test_no_more_is_read_than_the_caller_takes(tmp_path: Path) -> None:
    told = values.take(np.zeros(1000))
    (tmp_path / "value.buffers").write_bytes(b"".join(raw.to_bytes(*told)))
    described = received.placed({"type": "ndarray", "encoding": "buffers"}, tmp_path / "value")
    assert received.read(described, largest=10_000).shape == (1000,)
    with pytest.raises(UnfaithfulError, match="larger"):
        received.read(described, largest=1000)


def test_a_file_that_is_none_of_its_kind_is_refused(tmp_path: Path) -> None:
    """A pipe, a folder, a link, a device, and none at all."""
    described = received.placed({"type": "object", "encoding": "buffers"}, tmp_path / "value")
    file = Path(described["file"])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"".join(raw.to_bytes(*values.take([1]))))
    makers: list[Callable[[], object]] = [
        file.mkdir,
        lambda: file.symlink_to(elsewhere),
        lambda: file.symlink_to("/dev/zero"),
    ]
    if hasattr(os, "mkfifo"):
        makers.append(lambda: os.mkfifo(file))
    for make in makers:
        make()
        with pytest.raises(UnfaithfulError, match="its file is"):
            received.read(described)
        if file.is_dir() and not file.is_symlink():
            file.rmdir()
        else:
            file.unlink()
    with pytest.raises(UnfaithfulError, match="its file is not there"):
        received.read(described)


@pytest.mark.parametrize(
    "told",
    [None, [], "dataframe", {}, {"type": None}, {"type": ["object"]}]
    + [{"type": "object", "encoding": each} for each in ("marshal", None, 7)],
    ids=repr,
)
def test_what_describes_no_value_is_refused(told: Any, tmp_path: Path) -> None:
    with pytest.raises(UnfaithfulError):
        received.placed(told, tmp_path / "value")


def test_a_file_that_is_named_is_not_looked_at(tmp_path: Path) -> None:
    told = {"type": "object", "encoding": "buffers", "file": "/etc/passwd", "event": "output"}
    assert received.placed(told, tmp_path / "value")["file"] == str(tmp_path / "value.buffers")


def test_polars_is_asked_for_its_types_alone(tmp_path: Path) -> None:
    """A dtype is a name that is looked up there, and might be that of a function that reads."""
    polars = pytest.importorskip("polars")
    told, buffers = values.take(polars.DataFrame({"a": [1]}))
    for name in ("read_csv", "scan_csv", "Series", "__name__"):
        type_ = {"kind": "datetime", "unit": "s"}
        lying = {**told, "types": [type_], "dtypes": [name]}
        assert "no dtype" in refuses(tmp_path, b"".join(raw.to_bytes(lying, buffers)))
