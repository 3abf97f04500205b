"""A model in a process of its own, called as if it were in this one."""

from __future__ import annotations

import pickle
import secrets
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...base.files.bounded import UntrustedFileError, parse_json
from ...base.files.scratch import scratch_folder
from ...base.run_variables import NO_BYTECODE
from ...base.settings import Settings
from ...seal.command import command, has_starter
from ...seal.plan import SealPlan
from ...seal.seals import OFF
from ...table.crossing import received
from ...table.errors import UnfaithfulError
from ..errors import RunFailedError, UntypedPredictionError
from ..job import UNKNOWN_CODE
from ..processes.child import ChildProcess

_WORKER = Path(__file__).parent / "resident_worker.py"
_WHERE = "a process of its own"
_START = 60.0
_GRACE = 5.0  # seconds from the end of the connection to that of the process
_ANSWER = Path("answer")
_LARGEST_HEADER = 2**24


class ResidentModel:
    """A model behind ``predict`` whose code is kept apart from that of models in this process.

    The process has this one's interpreter, path and environment, with `variables` besides. It
    ends with this object, or when it is closed. Raises RunFailedError if loading or predicting
    fails.
    """

    def __init__(
        self,
        data: Path,
        loader: Path,
        code: tuple[Path, ...],
        variables: Mapping[str, str] = MappingProxyType({}),
        *,
        unpickle: bool = False,
    ) -> None:
        self._unpickle = unpickle
        self._lock = threading.Lock()
        self._asked = 0
        self._child = ChildProcess(is_starter=has_starter(OFF))
        self._end = weakref.finalize(self, _end, self._child)
        folders = [str(folder) for folder in code]
        try:
            self._connection = self._start(variables)
            self._ask("load", (sys.path, folders, str(loader.parent), loader.stem, str(data)))
        except BaseException:
            self._end()
            raise

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the prediction for `data`, made in the other process.

        Raises UntypedPredictionError if only a pickle can hold it and pickles were not allowed.
        """
        kind, answer = self._ask("predict", (data, params, self._unpickle))
        if kind == "pickle" and self._unpickle:
            return pickle.loads(answer)
        try:
            return received.build(*received.checked(answer, _ANSWER))
        except UnfaithfulError as error:
            raise RunFailedError(_WHERE, "output", str(error)) from error

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._end()

    def _start(self, variables: Mapping[str, str]) -> Connection[Any, Any]:
        """Start the process and return the connection to it."""
        key = secrets.token_hex(16).encode()
        ours = Settings.from_environment().environment
        plan = SealPlan(reads=(), environment={**ours, **variables, NO_BYTECODE: "1"})
        with scratch_folder() as scratch, Listener(("127.0.0.1", 0), authkey=key) as listener:
            program = [sys.executable, "-B", str(_WORKER), str(listener.address[1])]
            self._child.start(
                command(OFF, plan, program, scratch),
                stdin=subprocess.PIPE,
                # With a starter: that one gets our environment, and sets the program's.
                env=ours if has_starter(OFF) else plan.environment,
            )
            given = self._child.process.stdin
            assert given is not None
            given.write(key + b"\n")
            given.close()
            return self._accept(listener)

    def _ask(self, stage: str, request: object) -> tuple[str, bytes]:
        """Return the answer: its kind, and the data after it."""
        with self._in_turn() as number:
            pickled = ForkingPickler.dumps((number, request))
            try:
                self._connection.send_bytes(pickled)
                told = parse_json(self._connection.recv_bytes(_LARGEST_HEADER), _ANSWER)
                kind = told.get("kind") if isinstance(told, dict) else None
                if kind and told.get("question") != number:  # from a child that the model forked
                    self._end()
                    reason = "its process answered another question, and was ended"
                    raise RunFailedError(_WHERE, stage, reason)
                if kind in ("prediction", "pickle"):
                    return kind, self._connection.recv_bytes(received.most())
            except (EOFError, OSError) as error:
                raise RunFailedError(_WHERE, stage, self._ended()) from error
            except UntrustedFileError as error:
                raise RunFailedError(_WHERE, stage, f"its answer {error.reason}") from error
        if kind == "untyped":
            raise UntypedPredictionError(_WHERE, str(told.get("class")), str(told.get("reason")))
        if kind != "loaded":
            reason, detail = str(told.get("reason")), str(told.get("detail"))
            raise RunFailedError(_WHERE, stage, reason, detail)
        return kind, b""

    @contextmanager
    def _in_turn(self) -> Iterator[int]:
        """Admit one question at a time, and yield its number.

        After an interruption the answer might still come: then the process is closed.
        """
        with self._lock:
            self._asked += 1
            try:
                yield self._asked
            except BaseException as error:
                if not isinstance(error, Exception):
                    self.close()
                raise

    def _ended(self) -> str:
        """Return how the process ended; one that is alive but does not answer is ended first."""
        if self._child.ended_within(_GRACE):
            code = self._child.bury()
            told = f"with exit code {code}" if code is not None else UNKNOWN_CODE
            return f"its process ended {told}"
        self._end()
        return "its process answered what is no answer, and was ended"

    def _accept(self, listener: Listener) -> Connection[Any, Any]:
        """Wait for the process to connect; stop waiting if it dies or takes too long."""
        gone = threading.Timer(_START, self._child.end)
        gone.daemon = True
        gone.start()
        watcher = threading.Thread(
            target=_unblock, args=(self._child, listener.address), daemon=True
        )
        watcher.start()
        try:
            return listener.accept()
        except (EOFError, OSError, AuthenticationError) as error:
            raise RunFailedError(_WHERE, "start", "its process did not start") from error
        finally:
            gone.cancel()


def _unblock(child: ChildProcess, address: Any) -> None:
    """Connect in place of a process that has ended, so that the listener stops waiting."""
    while not child.ended_within(_START):
        pass
    with suppress(OSError, EOFError, AuthenticationError):
        Client(address).close()


def _end(child: ChildProcess) -> None:
    child.end()
    child.bury()


__all__ = ["ResidentModel"]
