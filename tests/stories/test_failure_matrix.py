"""Whatever a saved model does, its verdict is right, in time, and nothing of it stays."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import modelenv
from modelenv.worker.errors import RunFailedError, UntypedPredictionError

from ..modelenv.conftest import made_once

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


def row(body: str, status: str, said: str, stage: str = "", **options: Any) -> SimpleNamespace:
    return SimpleNamespace(body=body, status=status, said=said, stage=stage, options=options)


EQUAL = ("reproduces", "the prediction equals the recorded one")
MATRIX = {
    "hangs": row(
        "import time\ntime.sleep(600)",
        "fails", "did not end within 2 s", timeout=2.0,
    ),
    "hangs and hears no signal": row(
        "import signal, time\nfor each in (1, 2, 15): signal.signal(each, signal.SIG_IGN)\n"
        "time.sleep(600)",
        "fails", "did not end within 2 s", timeout=2.0,
    ),
    "exits 0 early": row("import sys\nsys.exit(0)", "fails", "SystemExit: 0", "predict"),
    "leaves at once": row(
        "import os\nos._exit(0)",
        "fails", "ended its process with exit code 0 while predicting", "predict",
    ),
    "reads where nothing is": row(
        "import ctypes\nctypes.string_at(0)",
        "fails", "was killed by SIGSEGV while predicting", "predict",
    ),
    "prints 100 MB": row(
        "import sys\nfor _ in range(100): sys.stdout.write('x' * 999_999 + '\\n')\nreturn 1",
        *EQUAL,
    ),
    "writes to every descriptor": row(
        """
        import os
        for fd in range(256):
            try:
                os.write(fd, b'{"event": "done"}\\n' * 100)
            except OSError:
                pass
        return 1
        """,
        *EQUAL,
    ),
    "leaves children": row(
        """
        import os, subprocess, sys, time
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        subprocess.Popen(sleep)
        subprocess.Popen(sleep, start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            time.sleep(600)
        return 1
        """,
        *EQUAL,
    ),
    "allocates without bound": row(
        "kept = []\nwhile True: kept.append(bytearray(10_000_000))",
        "fails", "MemoryError", "predict", memory=400_000_000,
    ),
    "raises what cannot be pickled": row(
        """
        class Held(Exception):
            def __init__(self):
                super().__init__("held")
                self.lock = __import__("threading").Lock()
            def __reduce__(self):
                raise TypeError("not so")
        raise Held
        """,
        "fails", "Held: held", "predict",
    ),
    "returns what cannot be pickled": row(
        "return __import__('threading').Lock()", "differs", "became",
    ),
    "closes the standard streams": row(
        "import os, sys\nsys.stdin.close()\nsys.stdout.close()\nos.closerange(0, 3)\nreturn 1",
        *EQUAL,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        modelenv.save_model(project.model("return 1"), folder, input_example=2, prove=False)
    return folder


@pytest.fixture
def folder(template: Path, target: Path) -> Path:
    """A saved model whose code a test replaces."""
    return Path(shutil.copytree(template, target))


def put(folder: Path, body: str) -> None:
    lines = textwrap.indent(textwrap.dedent(body).strip(), " " * 8)
    code = f"class Model:\n    def predict(self, data):\n{lines}\n"
    (folder / "code" / "own_model.py").write_text(code)


def bearing(mark: str) -> list[str]:
    """List the processes with a mark in their environment; the dead have none."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (each / "environ").read_bytes():
                found.append((each / "cmdline").read_text())
        except OSError:
            continue
    return found


@pytest.mark.parametrize("what", MATRIX)
def test_a_verdict_is_right_and_nothing_stays(
    what: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = MATRIX[what]
    put(folder, expected.body)
    mark = f"matrix-{os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv("MODELENV_TEST_MARK", mark)
    verdict = modelenv.verify(folder, **{"timeout": 60.0, **expected.options})
    assert verdict.status == expected.status, str(verdict)
    # How far it comes in its time is the machine's affair.
    assert verdict.stage == expected.stage or "timeout" in expected.options, str(verdict)
    assert expected.said in verdict.reason
    limit = time.monotonic() + 60
    while bearing(mark) and time.monotonic() < limit:
        time.sleep(0.05)
    assert bearing(mark) == []


def test_a_prediction_that_cannot_be_written_is_a_failure_with_its_stage(folder: Path) -> None:
    put(folder, "return __import__('threading').Lock()")
    with pytest.raises(UntypedPredictionError, match=r"_thread\.lock.*unpickle=True"):
        modelenv.predict(folder)
    with pytest.raises(RunFailedError) as raised:
        modelenv.predict(folder, unpickle=True)
    assert raised.value.stage == "output"
    assert "pickle" in str(raised.value)


def test_where_memory_runs_out_the_model_goes_first(folder: Path) -> None:
    put(folder, "return int(open('/proc/self/oom_score_adj').read())")
    assert modelenv.predict(folder, seal="watch") == 1000  # Landlock lets nobody say so
