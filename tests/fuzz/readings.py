"""The commands that only read a folder, run in this process, and what of one is a fault."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import stat
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelenv.base.doors import as_ours
from modelenv.base.errors import ModelenvError
from modelenv.cli.group import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

MOST_SECONDS = 2.0
MOST_BYTES = 200_000_000
_HANGING = 60.0  # seconds, on a machine that does other things too
# What `inspect`, `diff`, `why` and their like promise that nothing of a folder makes happen.
_EFFECTS = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"),
    *("pickle.find_class", "socket.connect", "ctypes.dlopen"),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass
class Watch:
    """What happens in this process while a command runs, told by an audit hook."""

    folder: str = ""
    on: bool = False
    seen: list[str] = None  # type: ignore[assignment]

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event in _EFFECTS:
            if event == "ctypes.dlopen" and arguments[0] is None:
                return
            self.seen.append(f"{event} {arguments!r:.200}")
        elif event == "open" and isinstance(arguments[0], (str, bytes)):
            path, mode, flags = os.fsdecode(arguments[0]), arguments[1], arguments[2]
            writes = bool(flags & _WRITING) or (isinstance(mode, str) and set(mode) & set("wax+"))
            if writes and path != os.devnull:
                self.seen.append(f"writes {path}")
        elif event == "exec":
            file = getattr(arguments[0], "co_filename", "")
            if self.folder and file.startswith(self.folder):
                self.seen.append(f"runs {file}")
        elif event == "import" and self.folder and self._is_near(arguments):
            self.seen.append(f"imports {arguments[0]} with the folder in sys.path")

    def _is_near(self, arguments: tuple[Any, ...]) -> bool:
        found = (arguments[1], *(arguments[2] or ()))
        return any(isinstance(each, str) and each.startswith(self.folder) for each in found)


WATCH = Watch(seen=[])
_OUTPUT = io.StringIO()  # click keeps every stream that it ever wrote to


def _prepare(folder: Path) -> None:
    """Do what `verify` does before it starts anything."""
    from modelenv.base.settings import Settings
    from modelenv.folder.artifacts import check_seal, index
    from modelenv.folder.model_folder import ModelFolder
    from modelenv.run.isolated import RunOptions, wanted_of
    from modelenv.run.missing import check_data

    model = ModelFolder.open(folder)
    check_seal(model.path, model.mlmodel.data, model.mlmodel.sealed)
    check_data(model)
    index(model.path)
    model.comparing_job(model.mlmodel.repeatability.skipped)
    settings = Settings.from_environment()
    wanted_of(model, RunOptions(settings=settings))


def _locking(folder: Path) -> list[str]:
    empty = folder.parent / "empty-index"
    empty.mkdir(exist_ok=True)
    wheels = folder.parent / "all-wheels"
    return ["lock", "-m", str(folder), "--index-url", empty.as_uri(), "--find-links", str(wheels)]


COMMANDS: dict[str, Callable[[Path], list[str]] | None] = {
    "inspect": lambda folder: ["inspect", "-m", str(folder)],
    "inspect --json": lambda folder: ["inspect", "-m", str(folder), "--json"],
    "requirements list": lambda folder: ["requirements", "list", "-m", str(folder), "--json"],
    "diff": lambda folder: ["diff", str(folder)],
    "diff two": lambda folder: ["diff", str(folder), str(folder.parent / "grounds" / "pinned")],
    "why": lambda folder: ["why", "-m", str(folder), "alpha"],
    "why file": lambda folder: ["why", "-m", str(folder), "/data/words.txt", "--json"],
    "lock": _locking,
    "verify, prepared": None,
}


def read(
    command: str,
    folder: Path,
    most_seconds: float = MOST_SECONDS,
    act: Callable[[Path], object] | None = None,
) -> list[str]:
    """Run a command on a folder, or `act` in its place; return what of it is a fault."""
    before = listing(folder)
    WATCH.folder, WATCH.seen = str(folder), []
    _OUTPUT.seek(0)
    _OUTPUT.truncate()
    started = time.process_time()
    faults: list[str] = []
    with contextlib.redirect_stdout(_OUTPUT), contextlib.redirect_stderr(_OUTPUT):
        WATCH.on = True
        try:
            faults += _run(command, folder, act)
        finally:
            WATCH.on = False
    seconds = time.process_time() - started
    if seconds > most_seconds:
        faults.append(f"{seconds:.1f} s")
    writes = command == "lock"
    seen = [each for each in WATCH.seen if not (writes and each.startswith("writes "))]
    if command.startswith("why"):  # whose a file of the system is tells dpkg
        seen = [each for each in seen if "dpkg-query" not in each]
    faults += [f"effect: {each}" for each in seen]
    if not writes and listing(folder) != before:
        faults.append("effect: the folder changed")
    faults += _unclear(_OUTPUT.getvalue())
    return faults


def _run(command: str, folder: Path, act: Callable[[Path], object] | None = None) -> Iterator[str]:
    words = COMMANDS[command]
    signal.setitimer(signal.ITIMER_REAL, _HANGING)
    try:
        if act is not None:
            act(folder)
        elif words is not None:
            run(words(folder))
        else:
            _prepare(folder)
    except SystemExit as ended:
        if ended.code not in (None, 0, 1, 2):
            yield f"exit {ended.code}"
    except HangsError as error:
        yield f"hangs: {error}"
    except Exception as error:  # noqa: BLE001  # what is looked for
        if not isinstance(as_ours(error), ModelenvError):
            place = "".join(traceback.format_tb(error.__traceback__)[-2:])
            yield f"raises {type(error).__name__}: {str(error)[:200]} at {place}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _unclear(text: str) -> Iterator[str]:
    if "Traceback (most recent call last)" in text:
        yield "a traceback"
    if "modelenv --debug" in text:
        yield f"our own fault: {text.strip()[-400:]}"


def listing(folder: Path) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = f"{place}/{name}"
            about = os.lstat(path)
            found.append((path, stat.S_IFMT(about.st_mode), about.st_size, about.st_mtime_ns))
    return sorted(found)


def limit_memory() -> None:
    """Let this process take only so much more than it has now: more is a MemoryError."""
    import resource

    # What is merely reserved counts for RLIMIT_AS, and each thread's allocator reserves 64 MB; its
    # stack counts whole for RLIMIT_DATA, too.
    threading.stack_size(1 << 20)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
    most = pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


class HangsError(BaseException):
    """A command waits for something."""


def _interrupt(_: int, frame: FrameType | None) -> None:
    raise HangsError("".join(traceback.format_stack(frame)[-4:]))


def watch() -> None:
    """Begin to watch this process, until its end."""
    signal.signal(signal.SIGALRM, _interrupt)
    sys.addaudithook(WATCH)
