"""Tracing changes no behaviour: CPython's own tests of the import system say so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITES = ("test.test_importlib", "test.test_import")
PROGRAM = """
import contextlib, io, sys, unittest
sys.path.insert(0, sys.argv[1])
import tracer
context = tracer.trace() if sys.argv[2] == "traced" else contextlib.nullcontext()
del sys.path[0]
with context:
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[3:])
    with contextlib.redirect_stdout(io.StringIO()):
        result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
bad = [test.id() for test, _ in result.failures + result.errors]
print(result.testsRun, len(result.skipped), sorted(bad))
"""


@pytest.mark.slow
def test_cpythons_tests_of_imports_end_the_same_inside_a_trace(
    python: Path, tmp_path: Path
) -> None:
    has_them = subprocess.run(
        [str(python), "-c", "import sys, test.test_import; sys.exit(sys.version_info < (3, 10))"],
        capture_output=True,
        check=False,
    )
    if has_them.returncode != 0:
        pytest.skip("this interpreter has no tests, or is too old for the whole tracer")
    ends = []
    for how in ("plain", "traced"):
        done = subprocess.run(
            [str(python), "-c", PROGRAM, str(ROOT), how, *SUITES],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        ends.append(done.stdout)
    assert ends[0] == ends[1]
    assert int(ends[0].split()[0]) > 1000
