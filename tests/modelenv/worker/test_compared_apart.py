"""The process that compares for the one that predicted has nothing of the model's folder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from modelenv.folder.documents.names import LOADER_SOURCE
from modelenv.worker import process
from modelenv.worker.job import Job

from ..conftest import HERE

# How a folder has a file of its own run by each Python that is started with its variables and in
# its working folder.
WAYS = {
    "a site customization": ("sitecustomize.py", {"PYTHONPATH": "."}),
    "a library's name": ("pandas.py", {"PYTHONPATH": "."}),
}


def folder_job(bench: Any, body: str) -> Job:
    """Return a job on what stands as a model's folder does."""
    loader = bench.code / LOADER_SOURCE.name
    shutil.copy(LOADER_SOURCE, loader)
    recorded = bench.recorded(pd.DataFrame({"a": [1.0], "t": ["x"]}))
    job: Job = bench.job(body, output=None)
    return replace(job, loader=loader, expected=recorded)


@pytest.mark.parametrize("way", WAYS)
def test_no_file_of_the_folder_runs_where_it_is_compared(bench, tmp_path: Path, way: str) -> None:
    name, variables = WAYS[way]
    said = tmp_path / "said"
    file = bench.root / "working" / name
    file.parent.mkdir(parents=True)
    file.write_text(f"open({str(said)!r}, 'a').write('ran\\n')")
    body = """
        import os, sys
        sys.path[:] = [each for each in sys.path if os.path.abspath(each) != os.getcwd()]
        sys.modules.pop("pandas", None)
        import pandas
        return pandas.DataFrame({"a": [2.0], "t": ["x"]})
    """
    job = replace(folder_job(bench, body), variables=variables)
    ended = process.run(job, HERE, timeout=30)
    assert ended.compared is not None, ended.failure
    assert (ended.compared.equal, ended.compared.inside) == ("no", False)
    ran = said.read_text().count("ran") if said.exists() else 0
    assert ran <= 1  # in the process that predicted


def test_nothing_of_the_folder_is_there_for_it(bench) -> None:
    job = folder_job(bench, "return 1")
    (bench.root / "working").mkdir()
    made = {"type": "made", "encoding": "buffers", "file": "/made.buffers"}
    other = replace(job, variables={"TZ": "UTC"}, hash_seed="1").comparing(made)
    assert (job.folder, other.folder, other.working) == (bench.root, None, None)
    assert job.expected is not None
    assert set(other.reads) == {Path("/made.buffers"), Path(job.expected["file"])}
    assert (other.code, other.writes, dict(other.environment)) == ((), (), {"PYTHONHASHSEED": "1"})
