"""The matrix of docs/tracer.md, cell by cell: what `trace()` sees of each kind, on each Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = "{}.{}".format(*sys.version_info[:2])
FILES = {
    "fruit/__init__.py": "from . import apple\n",
    "fruit/apple.py": "",
    "jobs.py": "def work(number=0):\n    import fruit\n    return number\n",
    "lazily.py": "lazy import fruit\n",
}
POOL = """
        from concurrent.futures import ProcessPoolExecutor
        context = multiprocessing.get_context({method!r})
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            pool.submit(jobs.work).result()
"""
KINDS = {
    "imports": "jobs.work()",
    "lazy imports": "import lazily; lazily.fruit.apple",
    "threads": ("thread = threading.Thread(target=jobs.work); thread.start(); thread.join()"),
    "fork": POOL.format(method="fork"),
    "forkserver": POOL.format(method="forkserver"),
    "spawn": POOL.format(method="spawn"),
    "loky": """
        from joblib.externals.loky import get_reusable_executor
        pool = get_reusable_executor(1)
        pool.submit(jobs.work).result()
        pool.shutdown(wait=True)
""",
    "subinterpreters": """
        inner = interpreters.create()
        interpreters.run_string(inner, "import sys; sys.path.insert(0, '.'); import fruit")
        interpreters.destroy(inner)
""",
    "subprocess": "subprocess.run([sys.executable, '-c', 'import fruit'], check=True)",
    "subprocess `-I`": (
        "subprocess.run([sys.executable, '-Ic', 'import sys; sys.path.append(\".\");"
        " import fruit'], check=True)"
    ),
    "an older pool": "older.submit(jobs.work).result()",
}
PROGRAM = """
import multiprocessing, subprocess, sys, threading
from concurrent.futures import ProcessPoolExecutor
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import jobs
from tracer import trace
if __name__ == "__main__":
    {before}
    with trace() as seen:
        {body}
    unseen = any(note.startswith("unseen: ") for note in seen.trace.notes)
    print("seen" if "fruit.apple" in seen.modules else "named" if unseen else "unseen")
    {after}
"""
BEFORE = """
    older = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    older.submit(abs, 1).result()
"""


def table() -> Mapping[str, Mapping[str, str]]:
    """Read the page: for each Python what it says of each kind."""
    lines = (ROOT / "docs" / "tracer.md").read_text("utf-8").splitlines()
    (head,) = (place for place, line in enumerate(lines) if line.startswith("| Python |"))
    names = cells(lines[head])[1:]
    rows = {}
    for line in lines[head + 2 :]:
        if not line.startswith("|"):
            break
        python, *found = cells(line)
        rows[python] = dict(zip(names, found, strict=True))
    return rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


TABLE = table()


def python_of(version: str) -> Path:
    if version == HERE:
        return Path(sys.executable)
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*")):
        if (folder / "bin" / "python").exists():
            return folder / "bin" / "python"
    found = Path(f"/usr/bin/python{version}")
    if not found.exists():
        pytest.skip(f"Python {version} is not here")
    return found


def result_of(python: Path, kind: str, folder: Path) -> str:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    before, after = (BEFORE, "older.shutdown()") if kind == "an older pool" else ("", "")
    program = PROGRAM.format(before=before.strip(), body=KINDS[kind].strip(), after=after)
    (folder / "program.py").write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("TMPDIR", None)  # a fork server's socket has no room for a long path
    done = subprocess.run(
        [str(python), "program.py"],
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return re.sub(r"\s", "", done.stdout.splitlines()[-1])


def test_the_page_tells_of_every_python_and_kind() -> None:
    assert list(TABLE) == ["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
    assert {tuple(row) for row in TABLE.values()} == {tuple(KINDS)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "version",
    [each if each == HERE else pytest.param(each, marks=pytest.mark.slow) for each in TABLE],
)
def test_each_cell_is_what_happens(version: str, kind: str, tmp_path: Path) -> None:
    said, python = TABLE[version][kind], python_of(version)
    if said == "none":
        assert kind == "lazy imports"
        pytest.skip(f"Python {version} has none")
    if kind == "loky":
        for name in ("joblib", "cloudpickle"):  # which any of these Pythons can import
            folder = Path(pytest.importorskip(name).__file__).parent
            (tmp_path / name).symlink_to(folder, target_is_directory=True)
    assert result_of(python, kind, tmp_path) == said
