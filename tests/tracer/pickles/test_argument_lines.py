"""The arguments of opcodes that stand as lines are read as the unpickler in C reads them."""

from __future__ import annotations

import io
import pickle
import sys
from pathlib import Path

import pytest

from tracer import survey_pickles
from tracer.pickles import lines, opcodes
from tracer.pickles.opcodes import BeyondError, Budget, PickleStream


@pytest.mark.parametrize("text", ["0", "-7", "0x1f", "0o17", "0b11", "1_000", " 5"])
def test_a_whole_number_is_read_as_pickle_reads_it(text: str) -> None:
    line = text.encode("ascii")
    try:
        read = pickle.loads(b"I" + line + b"\n.")
    except ValueError:
        # Since 3.14.10 that is no longer read; whoever unpickles it may have an older Python.
        assert sys.version_info >= (3, 14)
        assert text[:2] in ("0x", "0o", "0b")
        assert lines.integer(line) == int(text, 0)
        return
    assert lines.integer(line) == read
    assert lines.integer(line + b"L") == pickle.loads(b"L" + line + b"L\n.")


def test_a_place_in_the_memo_is_decimal() -> None:
    assert lines.place(b"12") == 12
    with pytest.raises(ValueError, match="invalid literal"):
        lines.place(b"0x1")


def test_a_name_may_be_in_any_script() -> None:
    data = "cbücher\nLöwe\n.".encode()
    stream = PickleStream(io.BytesIO(data), Budget.of(len(data)))
    assert next(opcodes.opcodes(stream))[1] == ("bücher", "Löwe")


def test_a_line_longer_than_is_read_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    stream = PickleStream(io.BytesIO(b"x" * (1 << 20) + b"\n"), Budget.of(1))
    with pytest.raises(BeyondError, match="a line of more than"):
        stream.readline()
    with pytest.raises(ValueError, match="cut off"):
        PickleStream(io.BytesIO(b"abc"), Budget.of(1)).readline()
    (tmp_path / "words").write_bytes(b"V" + b"x" * (1 << 20) + b"\n.")
    survey = survey_pickles(tmp_path / "words")
    assert (survey.texts, "not read to its end" in survey.unscanned[0].reason) == (0, True)


def test_bytes_may_be_looked_at_before_they_are_read() -> None:
    stream = PickleStream(io.BytesIO(b"ab\ncd\n"), Budget.of(6))
    assert stream.peek(4) == b"ab\nc"
    assert (stream.readline(), stream.read(2), stream.readline()) == (b"ab\n", b"cd", b"\n")
    assert stream.at_end
