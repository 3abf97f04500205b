"""A model that lives in a process of its own and is called as if it lived here."""

from __future__ import annotations

import os
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

from ..base.files.bounded import UntrustedFileError, parse_json
from ..base.run_variables import NO_BYTECODE
from ..base.settings import Settings
from ..seal.command import is_supervised, supervised
from ..table.crossing import received
from ..table.errors import UnfaithfulError
from .errors import RunFailedError, UntypedPredictionError
from .processes.child import ChildProcess

_WORKER = Path(__file__).parent / "resident_worker.py"
_WHERE = "a process of its own"
_START = 60.0
_GRACE = 5.0  # seconds from the end of the connection to that of the process
_ANSWER = Path("answer")
_LARGEST_HEADER = 2**24


class ResidentModel:
    """A model behind ``predict`` whose code does not meet that of the models in this process.

    The process has this one's interpreter and path, this one's environment with `variables`
    besides, and ends with this object, or when it is closed. Raises RunFailedError where loading
    or predicting fails.
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
        key = secrets.token_hex(16).encode()
        with Listener(("127.0.0.1", 0), authkey=key) as listener:
            port = listener.address[1]
            process = subprocess.Popen(
                supervised([sys.executable, "-B", str(_WORKER), str(port)]),
                stdin=subprocess.PIPE,
                env={**Settings.from_environment().environment, **variables, NO_BYTECODE: "1"},
                start_new_session=os.name == "posix",
            )
            self._child = ChildProcess(process, is_starter=is_supervised())
            self._end = weakref.finalize(self, _end, self._child)
            assert process.stdin is not None
            process.stdin.write(key + b"\n")
            process.stdin.close()
            self._connection = self._accept(listener)
        self._lock = threading.Lock()
        self._ask(
            "load",
            (
                sys.path,
                [str(folder) for folder in code],
                str(loader.parent),
                loader.stem,
                str(data),
            ),
        )

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the prediction for `data`, made in the other process.

        Raises UntypedPredictionError for one that only a pickle can hold, unless it is unpickled.
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

    def _ask(self, stage: str, request: object) -> tuple[str, bytes]:
        """Return what is answered: its kind, and what comes after it."""
        pickled = ForkingPickler.dumps(request)
        with self._in_turn():
            try:
                self._connection.send_bytes(pickled)
                told = parse_json(self._connection.recv_bytes(_LARGEST_HEADER), _ANSWER)
                kind = told.get("kind") if isinstance(told, dict) else None
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
    def _in_turn(self) -> Iterator[None]:
        """Let one question be asked at a time; after an interrupted one its answer might come."""
        with self._lock:
            try:
                yield
            except Exception:
                raise
            except BaseException:
                self.close()
                raise

    def _ended(self) -> str:
        """Say how the process ended; one that lives on, and answers no more, is ended."""
        if self._child.ended_within(_GRACE):
            return f"its process ended with exit code {self._child.bury()}"
        self._end()
        return "its process answered what is no answer, and was ended"

    def _accept(self, listener: Listener) -> Connection[Any, Any]:
        """Wait for the process to connect; end the wait when it dies or takes too long."""
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
    """When the process has ended, knock in its stead, so that nobody waits for it any longer."""
    while not child.ended_within(_START):
        pass
    with suppress(OSError, EOFError, AuthenticationError):
        Client(address).close()


def _end(child: ChildProcess) -> None:
    child.end()
    child.bury()


__all__ = ["ResidentModel"]
