"""Standard output that takes nothing is told in one way, whatever was to be printed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")

TOLD = (
    "modelenv: standard output takes nothing: No space left on device. What the command did is"
    " done; what it says is lost.\n"
)


def run(*words: str, unbuffered: bool = False) -> tuple[int, str]:
    variables = {**os.environ, "PYTHONUNBUFFERED": "1" if unbuffered else ""}
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [sys.executable, "-m", "modelenv", *words]
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=variables
        )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("unbuffered", [True, False])
@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["verify", "--help"], ["requirements", "list", "-m"]]
)
def test_it_is_told(model: Callable[..., Path], words: list[str], unbuffered: bool) -> None:
    place = [str(model({"alpha==1.0": "asked for"}))] if words[-1] == "-m" else []
    assert run(*words, *place, unbuffered=unbuffered) == (2, TOLD)


def test_what_the_command_has_to_refuse_is_told_besides(tmp_path: Path) -> None:
    code, said = run("requirements", "list", "--json", "-m", str(tmp_path / "none"))
    assert code == 2
    assert said.startswith(TOLD)
    assert "there is no such folder" in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--help"], 2),
        (["diff", "nowhere", "nowhere"], 2),
        (["diff", "nowhere", "nowhere", "--json"], 2),
        (["--debug", "diff", "nowhere", "nowhere"], 2),
        (["no-command"], 2),
    ],
)
def test_the_status_stays_where_standard_error_takes_nothing_either(
    words: list[str], code: int
) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [sys.executable, "-m", "modelenv", *words]
        ended = subprocess.run(command, stdout=full, stderr=full, check=False)
    assert ended.returncode == code


@pytest.mark.parametrize("words", [["--help"], ["verify", "--help"]])
def test_who_reads_no_further_is_told_nothing(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "modelenv", *words]
    ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (1, "")
