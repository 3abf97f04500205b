"""Progress messages: on a terminal, in a log, and switched off."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import modelenv
from modelenv.cli.shared.progress import Progress

from ..conftest import Site, made_once

pty = pytest.importorskip("pty", reason="this system has no pseudoterminals")

HOME = Path(modelenv.__file__).parent.parent

LIBRARY = """
import os, time
if os.path.exists({place!r} + "/slow"):
    open({place!r} + "/importing", "w").close()
    while os.path.exists({place!r} + "/slow"):
        time.sleep(0.02)
def plus(each):
    return each + 1
"""
TRAIN = """
import own_library

class Model:
    def predict(self, data):
        import own_library
        return [own_library.plus(each) for each in data]

def build():
    return Model(), [1, 2]
"""
SLOW = pytest.mark.slow
OPEN = ("--seal", "off")  # the library is told by a file that no seal would show it
SAVE = ("save", "own_train:build", "-o", "new", *OPEN)
FILES = ("--model", "model.pkl", "--input", "i.pkl", "-o", "new", *OPEN)
COMMANDS = {
    "save": SAVE,
    "save a file": ("save", *FILES),
    "capture": ("capture", *FILES, "--path", ".", "--path", "../site-packages"),
    "predict": ("predict", "-m", "saved", *OPEN),
    "verify": ("verify", "-m", "saved", *OPEN),
    "diagnose": ("diagnose", "-m", "saved", *OPEN),
    "fix": ("fix", "-m", "saved", *OPEN),
    "minimize": ("minimize", "-m", "saved", *OPEN),
    "requirements add": ("requirements", "add", "-m", "saved", "packaging", "--prove", *OPEN),
    "trace": ("trace", "own_train.py"),
    "trace for a list": ("trace", "own_train.py", "--requirements"),
}
NEVER = {
    "inspect": ("inspect", "-m", "saved"),
    "why": ("why", "-m", "saved", "own_library"),
    "diff": ("diff", "saved", "saved"),
    "list": ("requirements", "list", "-m", "saved"),
    "lock": ("lock", "-m", "saved"),
}


class Terminal:
    """The command with standard error on a terminal."""

    def __init__(self, words: tuple[str, ...], folder: Path, **variables: str) -> None:
        self._master, slave = pty.openpty()
        self._read = b""
        further = {"PYTHONPATH": str(HOME), "TERM": "xterm", "COLUMNS": "200", **variables}
        without = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "modelenv", *words],
            cwd=folder,
            env={**without, **further},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=slave,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def _drain(self) -> None:
        while True:
            try:
                block = os.read(self._master, 4096)
            except OSError:  # Linux says so where nobody has the other end any longer
                return
            if not block:
                return
            self._read += block

    @property
    def shown(self) -> str:
        """What came to the terminal so far."""
        return self._read.decode()

    def wait_for(self, path: Path) -> None:
        """Wait for a file, or the command's end."""
        while not path.exists() and self._process.poll() is None:
            time.sleep(0.02)

    def wait_until(self, pattern: str, times: int) -> set[str]:
        """Wait until so many different texts matched the pattern; return them."""
        limit = time.monotonic() + 60
        while len(found := set(re.findall(pattern, self.shown))) < times:
            assert time.monotonic() < limit, self.shown
            time.sleep(0.05)
        return found

    def end(self) -> tuple[int, str]:
        """Return the exit code and the standard output."""
        out, _ = self._process.communicate(timeout=300)
        self._reader.join()
        os.close(self._master)
        return self._process.returncode, out.decode()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose model needs a library that stops where it is imported, once it is told to.

    It stays where it was made: what it saved names the library's place.
    """
    with made_once(tmp_path_factory) as project:
        root: Path = project.root
        site = Site(root.parent / "site-packages")
        text = LIBRARY.format(place=str(root.parent))
        site.install("own_library", {"own_library.py": text})
        project.write("sitecustomize.py", f"import sys; sys.path.append({str(site.root)!r})")
        project.write("own_train.py", TRAIN)
        (root / "i.pkl").write_bytes(pickle.dumps([1]))
        (root / "model.pkl").write_bytes(b"cown_train\nModel\n(tR.")
        words = ("save", "own_train:build", "-o", "saved")
        done = subprocess.run(
            [sys.executable, "-m", "modelenv", *words],
            cwd=root,
            env=variables(root),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    shutil.copytree(root, root.parent / "as made")
    return root


@pytest.fixture
def here(template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """That project as it was made."""
    monkeypatch.setenv("PYTHONPATH", "")
    yield template
    for told in ("slow", "importing"):
        (template.parent / told).unlink(missing_ok=True)
    shutil.rmtree(template)
    shutil.copytree(template.parent / "as made", template)


@pytest.fixture
def told(here: Path) -> Path:
    """The folder whose files tell the library to stop."""
    return here.parent


def variables(root: Path, **further: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(HOME), str(root))), **further}


def terminal(words: tuple[str, ...], here: Path, **further: str) -> Terminal:
    return Terminal(words, here, **{**variables(here), **further})


# Of these, what comes while the library is imported is read below.
SECONDS = ("save a file", "predict", "verify", "fix")


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=SLOW if each in SECONDS else ()) for each in COMMANDS]
)
def test_the_first_word_comes_before_the_library(name: str, here: Path, told: Path) -> None:
    (told / "slow").touch()
    run = terminal(COMMANDS[name], here)
    run.wait_for(told / "importing")
    shown = run.shown
    (told / "slow").unlink()
    code, _ = run.end()
    assert (told / "importing").exists(), run.shown
    assert shown.strip(), run.shown
    assert code == 0, run.shown


@pytest.mark.parametrize("name", NEVER)
def test_others_import_no_library_at_all(name: str, here: Path, told: Path) -> None:
    (told / "slow").touch()
    run = terminal(NEVER[name], here)
    run.wait_for(told / "importing")
    (told / "slow").unlink()
    run.end()
    assert not (told / "importing").exists()


@pytest.mark.parametrize("name", SECONDS)
def test_the_seconds_of_a_stage_go_on_while_it_lasts(name: str, here: Path, told: Path) -> None:
    (told / "slow").touch()
    run = terminal(COMMANDS[name], here)
    run.wait_for(told / "importing")
    run.wait_until(r"predicting[^\r\n]* … (\d+\.\d) s", 4)
    (told / "slow").unlink()
    assert run.end()[0] == 0
    lines = run.shown.replace("\r\n", "\n").splitlines()
    # Every stage ends on a line of its own, with the time that it took.
    assert all(re.search(r"… \d+\.\d s", line) for line in lines if "reading" in line)


def test_what_a_save_does_is_told_in_its_order(here: Path) -> None:
    run = terminal(SAVE, here, NO_COLOR="1")
    code, out = run.end()
    assert code == 0
    assert out.startswith(f"{here}/new: ")
    lines = [line.rpartition("\r")[2] for line in run.shown.replace("\r\n", "\n").split("\n")]
    stages = [re.sub(r" …( \d+\.\d s)?$", "", line) for line in lines if line]
    assert stages == [
        "checking what is asked for",
        "importing the module of own_train:build",
        "calling own_train:build",
        "keeping the model until its folder is written",
        "writing the model",
        "predicting, and watching what that needs",
        "finding out whose files these are",
        "choosing the versions",
        "predicting with 1 pin alone, in a replica, not sealed",
        "writing the folder",
    ]
    assert "\x1b" not in run.shown


def test_colours_are_the_terminal_s_and_no_color_takes_them_away(here: Path) -> None:
    plain, styled = terminal(SAVE[:4], here, NO_COLOR="1"), None
    assert plain.end()[0] == 0
    styled = terminal((*SAVE[:4], "--overwrite"), here)
    assert styled.end()[0] == 0
    assert ("\x1b[2m" in styled.shown, "\x1b" in plain.shown) == (True, False)


def test_who_can_write_no_line_again_gets_lines(here: Path) -> None:
    run = terminal(COMMANDS["verify"], here, TERM="dumb")
    assert run.end()[0] == 0
    assert "\r" not in run.shown.replace("\r\n", "\n")
    assert re.search(r"^ +\d+\.\d s  reading saved", run.shown, re.MULTILINE)


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_nothing_is_told_where_that_is_not_wanted(term: str, here: Path) -> None:
    run = terminal((*COMMANDS["verify"], "--progress", "off"), here, TERM=term)
    assert (run.end()[0], run.shown) == (0, "")


def test_an_error_stands_on_a_line_of_its_own(here: Path) -> None:
    run = terminal(("predict", "-m", "absent"), here, NO_COLOR="1")
    assert run.end()[0] == 2
    lines = run.shown.replace("\r\n", "\n").splitlines()
    assert any(line.startswith("✗ error ME0201: ") for line in lines)
    assert any(line.startswith("reading absent … ") for line in lines)


def test_a_narrow_terminal_is_not_written_across(here: Path) -> None:
    (here / ("long" * 30)).symlink_to(here / "saved")
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    done = subprocess.run(
        [sys.executable, "-m", "modelenv", "verify", "-m", "long" * 30],
        cwd=here,
        env=variables(here, NO_COLOR="1", TERM="xterm"),
        stdout=subprocess.PIPE,
        stderr=slave,
        check=False,
    )
    os.close(slave)
    shown = b""
    with suppress(OSError):  # Linux says so where nobody has the other end any longer
        while block := os.read(master, 65536):
            shown += block
    os.close(master)
    assert done.returncode == 0
    assert max(map(len, re.split(r"[\r\n]+", shown.decode()))) <= 40


@pytest.mark.parametrize(
    "name",
    [
        "save",
        "fix",
        *(pytest.param(each, marks=SLOW) for each in ("verify", "predict", "minimize", "capture")),
    ],
)
def test_a_pipe_gets_lines_where_it_is_asked_for_and_nothing_else(name: str, here: Path) -> None:
    quiet, told = (
        subprocess.run(
            [sys.executable, "-m", "modelenv", *COMMANDS[name], *further],
            cwd=here,
            env=variables(here),
            capture_output=True,
            text=True,
            check=False,
        )
        for further in (
            [],
            ["--progress", "plain", *(["--overwrite"] if "-o" in COMMANDS[name] else [])],
        )
    )
    assert (quiet.returncode, told.returncode) == (0, 0), told.stderr
    assert not [line for line in quiet.stderr.splitlines() if " s  " in line or "\r" in line]
    lines = told.stderr.splitlines()
    assert len([line for line in lines if re.match(r" *\d+\.\d s  \w", line)]) >= 2
    assert "\r" not in told.stderr


def test_a_stage_that_goes_on_is_told_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("auto", terminal=True, dim=False) as tell:
        tell("reading model")
        for told in ("predicting: 1,000 rows, 2 min left", "predicting: 2,000 rows", "writing out"):
            tell.again(told)
    lines = [line.split("\r")[1:] for line in capsys.readouterr().err.split("\n") if line]
    shown = [re.sub(r" … \d+\.\d s *$", "", writes[-1]) for writes in lines]
    assert shown == ["reading model", "predicting: 2,000 rows", "writing out"]
    assert len(lines[1][-1]) == len(lines[1][0])  # it covers what was longer


def test_in_a_log_a_stage_that_goes_on_is_told_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("plain", terminal=False, dim=False) as tell:
        for rows in range(1000):
            tell.again(f"predicting: {rows} rows")
    assert len(capsys.readouterr().err.splitlines()) == 1
    with Progress("off", terminal=True, dim=False) as tell:
        tell.again("predicting")
    assert capsys.readouterr().err == ""
