"""Bodies of Parquet and Arrow."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import pytest

from .standins import LARGEST, Answer, client

if TYPE_CHECKING:
    from collections.abc import Callable

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

PARQUET = "application/vnd.apache.parquet"
STREAM = "application/vnd.apache.arrow.stream"


def as_parquet(table: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(table, file, **options)
    return file.getvalue()


def as_stream(table: Any, compression: str | None = None) -> bytes:
    file = io.BytesIO()
    options = pyarrow.ipc.IpcWriteOptions(compression=compression)
    with pyarrow.ipc.new_stream(file, table.schema, options=options) as writer:
        writer.write_table(table)
    return file.getvalue()


def as_file(table: Any) -> bytes:
    file = io.BytesIO()
    with pyarrow.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


def ask(body: bytes, kind: str, predict: Any = None) -> Answer:
    async def run() -> Answer:
        async with client(*(() if predict is None else (predict,))) as opened:
            return await opened.post("/invocations", body, kind)

    return asyncio.run(run())


GOOD = pyarrow.table({"a": [1.0, None], "b": [2, 4]})


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (as_parquet, PARQUET),
        (as_parquet, "application/x-parquet"),
        (as_stream, STREAM),
        (as_stream, f"{STREAM}; codecs=none"),
        (as_file, "application/vnd.apache.arrow.file"),
    ],
)
def test_rows_are_read(write: Callable[[Any], bytes], kind: str) -> None:
    answer = ask(write(GOOD), kind)
    assert answer.status == 200, answer.body
    assert answer.json == {"predictions": [3.0, None]}


def test_what_pandas_writes_is_read_without_its_index() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"b": [2, 4], "a": [1.0, 3.0], "zz": "x"}, index=[5, 6])
    file = io.BytesIO()
    frame.to_parquet(file)
    answer = ask(file.getvalue(), PARQUET)
    assert answer.json == {"predictions": [3.0, 7.0]}
    assert "zz" in answer.headers["x-modelenv-note"]


@pytest.mark.parametrize("write", [as_parquet, as_stream])
def test_a_cell_that_does_not_fit_is_told_by_its_place(write: Callable[[Any], bytes]) -> None:
    table = pyarrow.table({"a": [1.0, 2.0], "b": [2.0, 2.5]})
    answer = ask(write(table), PARQUET if write is as_parquet else STREAM)
    assert answer.status == 400
    assert "column 'b', row 1" in answer.json["message"]


@pytest.mark.parametrize("kind", [PARQUET, STREAM, "application/vnd.apache.arrow.file"])
@pytest.mark.parametrize(
    "body", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1", b"ARROW1\0\0", b"x" * 99]
)
def test_what_is_none_is_refused(kind: str, body: bytes) -> None:
    assert ask(body, kind).status == 400


@pytest.mark.parametrize("step", [3, 7])
@pytest.mark.parametrize(("write", "kind"), [(as_parquet, PARQUET), (as_stream, STREAM)])
def test_what_is_damaged_is_refused_or_read(
    write: Callable[[Any], bytes], kind: str, step: int
) -> None:
    whole = write(GOOD)

    async def run() -> set[int]:
        found = set()
        async with client() as opened:
            for place in range(step, len(whole), step * 5):
                damaged = whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]
                found.add((await opened.post("/invocations", damaged, kind)).status)
                found.add((await opened.post("/invocations", whole[:place], kind)).status)
        return found

    assert asyncio.run(run()) <= {200, 400, 413}


MANY = pyarrow.table({"a": [0.5] * LARGEST, "b": [1] * LARGEST})
LONG = pyarrow.table({"a": ["x" * 100_000] * 200, "b": [1] * 200})
ZEROS = pyarrow.table({"a": pyarrow.array([0.0] * (LARGEST // 8 + 1))})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (as_parquet(MANY, compression="zstd"), PARQUET),
        (as_parquet(LONG), PARQUET),  # the text stands there once
        (as_stream(LONG.set_column(0, "a", LONG["a"].dictionary_encode())), STREAM),
        (as_stream(ZEROS, "zstd"), STREAM),
    ],
)
def test_what_grows_too_large_is_refused(body: bytes, kind: str) -> None:
    assert len(body) < LARGEST
    answer = ask(body, kind)
    assert answer.status == 413, answer.body
    assert "unpacked" in answer.json["message"]


def test_as_many_bodies_wait_as_may() -> None:
    body = as_parquet(GOOD)

    async def run() -> list[int]:
        async with client() as opened:
            asked = (opened.post("/invocations", body, PARQUET) for _ in range(40))
            return [answer.status for answer in await asyncio.gather(*asked)]

    assert sorted(set(asyncio.run(run()))) == [200, 503]
