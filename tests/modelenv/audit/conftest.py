"""Models whose MLmodel says all that a saved one says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ...small_worlds import PYTHON
from ..export.worlds import described

Pinned = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def pinned(model: Callable[..., Path]) -> Pinned:
    """Write the folder of a model with some pins; nothing is installed of them."""

    def write(pins: Mapping[str, str]) -> Any:
        return described(model(dict(pins)), PYTHON)

    return write
