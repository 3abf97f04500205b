"""A model that needs nothing but Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from .worlds import save


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that writes texts in capitals; nothing changes it."""
    return save(tmp_path_factory.mktemp("words") / "words").path
