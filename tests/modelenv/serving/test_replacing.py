"""A folder is replaced under load: no request is lost, and a folder that fails changes nothing."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .serving import Server, serving


def write(source: Path, folder: Path, *, says: str = "", breaks: bool = False) -> None:
    """Put a copy of a folder in another's place; its model says something, or does not load."""
    new = folder.with_name("new")
    shutil.copytree(source, new)
    code = new / "code" / "obedient.py"
    text = code.read_text().replace("return [each.upper()", f"return ['{says}' + each.upper()")
    code.write_text(f"raise RuntimeError('br0ken')\n{text}" if breaks else text)
    if folder.exists():
        folder.rename(folder.with_name("old"))
    new.rename(folder)
    shutil.rmtree(folder.with_name("old"), ignore_errors=True)


@contextmanager
def load(server: Server, clients: int = 2) -> Iterator[Counter[str]]:
    """Ask all the while; count the answers."""
    answers: Counter[str] = Counter()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            status, told = server.predict("x")
            answers[told[0] if status == 200 else f"{status} {told['message']}"] += 1

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


def version_of(server: Server) -> str:
    """Return the version that it serves."""
    told = server.get("/v2/models/model")[1]
    assert isinstance(told, dict)
    return str(told["versions"][0])


def test_a_folder_is_replaced_and_no_request_is_lost(obedient: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write(obedient, folder, says="1")
    with serving(tmp_path / "s", "-m", str(folder)) as server:
        first = version_of(server)
        with load(server) as answers:
            write(obedient, folder, says="2")
            server.process.send_signal(signal.SIGHUP)
            server.until("reloaded")
        assert set(answers) <= {"1X", "2X"}
        assert answers["1X"]
        assert server.predict("x") == (200, ["2X"])
        assert version_of(server) != first

        write(obedient, folder, breaks=True)  # the old one serves on, and it is said
        server.process.send_signal(signal.SIGHUP)
        assert "br0ken" in server.until("reload_failed")[0]["message"]
        assert server.predict("x") == (200, ["2X"])
        status, told = server.get("/ready")
        assert status == 200
        assert "br0ken" in told["notes"][0]
        page = server.get("/metrics")[1]
        assert 'modelenv_reload_failures_total{model="model"} 1.0' in page
        assert 'modelenv_reloads_total{model="model"} 1.0' in page

        write(obedient, folder, says="3")  # its worker dies: another of the old ones is not to be
        os.kill(server.workers[0], signal.SIGKILL)
        server.until("reloaded", 2)
        assert server.predict("x") == (200, ["3X"])
        assert "notes" not in server.get("/ready")[1]
        assert len(server.workers) == 1


@pytest.mark.slow
def test_a_watched_folder_is_taken_anew_once_it_rests(obedient: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write(obedient, folder, says="1")
    with serving(tmp_path / "s", "-m", str(folder), "--reload", "--workers", "2") as server:
        assert server.predict("x") == (200, ["1X"])
        for number in (2, 3):
            with load(server) as answers:
                write(obedient, folder, says=str(number))
                server.until("reloaded", number - 1)
            assert set(answers) <= {f"{number - 1}X", f"{number}X"}
            assert server.predict("x") == (200, [f"{number}X"])


@pytest.mark.slow
def test_what_takes_long_is_answered_by_the_old_one(obedient: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write(obedient, folder, says="1")
    with serving(tmp_path / "s", "-m", str(folder)) as server:
        answers = []
        slow = threading.Thread(target=lambda: answers.append(server.predict("sleep 6")))
        slow.start()
        while not server.get("/metrics")[1].count('workers_busy{model="model"} 1.0'):
            time.sleep(0.02)
        write(obedient, folder, says="2")
        server.process.send_signal(signal.SIGHUP)
        server.until("reloaded")
        assert server.predict("x") == (200, ["2X"])
        assert not answers
        slow.join()
        assert answers == [(200, ["1SLEEP 6"])]
