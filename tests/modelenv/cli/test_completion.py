"""Shells complete the command by their own machinery: each is typed at in a terminal of its own."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelenv.cli.commands import COMMANDS

BESIDE = Path(sys.executable).parent
START = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
}
SET_UP = {
    "bash": 'bind "set bell-style none"; PS1="READY> "; eval "$(modelenv completion bash)"',
    "zsh": (
        "unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit && compinit -u -D;"
        ' PS1="READY> "; eval "$(modelenv completion zsh)"'
    ),
}
# What is typed, and what stands there once the tab key has done its work.
TYPED = {
    "ver": "verify ",
    "verify --env-m": "verify --env-manager",
    "verify --env-manager virt": "verify --env-manager virtualenv",
    "verify -m chu": "verify -m churn_model",
    "capture -o chu": "capture -o churn_model",
    "fleet migr": "fleet migrate",
    "trace tra": "trace train.py",
    "explain CodeCl": "explain CodeClashError",
}


class Typed:
    """A shell at a terminal."""

    def __init__(self, shell: str, folder: Path) -> None:
        import pty

        self._seen = ""
        self._own, theirs = pty.openpty()
        self._process = subprocess.Popen(
            START[shell],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            start_new_session=True,
            env={
                "PATH": f"{BESIDE}:{os.environ['PATH']}",
                "HOME": str(folder),
                "TERM": "dumb" if shell == "bash" else "vt100",
                "COLUMNS": "200",
            },
        )
        os.close(theirs)
        self.write(f"{SET_UP[shell]}; echo SET''UP\n")
        self.read_until("SETUP")
        self.read_until("READY> ")

    def write(self, text: str) -> None:
        os.write(self._own, text.encode())

    def read_until(self, text: str) -> str:
        """Return what was shown until a text was, and with it."""
        limit = time.monotonic() + 20
        while text not in self._plain():
            ready, _, _ = select.select([self._own], [], [], max(limit - time.monotonic(), 0))
            assert ready, self._seen
            self._seen += os.read(self._own, 4096).decode(errors="replace")
        before, _, self._seen = self._plain().partition(text)
        return before + text

    def _plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x00-\x09\x0b-\x1f]", "", self._seen)

    def end(self) -> None:
        os.close(self._own)
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module", params=START)
def shell(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Typed]:
    if shutil.which(request.param) is None or sys.platform == "win32":
        pytest.skip(f"{request.param} is not here, or no terminal can be made for it")
    if not (BESIDE / "modelenv").is_file():
        pytest.skip("the command is not beside this interpreter")
    folder = tmp_path_factory.mktemp("home")
    (folder / "churn_model").mkdir()
    (folder / "train.py").touch()
    started = Typed(request.param, folder)
    yield started
    started.end()


@pytest.mark.parametrize("typed", TYPED)
def test_the_tab_key_completes(typed: str, shell: Typed) -> None:
    shell.write(f"modelenv {typed}\t")
    try:
        shell.read_until(f"modelenv {TYPED[typed]}")
    finally:
        shell.write("\x15")  # Ctrl-U: an empty line again


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not here")
def test_fish_completes_with_what_each_is_for(tmp_path: Path) -> None:
    (tmp_path / "churn_model").mkdir()
    asked = ("ver", "verify --env-manager virt", "verify -m chu", "fleet migr")
    lines = "; ".join(f"complete -C 'modelenv {each}'" for each in asked)
    ended = subprocess.run(
        ["fish", "--no-config", "-c", f"modelenv completion fish | source; {lines}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": f"{BESIDE}:{os.environ['PATH']}", "HOME": str(tmp_path)},
    )
    assert ended.stderr == ""
    words = [line.split("\t") for line in ended.stdout.splitlines()]
    assert words[0] == ["verify", COMMANDS["verify"][1]]
    assert [word for word, *_ in words[1:]] == ["virtualenv", "churn_model/", "migrate"]


SCRIPT = """
import contextlib, json, sys
from modelenv.cli import main

with contextlib.suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def completed(line: str) -> tuple[list[str], set[str]]:
    """Return what is answered where a line ends, and what was loaded for that."""
    count = len(f"{line}|".split()) - 1
    asked = {"_MODELENV_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(count)}
    words = [sys.executable, "-c", SCRIPT]
    ended = subprocess.run(
        words, capture_output=True, text=True, check=True, env={**os.environ, **asked}
    )
    return ended.stdout.split(), set(json.loads(ended.stderr))


def test_all_commands_are_named_and_none_is_loaded() -> None:
    answer, loaded = completed("modelenv ")
    assert answer == [f"plain,{name}" for name in COMMANDS]
    assert not {name for name in loaded if name.startswith("modelenv.cli.run")}
    assert not loaded & {"modelenv.base.errors", "envfiles", "yaml"}


def test_a_line_is_completed_without_its_model_being_looked_at() -> None:
    answer, loaded = completed("modelenv verify -m runs:/0123/model --memory-limit 3 --se")
    assert answer == ["plain,--seal"]
    assert not loaded & {"mlflow", "envfiles", "modelenv.base.addresses.model_uri", "yaml"}


def test_a_shell_that_nobody_knows_is_wrong_use() -> None:
    words = [sys.executable, "-m", "modelenv", "completion", "tcsh"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in ended.stderr
