"""Any frame comes back equal and of the same dtypes: of buffers, of JSON, and of CSV."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
from hypothesis import assume, given

from modelenv.table import values
from modelenv.table.crossing import raw
from modelenv.table.incoming.document import read_document, read_table
from modelenv.table.incoming.rows import read_csv
from modelenv.worker.value_types import take_apart

from .frames import frames


def built(parts: Any) -> Any:
    return values.build(parts[0], iter(parts[1]))


@given(frame=frames())
def test_any_frame_comes_back_of_its_buffers(frame: pd.DataFrame) -> None:
    data = b"".join(raw.to_bytes(*values.take(frame)))
    pd.testing.assert_frame_equal(built(raw.from_bytes(data)), frame, check_exact=True)


@given(frame=frames(finite=True))
def test_any_frame_of_finite_numbers_comes_back_of_json(frame: pd.DataFrame) -> None:
    described, data = take_apart(frame)
    text = json.dumps(data, allow_nan=False)
    told = json.loads(json.dumps(described))
    for document in (json.loads(text), {"dataframe_split": json.loads(text)}):
        back = built(read_document(document, told))
        pd.testing.assert_frame_equal(back, frame, check_exact=True)


@given(frame=frames(finite=True, least=1))
def test_records_become_the_example_s_types(frame: pd.DataFrame) -> None:
    described, data = take_apart(frame)
    records = [dict(zip(data["columns"], row, strict=True)) for row in data["data"]]
    back = built(read_document({"dataframe_records": records}, described))
    pd.testing.assert_frame_equal(back, frame, check_exact=True)


@given(frame=frames(least=1))
def test_what_to_csv_wrote_becomes_the_example_s_types(frame: pd.DataFrame) -> None:
    """A missing text is an empty one there."""
    text = frame.to_csv()
    assume("\r" not in text)  # which Python's writer leaves without quotes, before 3.13
    written = io.StringIO(text, newline="")
    described, _ = values.take(frame)
    back = built(read_table(read_csv(written), described))
    for place, name in enumerate(frame.columns):
        told, cells = described["types"][place], frame[name]
        kind = told if isinstance(told, str) else told["kind"]
        if kind in ("string", "object"):
            assert back[name].tolist() == ["" if pd.isna(cell) else cell for cell in cells]
        elif kind == "category":
            # A gap is the category "", where there is one.
            told_gap = 0 if "" not in told["categories"] else told["categories"].index("") + 1
            expected = [code if code >= 0 else told_gap - 1 for code in cells.cat.codes]
            assert back[name].dtype == cells.dtype
            assert back[name].cat.codes.tolist() == expected
        else:
            pd.testing.assert_series_equal(back[name], cells, check_exact=True)
