"""A serving worker in its environment and its seal: it starts, answers, and ends."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.settings import Settings
from modelenv.environments.interpreter import Python
from modelenv.environments.managers import opened
from modelenv.folder.model_folder import ModelFolder
from modelenv.seal.choose import SealRequest, this_machine
from modelenv.seal.seals import Wanted
from modelenv.serving.workers.process import ServingProcess

from .obedient_process import Ready, said, serve

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no socket pairs of Unix")

SEALS: tuple[Wanted, ...] = ("off", "watch", "landlock", "namespaces")


@pytest.fixture(scope="module")
def environment() -> Callable[..., Any]:
    """Return what opens the environment of a folder in a seal that this machine has."""

    def open_(folder: Path, seal: Wanted = "off", **allowed: Any) -> Any:
        machine = this_machine()
        if {"namespaces": machine.namespaces, "landlock": machine.why_no_landlock}.get(seal):
            pytest.skip(f"this machine has no {seal}")
        python = Python.current()
        installed = python.installed()
        wanted = ModelFolder.open(folder).wanted(python, installed)
        settings = Settings.from_environment()
        request = SealRequest.read(seal, **allowed)
        return opened(wanted, installed, settings, "replica", seal=request)

    return open_


@pytest.mark.parametrize("seal", SEALS)
def test_it_answers_in_every_seal(folder: Path, environment: Any, seal: Wanted) -> None:
    async def talk(process: ServingProcess) -> None:
        assert await said(process, "a", "b") == ["a", "b"]
        assert process.memory is None or process.memory > 10_000_000
        assert await process.end() == "ended with exit code 0"

    serve(folder, environment(folder, seal), talk)


@pytest.mark.parametrize("seal", ["landlock", "namespaces"])
def test_a_sealed_one_reaches_neither_the_network_nor_the_home_folder(
    folder: Path, environment: Any, seal: Wanted
) -> None:
    with Peer() as peer:

        async def talk(process: ServingProcess) -> tuple[Any, Any]:
            return await said(process, f"connect {peer.port}"), await said(process, "home")

        network, files = serve(folder, environment(folder, seal), talk)
        assert network["failed"] == "predict"
        assert network["type"] in ("PermissionError", "ConnectionRefusedError", "OSError")
        assert files["type"] in ("PermissionError", "FileNotFoundError")
        assert not peer.met


def test_what_is_allowed_is_there(folder: Path, environment: Any, home: Path) -> None:
    with Peer() as peer:

        async def talk(process: ServingProcess) -> None:
            assert await said(process, f"connect {peer.port}") == ["hello"]
            assert await said(process, "home") == ["secret"]

        allowed = {"allow_hosts": ["127.0.0.1"], "allow_paths": [str(home)]}
        serve(folder, environment(folder, "namespaces", **allowed), talk)
        assert peer.met


class Peer:
    """A host that says hello to whoever comes."""

    def __enter__(self) -> Peer:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.met = 0
        self._thread = threading.Thread(target=self._greet, daemon=True)
        self._thread.start()
        return self

    def _greet(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.met += 1
            with peer:
                peer.sendall(b"hello")

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def test_what_a_model_does_to_its_process_leaves_it_serving(folder: Path) -> None:
    async def talk(process: ServingProcess) -> None:
        for word, type_ in (
            ("exit 3", "SystemExit"),
            ("interrupt", "KeyboardInterrupt"),
            ("recurse", "RecursionError"),
        ):
            told = await said(process, word)
            assert (told["failed"], told["type"]) == ("predict", type_)
            assert "last" not in told
            assert "modelenv" not in told["traceback"].replace("modelenv_model_code", "")
        assert await said(process, "print some words") == ["printed"]
        while "some words" not in process.printed:
            await asyncio.sleep(0.01)
        assert await said(process, "fork") == ["parent"]
        assert await said(process, "fork", "fork") == ["parent", "parent"]
        assert await said(process, "close") == ["closed"]
        assert await said(process, "upset") == ["upset"]
        assert await said(process, "a") == ["a"]
        told = await said(process, "kill x")
        assert (told["type"], told["failed"]) == ("ValueError", "predict")

    serve(folder, Ready(), talk)
