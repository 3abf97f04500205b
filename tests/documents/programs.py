"""What a reader starts: commands of a shell, and one Python for all blocks of a page."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .pages import Block

SECONDS = 1200
UNTIL_IT_SPEAKS = 300
ALONE = ("unshare", "--map-root-user", "--net")
CACHES = ("MODELENV_CACHE_DIR", "UV_CACHE_DIR", "PIP_CACHE_DIR")
READER = Path(__file__).with_name("reader.py").read_text("utf-8")


class PageError(AssertionError):
    """A block that did not do what its page says."""

    def __init__(self, block: Block, what: str) -> None:
        super().__init__(f"{block.place}: {what}\n\n{block.text}")


@dataclass(frozen=True)
class Commands:
    """The commands of a block, which run, and the file that they write to."""

    block: Block
    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    def start(
        cls, block: Block, folder: Path, variables: Mapping[str, str], output: Path
    ) -> Commands:
        """Start them in a folder; the first that fails ends them.

        With `no network` there is none, and nothing was ever fetched.
        """
        alone = "no network" in block.marks
        caches = dict.fromkeys(CACHES, str(folder.with_name("elsewhere"))) if alone else {}
        with output.open("wb") as out:
            process = subprocess.Popen(
                [*(ALONE if alone else ()), "bash", "-e", "-o", "pipefail", "-c", block.text],
                cwd=folder,
                env={**variables, **caches},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        return cls(block, process, output)

    def said(self) -> str:
        """Return what they have said."""
        return self.output.read_text("utf-8", "replace")

    def end(self, codes: tuple[int, ...]) -> str:
        """Wait until they have ended with one of these codes, and return what they said."""
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.stop()
            raise PageError(self.block, f"takes more than {SECONDS} s: {self.said()}") from None
        said = self.said()
        if code not in codes or "/modelenv/cli/" in said:  # a traceback of our own
            raise PageError(self.block, f"ended with {code}:\n{said}")
        return said

    def wait_for(self, is_said: Callable[[str], bool]) -> None:
        """Wait until they, still running, have said what is looked for."""
        until = time.monotonic() + UNTIL_IT_SPEAKS
        while time.monotonic() < until and self.process.poll() is None:
            if is_said(self.said()):
                return
            time.sleep(0.1)
        raise PageError(self.block, f"did not say what is shown, but:\n{self.said()}")

    def stop(self) -> None:
        """End them."""
        _stop(self.process)


@dataclass(frozen=True)
class Interpreter:
    """A Python that is told the blocks of a page one by one."""

    process: subprocess.Popen[str]
    answers: int
    output: Path

    @classmethod
    def start(cls, folder: Path, variables: Mapping[str, str], output: Path) -> Interpreter:
        """Start it in a folder."""
        answers, of_child = os.pipe()
        with output.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", READER, str(of_child)],
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                pass_fds=[of_child],
                text=True,
                start_new_session=True,
            )
        os.close(of_child)
        return cls(process, answers, output)

    def run(self, block: Block) -> str:
        """Run a block, and return what it said."""
        start = self.output.stat().st_size
        assert self.process.stdin is not None
        told = {"text": block.text, "place": f"<{block.place}>", "of": block.language}
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            read = os.read(self.answers, 65536)
            if not read:
                raise PageError(block, f"its Python ended:\n{self._said(start)}")
            answer += read
        failure = json.loads(answer)
        if failure:
            raise PageError(block, failure)
        return self._said(start)

    def _said(self, start: int) -> str:
        return self.output.read_bytes()[start:].decode("utf-8", "replace")

    def stop(self) -> None:
        """End it, in order if it does within a while."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            _stop(self.process)
        os.close(self.answers)


def _stop(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End a process with all that it started; it has a session of its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
            return
