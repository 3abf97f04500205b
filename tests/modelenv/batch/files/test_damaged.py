"""A file that is cut off or damaged is named, wherever reading ends."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from modelenv.base.errors import WrongUseError
from modelenv.batch.files.run_files import RowsRefusedError

from .running import ONE, predicted

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 5000
_CHANCE = random.Random(1)
VALUES = [_CHANCE.random() for _ in range(ROWS)]


def cut(file: Path) -> None:
    """Leave the first half of a file."""
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize("end", ["csv.gz", "jsonl.gz"])
def test_a_compressed_file_that_is_cut_off_is_named(tmp_path: Path, end: str) -> None:
    file = tmp_path / f"in.{end}"
    lines = [f'{{"x": {each}}}' for each in VALUES] if "json" in end else ["x", *map(str, VALUES)]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    cut(file)
    with pytest.raises((RowsRefusedError, WrongUseError), match=rf"in\.{end}.*cut off or damaged"):
        predicted(file, tmp_path / "out.parquet", takes=ONE, batch_rows=1000)
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("end", ["csv.gz", "jsonl.gz"])
def test_what_is_not_compressed_at_all_is_named(tmp_path: Path, end: str) -> None:
    file = tmp_path / f"in.{end}"
    file.write_text("x\n1\n")
    with pytest.raises(WrongUseError, match=rf"in\.{end}: it is cut off or damaged"):
        predicted(file, tmp_path / "out.parquet", takes=ONE)


def test_a_stream_that_is_cut_off_is_named(tmp_path: Path) -> None:
    file = tmp_path / "in.arrows"
    with ipc.new_stream(str(file), pa.schema({"x": pa.float64()})) as writer:
        writer.write_table(pa.table({"x": VALUES}), max_chunksize=1000)
    cut(file)
    with pytest.raises(RowsRefusedError, match=r"in\.arrows, from row 2000 on: it is cut off"):
        predicted(file, tmp_path / "out.parquet", takes=ONE, batch_rows=1000)


def test_a_page_that_is_damaged_is_named(tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    pq.write_table(pa.table({"x": VALUES}), file, row_group_size=1000)
    content = bytearray(file.read_bytes())
    half = len(content) // 2
    content[100:half] = bytes(half - 100)
    file.write_bytes(content)
    with pytest.raises(RowsRefusedError, match=r"in\.parquet, from row \d+ on: it is cut off or"):
        predicted(file, tmp_path / "out.parquet", takes=ONE, batch_rows=1000)
