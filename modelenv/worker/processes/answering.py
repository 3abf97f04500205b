"""Start, greet and end a process that holds a model and answers over a socket."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ...base.files.scratch import without_scratch
from ...seal.plan import SealPlan
from ...seal.seals import Seal
from ..errors import RunFailedError
from ..job import UNKNOWN_CODE, signal_name
from ..process import Interpreter, check_interpreter, seen
from ..report.events import nonsense_of
from .sealed import SealedProcess


def start_program(
    program: Path,
    file: Path,
    interpreter: Interpreter,
    plan: SealPlan,
    descriptor: int,
    stack: ExitStack,
) -> SealedProcess:
    """Start one of modelenv's programs on the job in `file`, with its end of a socket pair.

    Its end is registered on the stack. Raises WrongUseError if it cannot be started.
    """
    # -B: no bytecode is written beside imported code. -u: output is seen at once.
    command = [str(interpreter.executable), "-B", "-u", *interpreter.options]
    command += [str(seen(plan, program)), str(file), str(descriptor)]
    process = SealedProcess(command, interpreter.seal, plan, file.parent)
    stack.callback(process.close)
    stack.callback(process.end)
    process.start((descriptor,))
    return process


def check_hello(hello: Mapping[str, Any], interpreter: Interpreter) -> None:
    """Raise an error for an invalid first message.

    RunFailedError if it is malformed, and WrongInterpreterError if the process started in another
    environment than intended.
    """
    nonsense = nonsense_of({"event": "hello", **hello}, (), None)
    if nonsense:
        raise failed_run(interpreter.seal, "start", f"it reported nonsense: {nonsense}")
    check_interpreter(hello, interpreter)


def check_loaded(told: Mapping[str, Any], seal: Seal) -> None:
    """Raise RunFailedError unless the second message reports that the model is loaded."""
    if told.get("ok") != "loaded":
        stage = str(told.get("failed", "load"))
        reason = ": ".join(filter(None, (_text(told, "type"), _text(told, "message"))))
        raise failed_run(seal, stage, reason, _text(told, "traceback"))


def failed_run(seal: Seal, stage: str, reason: str, detail: str = "") -> RunFailedError:
    """Return the error of a process that ended too early, for the given reason."""
    where = f"the model's process, {seal}"
    return RunFailedError(where, stage, without_scratch(reason), without_scratch(detail))


def ending(code: int | None) -> str:
    """Return how a process ended: ``was killed by SIGKILL``."""
    if code is None:
        return f"ended {UNKNOWN_CODE}"
    return f"was killed by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}"


def _text(told: Mapping[str, Any], name: str) -> str:
    return str(told.get(name, ""))
