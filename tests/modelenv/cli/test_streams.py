"""A standard stream that is closed is nothing that a command fails of, or writes elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")

CLOSED = ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"]
SHOW = """
import os, sys
from modelenv.cli.shared.streams import open_closed
open_closed()
with open(sys.argv[1], "w") as file:
    assert file.fileno() > 2, file.fileno()
    print("out")
    print("err", file=sys.stderr)
    assert not sys.stdin.isatty()
    file.write("done")
assert all(os.get_inheritable(number) for number in range(3))
"""


def run(closed: str, *words: str) -> int:
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, *words]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    ).returncode


@pytest.mark.parametrize("closed", CLOSED)
def test_what_is_opened_gets_no_number_of_theirs(tmp_path: Path, closed: str) -> None:
    assert run(closed, "-c", SHOW, str(tmp_path / "file")) == 0
    assert (tmp_path / "file").read_text() == "done"


@pytest.mark.parametrize(
    "closed",
    [*(pytest.param(each, marks=pytest.mark.slow) for each in CLOSED[:-2]), *CLOSED[-2:]],
)
def test_a_command_ends_as_it_would(closed: str) -> None:
    assert run(closed, "-m", "modelenv", "--version") == 0
    assert run(closed, "-m", "modelenv", "serve", "-m", "/nowhere/at/all", "--port", "0") == 2
