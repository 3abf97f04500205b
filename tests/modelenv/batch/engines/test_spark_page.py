"""The how-to on Spark does what it says."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ....documents.conftest import shelf, variables
from ....documents.given import Shelf
from ....documents.pages import blocks, given
from ....documents.running import read_page, reader

__all__ = ["shelf", "variables"]


@pytest.mark.slow
def test_a_reader_goes_through_it(
    shelf: Shelf, variables: Mapping[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("pyspark")
    me = tmp_path / "me"
    shelf.place(given("docs/how-to/spark.md"), me)
    nodes = os.environ.get("MODELENV_NODES", sys.executable)
    with reader(me, {**variables, "PYSPARK_PYTHON": nodes}) as here:
        assert read_page(blocks("docs/how-to/spark.md"), here) >= 5
