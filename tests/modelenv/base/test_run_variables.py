"""The variables that a run read are known from what it loaded, and no others are looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelenv.base import run_variables
from modelenv.base.run_variables import read_variables

SET = {
    "PYTHONHASHSEED": "7",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "JAX_ENABLE_X64": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "AWS_SECRET_ACCESS_KEY": "hush",
    "PYTHONPATH": "/somewhere",
    "HOME": "/home/me",
}


@pytest.mark.parametrize(
    ("modules", "libraries", "names"),
    [
        ((), (), ["PYTHONHASHSEED"]),
        (("numpy.linalg",), (), ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED"]),
        ((), ("libgomp-a34b.so.1",), ["OMP_NUM_THREADS", "PYTHONHASHSEED"]),
        ((), ("libscipy_openblas64_-1.so",),
         ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED"]),
        (("tokenizers",), ("libc.so.6",), ["PYTHONHASHSEED", "TOKENIZERS_PARALLELISM"]),
        (("numpy_financial", "my.numpy"), (), ["PYTHONHASHSEED"]),
    ],
)  # fmt: skip
def test_those_are_read_that_what_was_loaded_reads(
    modules: tuple[str, ...], libraries: tuple[str, ...], names: list[str]
) -> None:
    found = read_variables(SET, modules, libraries)
    assert list(found) == names
    assert all(found[name] == SET[name] for name in names)


@pytest.mark.parametrize("value", ["", "random"])
def test_what_is_as_if_it_were_not_set_is_not_read(value: str) -> None:
    assert read_variables({"PYTHONHASHSEED": value}, (), ()) == {}


def test_every_entry_of_the_table_says_who_reads_it_and_where_that_is_stated() -> None:
    table = json.loads(Path(run_variables.__file__).with_suffix(".json").read_text("utf-8"))
    entries = table["read_by_what_is_loaded"]
    assert all(each["source"].startswith("https://") for each in entries)
    assert all(each.get("modules") or each.get("libraries") for each in entries)
    names = [name for each in entries for name in each["names"]]
    assert len(set(names)) == len(names)
