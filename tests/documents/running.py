"""The blocks of a page, run in order in one folder, as a reader would."""

from __future__ import annotations

import contextlib
import itertools
import re
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .command_lines import exit_codes, simple_commands
from .outputs import alike, plain
from .pages import Block
from .programs import Commands, Interpreter, PageError

SERVING = "… serving … on http://…"
"""What `modelenv serve` says once it answers."""


@dataclass
class Reader:
    """Somebody in a folder: each block of commands is run by a shell, all of Python by one."""

    folder: Path
    variables: Mapping[str, str]
    outputs: Iterator[Path]
    """Files for what the programs say, one for each."""
    python: Interpreter | None = None
    kept: list[Commands] = field(default_factory=list)

    def run(self, block: Block) -> str:
        """Run a block, and return what it said."""
        if block.language in ("python", "ipython"):
            if self.python is None:
                self.python = Interpreter.start(self.folder, self.variables, next(self.outputs))
            return self.python.run(block)
        if "each line by itself" in block.marks:
            return "".join(map(self._alone, itertools.count(), lines_of(block)))
        return self._start(block, self.folder).end(_codes(block) or (0,))

    def _start(self, block: Block, folder: Path) -> Commands:
        return Commands.start(block, folder, self.variables, next(self.outputs))

    def keep_running(self, block: Block, shown: str | None) -> None:
        """Start a block, which runs until the page ends, and wait for what it is to say."""
        self.kept.append(self._start(block, self.folder))
        self.kept[-1].wait_for(lambda said: alike(said, shown) if shown else bool(said))

    def _alone(self, number: int, line: Block) -> str:
        """Run a command in a copy of the folder as it is; what serves is ended once it does."""
        folder = self.folder.with_name(f"{self.folder.name}-{number}")
        shutil.copytree(self.folder, folder, symlinks=True)
        (words,) = simple_commands(line.text)
        make_room(words, folder)
        started = self._start(line, folder)
        if words[:2] == ["modelenv", "serve"]:
            started.wait_for(lambda said: alike(said, SERVING))
            started.stop()
        else:
            started.end(_codes(line) or exit_codes(words))
        shutil.rmtree(folder)
        return started.said()

    def close(self) -> None:
        """End what still runs."""
        for each in self.kept:
            each.stop()
        if self.python is not None:
            self.python.stop()


def lines_of(block: Block) -> Iterator[Block]:
    """Yield a block for each command line of one."""
    for line in re.sub(r"\\\n\s*", " ", block.text).splitlines():
        yield replace(block, text=line)


def make_room(words: Sequence[str], folder: Path) -> None:
    """Remove what a command is to write, where what was given has one of that name already."""
    if "-o" in words and "--overwrite" not in words:
        output = folder / words[words.index("-o") + 1]
        if output.is_dir():
            shutil.rmtree(output)


def _codes(block: Block) -> tuple[int, ...]:
    """Return the codes with which a block may end, where its page says any."""
    return tuple(int(each) for each in block.marks.get("exit", "").split(" or ") if each)


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def reader(folder: Path, variables: Mapping[str, str]) -> Iterator[Reader]:
    """Yield a reader in a folder, and end all that they started."""
    folder.mkdir(exist_ok=True)
    outputs = (folder.with_name(f"{folder.name}.{number}.out") for number in itertools.count())
    here = Reader(folder, variables, outputs)
    try:
        yield here
    finally:
        here.close()


def read_page(found: Sequence[Block], here: Reader) -> int:
    """Do what a page says, block by block, and return how many blocks were run or compared."""
    said: str | None = None
    done = 0
    for block, following in itertools.zip_longest(found, found[1:]):
        if "file" in block.marks:
            file = here.folder / block.marks["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
        elif block.is_run and "keeps running" in block.marks:
            shown = following.text if following and following.is_output else None
            here.keep_running(block, shown)
            said = None
        elif block.is_run:
            said = here.run(block)
        elif block.is_output and said is not None:
            if not alike(said, block.text):
                raise PageError(block, f"is not what was said:\n{said}\n\nwhich is\n{plain(said)}")
            said = None
        else:
            said = None
            continue
        done += 1
    return done
