"""Each line of a log is whole, however it is read; what is lost is counted."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from modelenv.serving.observing.log import Log


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line]


@pytest.mark.parametrize("blocking", [True, False])
def test_who_reads_slowly_gets_every_line(blocking: bool) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, blocking)
    log = Log(writing)
    for number in range(20_000):
        log.event("one", number=number, text="x" * 20)
    found: list[bytes] = []

    def read() -> None:
        time.sleep(0.4)
        while part := os.read(reading, 65536):
            found.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    log.close()
    os.close(writing)
    reader.join()
    os.close(reading)
    told = _lines(b"".join(found).decode())
    assert [each["number"] for each in told] == list(range(20_000))


def test_what_a_full_disk_takes_is_counted(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    file = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = Log(file)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))  # EFBIG, as ENOSPC is
        for number in range(1000):
            log.event("one", number=number)
        limit = time.monotonic() + 30
        while os.fstat(file).st_size < 20_000 and time.monotonic() < limit:
            time.sleep(0.02)
        log.event("one", number=1000)
        time.sleep(0.4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    log.event("one", number=1001)
    log.close()
    os.close(file)
    lines = (tmp_path / "log").read_text().splitlines()
    whole = [json.loads(line) for line in lines if line.endswith("}")]
    assert len(lines) - len(whole) <= 1
    numbers = [each["number"] for each in whole if each["event"] == "one"]
    assert numbers[-1] == 1001
    assert numbers[:-1] == list(range(len(numbers) - 1))
    (lost,) = [each["count"] for each in whole if each["event"] == "log_lines_lost"]
    assert lost + len(numbers) == 1002


def test_what_is_shown_of_others_is_short_and_without_secrets(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        log = Log(file.fileno(), hide=lambda text: text.replace("s3cr3t", "****"))
        assert log.shown("a s3cr3t word") == "a **** word"
        assert "s3" not in log.shown("x" * 498 + "s3cr3t" * 9)
        assert len(log.shown("x" * 10**6)) < 600
        log.close()
