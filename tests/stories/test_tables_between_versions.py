"""A table crosses between releases of pandas and numpy, both ways. Slow: it installs them by uv."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import uv
from hypothesis import HealthCheck, given, settings

import modelenv
from modelenv.worker import values
from modelenv.worker.comparing.compare import compare

from ..modelenv.table.frames import frames

pytestmark = pytest.mark.slow

ROOMS = Path(modelenv.__file__).parent
RELEASES = {
    "pandas 1.5": ("3.8", "pandas==1.5.3", "numpy<1.25", "scipy"),
    "pandas 2.0": ("3.8", "pandas==2.0.3", "numpy<1.25", "scipy"),
    "pandas 2.2": ("3.11", "pandas==2.2.3", "numpy==1.26.4", "scipy"),
    "pandas 3": ("3.12", "pandas>=3", "numpy>=2", "scipy"),
}
ECHO = """
import json, sys
rooms = type(sys)("_modelenv_rooms")
rooms.__path__ = [sys.argv[1]]
sys.modules["_modelenv_rooms"] = rooms
from _modelenv_rooms.worker import values
with open(sys.argv[2]) as file:
    described = json.load(file)
value = values.read(described)
told = values.write(value, sys.argv[3], forms=("buffers",))
assert "file" in told, told
told["seen"] = [str(dtype) for dtype in getattr(value, "dtypes", [])]
print(json.dumps(told))
"""

FRAMES = {
    "numbers": pd.DataFrame(
        {
            "f8": [np.inf, np.nan],
            "f2": np.array([0.5, 65504], "f2"),
            "i1": np.array([-1, 2], "i1"),
            "u8": np.array([0, 2**64 - 1], "u8"),
            "c": [1j, 2],
            "b": [True, False],
        }
    ),
    "masked": pd.DataFrame(
        {
            "Int64": pd.array([2**53 + 1, None], dtype="Int64"),
            "boolean": pd.array([True, None], dtype="boolean"),
            "Float32": pd.array([0.5, None], dtype="Float32"),
            "string": pd.array(["01234", None], dtype="string"),
        }
    ),
    "texts": pd.DataFrame({"a": ["ü\n", None], "b": pd.Series(["", "NA"], dtype=object)}),
    "objects": pd.DataFrame(
        {
            "mixed": pd.Series([{"a": [1, None]}, np.nan], dtype=object),
            "more": pd.Series([(1, b"x"), np.float32(0.5)], dtype=object),
            "day": [datetime.date(2026, 1, 1), None],
            "price": [decimal.Decimal("1.50"), None],
        }
    ),
    "periods": pd.DataFrame(
        {
            "month": pd.PeriodIndex(["2024-01", None], freq="M"),
            "year": pd.PeriodIndex(["2024", "2025"], freq="Y-MAR"),
            "hours": pd.PeriodIndex(["2024-01-01 03", "2024-01-01 05"], freq="2h"),
            "minutes": pd.PeriodIndex(["2024-01-01 03:07", None], freq="min"),
        }
    ),
    "intervals": pd.DataFrame(
        {
            "whole": pd.interval_range(0, 2),
            "closed": pd.interval_range(0.5, 2.5, closed="both"),
            "gap": pd.arrays.IntervalArray.from_tuples([(0.0, 1.0), None], closed="left"),
        }
    ),
    "sparse": pd.DataFrame(
        {
            "zero": pd.arrays.SparseArray([0.0, 1.5], fill_value=0.0),
            "gap": pd.arrays.SparseArray([np.nan, 1.5]),
            "whole": pd.arrays.SparseArray([0, 7], fill_value=0),
        }
    ),
    "categories": pd.DataFrame(
        {
            "a": pd.Categorical(["x", None], categories=["y", "x"], ordered=True),
            "b": pd.Categorical([2, 1]),
            "c": pd.Categorical(pd.to_datetime(["2026-01-01", "2026-01-02"])),
        }
    ),
    "times": pd.DataFrame(
        {
            "ns": pd.to_datetime(["2026-01-01T00:00:00.123456789", None]),
            "us": pd.to_datetime(["2026-01-01", None]).as_unit("us"),
            "zone": pd.to_datetime(["2026-07-01", None]).tz_localize("Europe/Amsterdam"),
            "step": pd.to_timedelta(["-1 days +02:00:00", None]),
        },
        index=pd.date_range("2026-01-01", periods=2, name="day"),
    ),
    "labels": pd.DataFrame(
        [[1, 2]],
        columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
        index=pd.MultiIndex.from_tuples([("r", 7)]),
    ),
    "numbered": pd.DataFrame([[1.5, 2]], index=[9]),
    "same names": pd.DataFrame([[1.5, 2]], columns=["a", "a"]),
}
ARRAYS = {
    "infinite": np.asfortranarray([[np.inf, -0.0], [np.nan, 1]]),
    "complex": np.array([1j, np.nan]),
    "instants": np.array(["2026-01-01", "NaT"], "M8[s]"),
    "texts": np.array([["a", "ü"]]),
    "fields": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", ">f8")]),
    "objects": np.array([{"a": 1}, None], dtype=object),
    "half": np.float16(0.5),
}
OTHERS = {
    "masked": np.ma.masked_array([1.5, np.nan, 2.5], [False, False, True], fill_value=7.0),
    "rows": scipy.sparse.csr_matrix([[0, 1.5], [0, 0]]),
    "places": scipy.sparse.coo_matrix([[0, 1.5], [0, 0]]),
    "diagonals": scipy.sparse.dia_matrix(np.eye(3)),
    "index": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
    "plain": {
        "when": (datetime.time(1, 2), datetime.timedelta(3), datetime.date(2024, 1, 1)),
        "ids": [uuid.UUID(int=7), fractions.Fraction(1, 3), decimal.Decimal("1.50")],
        "sets": [{1, 2}, frozenset("a"), range(3), collections.Counter("aab")],
        "numbers": [1j, float("inf"), 10**30, b"x", np.complex64(1j)],
    },
}


@pytest.fixture(scope="module", params=list(RELEASES))
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with one of the releases."""
    version, *lines = RELEASES[request.param]
    folder = tmp_path_factory.mktemp("there") / "env"
    program = uv.find_uv_bin()
    ended = subprocess.run(
        [program, "venv", "--quiet", "--python", version, "--no-python-downloads", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        pytest.skip(f"there is no Python {version} here")
    python = folder / "bin" / "python"
    install = [program, "pip", "install", "--quiet", "--python", str(python), *lines]
    subprocess.run(install, check=True)
    return python


def there_and_back(value: Any, python: Path, folder: Path) -> tuple[Any, list[str]]:
    described = values.write(value, str(folder / "there"), forms=("buffers",))
    assert "file" in described, described
    (folder / "told.json").write_text(json.dumps(described))
    command = [
        str(each) for each in (python, "-c", ECHO, ROOMS, folder / "told.json", folder / "back")
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    return values.read(told), told["seen"]


def expected_dtypes(frame: pd.DataFrame, python: Path) -> list[str]:
    """Return what an older pandas makes of dtypes that it does not have."""
    said = subprocess.run(
        [python, "-c", "import pandas; print(pandas.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    major = int(said.stdout.partition(".")[0])
    dtypes = list(map(str, frame.dtypes))
    if major < 3:
        dtypes = ["object" if dtype == "str" else dtype for dtype in dtypes]
    if said.stdout < "2.2":
        named = {"period[Y-": "period[A-", "period[2h]": "period[2H]", "period[min]": "period[T]"}
        for new, old in named.items():
            dtypes = [dtype.replace(new, old) for dtype in dtypes]
    if major < 2:
        dtypes = [dtype.replace("[us", "[ns") for dtype in dtypes]
    return dtypes


@pytest.mark.parametrize("name", list(FRAMES))
def test_a_frame_crosses_and_comes_back(name: str, python: Path, tmp_path: Path) -> None:
    frame = FRAMES[name]
    back, seen = there_and_back(frame, python, tmp_path)
    assert seen == expected_dtypes(frame, python)
    if seen != list(map(str, frame.dtypes)):  # there is more to a dtype's name in one pandas
        back = back.astype(frame.dtypes.to_dict())
    pd.testing.assert_frame_equal(
        back,
        frame,
        check_dtype=False,
        check_exact=True,
        check_index_type=False,
        check_column_type=False,
        check_categorical=False,
    )
    for column in frame:
        assert list(back[column].isna()) == list(frame[column].isna())


@pytest.mark.parametrize("name", list(ARRAYS))
def test_an_array_crosses_and_comes_back(name: str, python: Path, tmp_path: Path) -> None:
    array = ARRAYS[name]
    back, _ = there_and_back(array, python, tmp_path)
    np.testing.assert_array_equal(back, array)
    assert (type(back), back.dtype, back.shape) == (type(array), array.dtype, array.shape)
    assert np.signbit(back).tolist() == np.signbit(array).tolist() if name == "infinite" else True


@pytest.mark.parametrize("name", list(OTHERS))
def test_what_else_has_a_type_crosses_and_comes_back(
    name: str, python: Path, tmp_path: Path
) -> None:
    value = OTHERS[name]
    back, _ = there_and_back(value, python, tmp_path)
    assert compare(value, back)["equal"] == "exactly"


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(frame=frames())
def test_any_frame_crosses_to_this_release_and_comes_back(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    back, seen = there_and_back(frame, Path(sys.executable), tmp_path)
    assert seen == list(map(str, frame.dtypes))
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
