"""Invalid limits, names and addresses are refused before anything is started."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.arguments import BadArgumentError
from modelenv.base.errors import WrongUseError
from modelenv.serving.models.opening import places
from modelenv.serving.models.replacing import Errands
from modelenv.serving.observing.log import Log
from modelenv.serving.server import ServerOptions, Stopped, ended_by_signals
from modelenv.serving.workers.pool import Limits

from .serving import serving


@pytest.mark.parametrize(
    "given",
    [
        *({"port": port} for port in (-1, 2**16, 70_000, 1.5, True, "80")),
        *({"limits": Limits(batch_wait=wait)} for wait in (math.nan, math.inf, -0.001)),
        *({"limits": Limits(batch=batch)} for batch in (0, 1001)),
        *({"limits": Limits(timeout=timeout)} for timeout in (0, math.nan)),
        *({"grace": grace} for grace in (0, -1, math.nan)),
    ],
    ids=str,
)
def test_what_is_no_limit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadArgumentError) as refused:
        ServerOptions(**given)
    assert "65535, and 65535" not in str(refused.value)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\nb"])
def test_what_an_address_cannot_hold_is_no_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match=r"is no valid name"):
        modelenv.serve({name: tmp_path}, port=0)


def test_dots_alone_are_no_name_on_the_command_line_too() -> None:
    for text in ("..=folder", ".=folder"):
        with pytest.raises(WrongUseError, match=r"is no valid name"):
            places([text])
    assert places(["a.b=folder", "..."])[0].name == "a.b"


@pytest.mark.parametrize("wait", [math.nan, math.inf, -1, "soon", None])
def test_no_wait_is_none(wait: Any, tmp_path: Path) -> None:
    with pytest.raises(BadArgumentError, match="batch_wait must be a number of milliseconds"):
        modelenv.serve(tmp_path, port=0, batch_wait=wait)


def test_a_file_that_cannot_be_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "below", tmp_path, Path("/proc/none/log")):
        with pytest.raises(WrongUseError, match="cannot be written"):
            modelenv.serve(tmp_path, port=0, watch_log=place)


def _ticks(process: int) -> int:
    """Return the hundredths of a second that a process has computed for."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no system that tells")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_heard_before_anything_is_opened(
    obedient: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with serving(tmp_path / "s", "-m", str(obedient)) as server:
        threads, limit = Path(f"/proc/{server.process.pid}/task"), time.monotonic() + 30
        while len([*threads.iterdir()]) < 2:  # the second is the log's
            assert time.monotonic() < limit
            time.sleep(0.001)
        soon = _ticks(server.process.pid) + 3  # by its own clock, however busy the machine is
        while _ticks(server.process.pid) < soon and time.monotonic() < limit:
            time.sleep(0.001)
        server.process.send_signal(number)
        if number == signal.SIGHUP:
            assert server.predict("a") == (200, ["A"])
        else:
            assert server.process.wait(60) == 0
            assert server.log("stopping")[0]["signal"] == number.name
            assert server.log("stopped")


class Late:
    """What is cleaned up as a signal comes."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_is_heard_where_python_lets_nothing_be_raised(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        log, errands = Log(file.fileno()), Errands()
        with ended_by_signals(errands, log):
            late = Late()
            del late
            stop = errands.next(pause=0)
            with pytest.raises(Stopped, match="SIGTERM"):
                stop(None)  # type: ignore[arg-type]  # it asks nobody
        log.close()


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "prometheus_client"])
def test_a_package_that_is_missing_is_told_with_the_extra(package: str, tmp_path: Path) -> None:
    without = f"import sys; sys.modules[{package!r}] = None; "
    called = f"from modelenv.cli import main; main(['serve', '-m', {str(tmp_path)!r}])"
    words = [sys.executable, "-c", without + called]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    told = (
        f"serving needs {package}, which is not installed: pip install 'modelenv[serve]' [ME0002]"
    )
    assert (ended.returncode, ended.stderr) == (2, f"modelenv: {told}\n")
