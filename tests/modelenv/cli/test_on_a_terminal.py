"""A report on a real terminal is a page; anywhere else it is the plain text that it always was."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelenv.cli import main

pty = pytest.importorskip("pty")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
CONVENTIONS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS")


class Terminal:
    """A pseudo-terminal whose size is known, as standard output or standard error."""

    def __init__(self, patch: pytest.MonkeyPatch, stream: str = "stdout") -> None:
        self._patch = patch
        self._stream = stream

    def run(self, *words: object, columns: int = 80, encoding: str = "utf-8") -> str:
        """Return what a command writes to it."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        read = bytearray()
        reader = threading.Thread(target=_read_all, args=(ours, read))
        reader.start()
        with os.fdopen(theirs, "w", encoding=encoding) as stream, self._patch.context() as patch:
            patch.setattr(sys, self._stream, stream)
            try:
                main([*map(str, words)])
            except SystemExit as ended:
                self.code = ended.code
        reader.join()
        os.close(ours)
        return read.decode("utf-8").replace("\r\n", "\n")


def _read_all(file: int, into: bytearray) -> None:
    while True:
        try:
            part = os.read(file, 4096)
        except OSError:  # as Linux says that nobody writes any more
            return
        if not part:
            return
        into += part


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CONVENTIONS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


@pytest.fixture
def folder(model: Callable[..., Path]) -> Path:
    return model(
        {
            "alpha==1.0": "imported by the model",
            "the-long-name==2.0": "called while predicting (pandas/core/arrays/array.py:1155)",
        }
    )


@pytest.fixture
def piped(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def ran(*words: str | Path) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) if "diff" in words else _nothing():
            main([*map(str, words)])
        return capsys.readouterr().out

    return ran


class _nothing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is SystemExit


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(terminal: Terminal, folder: Path, columns: int) -> None:
    shown = ESCAPES.sub("", terminal.run("requirements", "list", "-m", folder, columns=columns))
    for line in shown.splitlines():
        assert len(line) <= columns or len(line.split()) == 1
    assert shown.startswith("2 requirements\n")
    for word in ("alpha", "1.0", "the-long-name", "(pandas/core/arrays/array.py:1155)"):
        assert word in shown


def test_colours_are_a_terminal_s_and_no_color_takes_them_alone(
    terminal: Terminal, folder: Path, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = model({"alpha==2.0": "x"}, name="other")
    words = ["diff", str(folder), str(other)]
    coloured = terminal.run(*words)
    assert terminal.code == 1
    assert "\x1b[1;31m✗ \x1b[0m\x1b[1;31mdiffers\x1b[0m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    bare = terminal.run(*words)
    assert "\x1b" not in bare
    assert bare == ESCAPES.sub("", coloured)
    assert "✗ differs:" in bare
    ascii_only = terminal.run(*words, encoding="ascii")
    assert "x differs:" in ascii_only


def test_a_dumb_terminal_and_a_pipe_get_the_same_plain_text(
    terminal: Terminal, folder: Path, piped: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["requirements", "list", "-m", folder]
    plain = piped(*words)
    assert plain == (
        "alpha==1.0          imported by the model\n"
        "the-long-name==2.0  called while predicting (pandas/core/arrays/array.py:1155)\n"
    )
    monkeypatch.setenv("TERM", "dumb")
    assert terminal.run(*words) == plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    forced = piped(*words)
    assert "\x1b[1m" in forced
    assert forced == terminal.run(*words)


def test_json_is_the_same_everywhere(
    terminal: Terminal, folder: Path, piped: Callable[..., str]
) -> None:
    words = ["requirements", "list", "-m", folder, "--json"]
    shown = terminal.run(*words)
    assert json.loads(shown) == json.loads(piped(*words))
    assert "\x1b" not in shown


def test_quiet_is_the_answer_and_verbose_is_all(
    terminal: Terminal, folder: Path, model: Any, piped: Callable[..., str]
) -> None:
    other = model({"alpha==2.0": "x"}, name="other")
    assert piped("requirements", "list", "-m", folder, "-q").splitlines() == [
        "alpha==1.0",
        "the-long-name==2.0",
    ]
    (said,) = piped("diff", folder, other, "-q").splitlines()
    assert said.startswith("differs: ")
    assert ESCAPES.sub("", terminal.run("diff", folder, other, "-q")).split() == [
        "✗",
        *said.split(),
    ]
    assert piped("diff", folder, other, "--quiet") == f"{said}\n"
    assert piped("diff", folder, other, "-v") == piped("diff", folder, other)
    with pytest.raises(SystemExit) as ended:
        main(["diff", str(folder), str(other), "-q", "-v"])
    assert ended.value.code == 2


LOADED = """
import contextlib, sys
from modelenv.cli import main
with contextlib.suppress(SystemExit):
    main(sys.argv[1:])
print(*(name for name in sys.modules if name.partition(".")[0] == "rich"), file=sys.stderr)
"""


def test_a_pipe_loads_nothing_of_it(folder: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if name not in CONVENTIONS}
    words = [sys.executable, "-c", LOADED, "requirements", "list", "-m", str(folder)]
    ended = subprocess.run(words, capture_output=True, text=True, check=True, env=variables)
    assert ended.stderr.strip() == ""
