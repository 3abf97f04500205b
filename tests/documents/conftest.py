"""What readers of the documents start with."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from .given import INDEX, Shelf


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("given"))


@pytest.fixture
def variables(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a reader whose folder is `me`: programs there come first.

    What was served and verified before is kept with this reader alone.
    """
    here = tmp_path / "me"
    (tmp_path / ".curlrc").write_text("silent\nshow-error\n")
    programs = (here / ".venv" / "bin", here / "bin", Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
        "CURL_HOME": str(tmp_path),
        "MODELENV_STATE_DIR": str(tmp_path / "state"),
        **INDEX,
    }
