"""Traced calls in a fresh interpreter, if the tracer need not be installed."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Generic, TypeVar

from .errors import TracerError
from .pickles.writing import write_pickle
from .reading.merge import read_spool
from .traces import Trace
from .travelling import probe_folder

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Called(Generic[R]):
    """The return value of a function in a fresh interpreter, and the trace of its run."""

    value: R
    trace: Trace
    """Its phases are `load` (the function and its arguments are unpickled) and `call`."""


@dataclass(eq=False)
class CallFailedError(TracerError):
    """A function that was traced in a fresh interpreter did not return."""

    name: str
    reason: str
    trace: Trace

    def __str__(self) -> str:
        return f"{self.name} did not return: {self.reason}"


def trace_call(
    function: Callable[..., R], /, *args: object, timeout: float | None = None, **kwargs: object
) -> Called[R]:
    """Call a function in a fresh interpreter, in which nothing has been imported yet.

    The interpreter has this one's path, working directory and environment. Function, arguments and
    result travel as pickles, by cloudpickle if that is installed. Raises CallFailedError, which
    holds the trace, if the function does not return within `timeout` seconds.

    >>> import json
    >>> called = trace_call(json.loads, "[1]")
    >>> called.value, "json" in called.trace.modules
    ([1], True)
    """
    name = getattr(function, "__qualname__", repr(function))
    with tempfile.TemporaryDirectory(prefix="tracer-") as temporary:
        folder = Path(temporary)
        call = _pickled((function, args, kwargs))
        paths = [os.fspath(Path(entry).absolute()) for entry in sys.path]
        (folder / "call").write_bytes(pickle.dumps(paths) + call)
        command = [sys.executable, str(probe_folder() / "call.py"), temporary]
        try:
            code = subprocess.run(command, check=False, timeout=timeout).returncode
        except subprocess.TimeoutExpired:
            reason = f"it still ran after {timeout} s"
            raise CallFailedError(name, reason, read_spool(folder / "spool")) from None
        trace = read_spool(folder / "spool")
        if code != 0:
            error = folder / "error"
            reason = error.read_text("utf-8") if error.exists() else f"exit code {code}"
            raise CallFailedError(name, reason, trace)
        return Called(pickle.loads((folder / "result").read_bytes()), trace)


def _pickled(value: object) -> bytes:
    if find_spec("cloudpickle") is None:  # then only importable objects can travel
        return pickle.dumps(value)
    file = io.BytesIO()
    write_pickle(value, file)
    return file.getvalue()
