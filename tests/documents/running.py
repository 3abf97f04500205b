"""The blocks of a page, run in order in one folder, as a reader would."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .command_lines import exit_codes, simple_commands
from .outputs import alike, plain
from .pages import Block

SECONDS = 1200
ALONE = ("unshare", "--map-root-user", "--net")
CACHES = ("MODELENV_CACHE_DIR", "UV_CACHE_DIR", "PIP_CACHE_DIR")
READER = Path(__file__).with_name("reader.py").read_text("utf-8")


class PageError(AssertionError):
    """A block that did not do what its page says."""

    def __init__(self, block: Block, what: str) -> None:
        super().__init__(f"{block.place}: {what}\n\n{block.text}")


@dataclass
class Running:
    """A reader in a folder: a shell for each block of commands, one Python for all of the page."""

    folder: Path
    variables: Mapping[str, str]
    output: Path
    """A file, into which all that runs writes: more than one program at once may."""
    python: subprocess.Popen[str] | None = None
    answers: int = -1
    kept: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, block: Block) -> str:
        """Run a block, and return what it said; with `keeps running`, nothing yet."""
        start = self.output.stat().st_size
        if block.language in ("python", "ipython"):
            self._python(block)
        elif "each line by itself" in block.marks:
            self._each_line(block)
        elif "keeps running" in block.marks:
            self.kept.append(self._start(block.text))
        else:
            self._commands(block)
        return self.said(start)

    def said(self, start: int) -> str:
        """Return what was said behind a place in the output."""
        with self.output.open("rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace")

    def _start(
        self, text: str, folder: Path | None = None, *, elsewhere: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start commands; `elsewhere` there is no network, and nothing was ever fetched."""
        empty = {name: str(self.folder.with_name("elsewhere")) for name in CACHES}
        with self.output.open("ab") as out:
            return subprocess.Popen(
                [*(ALONE if elsewhere else ()), "bash", "-e", "-o", "pipefail", "-c", text],
                cwd=folder or self.folder,
                env={**self.variables, **(empty if elsewhere else {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def _each_line(self, block: Block) -> None:
        """Run each command in a copy of the folder as it is; what serves is ended once it does."""
        for number, line in enumerate(re.sub(r"\\\n\s*", " ", block.text).splitlines()):
            (words,) = simple_commands(line)
            folder = self.folder.with_name(f"{self.folder.name}-{number}")
            shutil.copytree(self.folder, folder, symlinks=True)
            make_room(words, folder)
            start = self.output.stat().st_size
            one = replace(block, text=line)
            started = self._start(line, folder)
            if words[:2] == ["modelenv", "serve"]:
                self.wait_for(one, None, start, started)
                _stop(started)
            else:
                self._end(one, started, start, _codes(block) or exit_codes(words))
            shutil.rmtree(folder)

    def _commands(self, block: Block) -> None:
        start = self.output.stat().st_size
        started = self._start(block.text, elsewhere="no network" in block.marks)
        self._end(block, started, start, _codes(block) or (0,))

    def _end(
        self, block: Block, started: subprocess.Popen[bytes], start: int, codes: tuple[int, ...]
    ) -> None:
        try:
            code = started.wait(SECONDS)
        except subprocess.TimeoutExpired:
            _stop(started)
            raise PageError(block, f"takes more than {SECONDS} s: {self.said(start)}") from None
        said = self.said(start)
        if code not in codes or "Traceback (most recent call last)" in said:
            raise PageError(block, f"ended with {code}:\n{said}")

    def _python(self, block: Block) -> None:
        if self.python is None:
            self.answers, of_child = os.pipe()
            with self.output.open("ab") as out:
                self.python = subprocess.Popen(
                    [sys.executable, "-c", READER, str(of_child)],
                    cwd=self.folder,
                    env=dict(self.variables),
                    stdin=subprocess.PIPE,
                    stdout=out,
                    stderr=out,
                    pass_fds=[of_child],
                    text=True,
                    start_new_session=True,
                )
            os.close(of_child)
        assert self.python.stdin is not None
        told = {"text": block.text, "place": f"<{block.place}>", "of": block.language}
        self.python.stdin.write(json.dumps(told) + "\n")
        self.python.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            read = os.read(self.answers, 65536)
            if not read:
                raise PageError(block, "its Python ended")
            answer += read
        failure = json.loads(answer)
        if failure:
            raise PageError(block, failure)

    def wait_for(
        self, block: Block, shown: Block | None, start: int, started: subprocess.Popen[bytes]
    ) -> None:
        """Wait until what keeps running has said what is shown, or anything."""
        until = time.monotonic() + SECONDS / 4
        while time.monotonic() < until:
            said = self.said(start)
            if alike(said, shown.text) if shown is not None else said.strip():
                return
            if started.poll() is not None:
                break
            time.sleep(0.1)
        raise PageError(block, f"did not say what is shown, but:\n{self.said(start)}")

    def close(self) -> None:
        """End what still runs."""
        for each in self.kept:
            _stop(each)
        if self.python is not None:
            assert self.python.stdin is not None
            self.python.stdin.close()
            try:
                self.python.wait(20)
            except subprocess.TimeoutExpired:
                _stop(self.python)
            os.close(self.answers)


def make_room(words: Sequence[str], folder: Path) -> None:
    """Remove what a command is to write, where what was given has one of that name already."""
    if "-o" in words and "--overwrite" not in words:
        output = folder / words[words.index("-o") + 1]
        if output.is_dir():
            shutil.rmtree(output)


def _codes(block: Block) -> tuple[int, ...]:
    """Return the codes with which a block may end, where its page says any."""
    return tuple(int(each) for each in block.marks.get("exit", "").split(" or ") if each)


def _stop(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End a process with all that it started; it has a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def reader(folder: Path, variables: Mapping[str, str]) -> Iterator[Running]:
    """Yield a reader in a folder, and end all that they started."""
    folder.mkdir(exist_ok=True)
    output = folder.with_name(f"{folder.name}.output")
    output.touch()
    here = Running(folder, variables, output)
    try:
        yield here
    finally:
        here.close()


def read_page(found: Sequence[Block], here: Running) -> int:
    """Do what a page says, block by block, and return how many blocks were run or compared."""
    said: str | None = None
    done = 0
    for number, block in enumerate(found):
        if "file" in block.marks:
            file = here.folder / block.marks["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
        elif block.is_run:
            start = here.output.stat().st_size
            said = here.run(block)
            if "keeps running" in block.marks:
                following = found[number + 1] if number + 1 < len(found) else None
                shown = following if following and following.is_output else None
                here.wait_for(block, shown, start, here.kept[-1])
                said = None
        elif block.is_output and said is not None:
            if not alike(said, block.text):
                raise PageError(block, f"is not what was said:\n{said}\n\nwhich is\n{plain(said)}")
            said = None
        else:
            said = None
            continue
        done += 1
    return done
