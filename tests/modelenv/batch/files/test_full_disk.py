"""On a full disk the refused file is named, and the run can be continued."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .running import ONE, predicted

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 4000
PROGRAM = """
import resource, signal, sys
from pathlib import Path
import pyarrow.parquet
from modelenv.base.files.disk import placing
from tests.modelenv.batch.files.running import ONE, predicted
folder, name, rows, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    with placing(folder / "elsewhere"):
        predicted(folder / "in.parquet", folder / name, takes=ONE, batch_rows=rows)
except OSError as error:
    print(error.filename)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file is limited there")
@pytest.mark.parametrize(
    ("name", "rows", "limit", "refused"),
    [
        pytest.param("out.csv", ROWS, 20_000, "000000-00000000.arrow", marks=pytest.mark.slow),
        ("out.csv", 500, 20_000, "whole.csv"),
        pytest.param("out.parquet", 500, 20_000, "whole.parquet", marks=pytest.mark.slow),
        pytest.param("out.csv", ROWS, 10, "plan.json", marks=pytest.mark.slow),
    ],
)
def test_what_the_disk_refuses_is_named(
    tmp_path: Path, name: str, rows: int, limit: int, refused: str
) -> None:
    content = {"x": [each / 7 for each in range(ROWS)]}
    pq.write_table(pa.table(content), tmp_path / "in.parquet")
    words = [sys.executable, "-c", PROGRAM, str(tmp_path), name, str(rows), str(limit)]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == str(tmp_path / f"{name}.parts" / refused)
    assert not (tmp_path / name).exists()
    done = predicted(tmp_path / "in.parquet", tmp_path / name, takes=ONE, batch_rows=rows)
    assert (done.rows, done.resumed) == (ROWS, ROWS if refused.startswith("whole") else 0)
