"""The servers that are compared: how each is started, and what it is asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..results.timing import environment
from . import models, processes
from .models import Question

_CLIENT = Path(__file__).with_name("client.py")
_PATIENCE = 180.0
_PAUSE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a server is started; `{port}` in its command is where it is to listen."""

    name: str
    command: Sequence[str]
    question: Question
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """What came of asking a server for a while."""

    count: int
    rate: float
    """Answers in a second."""
    p50: float
    p99: float
    web: float
    """Seconds of CPU of the web process for each answer."""
    all: float
    """Those of all the server's processes."""
    client: float
    """Those of the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that runs."""

    plan: Plan
    port: int
    pid: int
    seconds: float
    """From its command to its first answer."""
    answer: bytes
    """The body of that answer."""

    @property
    def web(self) -> int:
        """The process that speaks HTTP."""
        return processes.listener(self.pid, self.port)

    def load(self, seconds: float, connections: int, rate: float | None = None) -> Load:
        """Ask it for so long, over so many connections, and so often in a second."""
        file = self.plan.folder / f"question-{self.port}"
        file.write_bytes(self.plan.question.raw)
        line = [sys.executable, "-I", "-S", str(_CLIENT), str(self.port), str(file)]
        line += [str(seconds), str(connections), *([] if rate is None else [str(rate)])]
        pids = processes.tree(self.pid)
        web, before = self.web, {pid: processes.cpu(pid) for pid in pids}
        ended = subprocess.run(line, capture_output=True, text=True, check=False)
        after = {pid: processes.cpu(pid) for pid in pids}
        if ended.returncode != 0:
            sys.exit(f"{self.plan.name}: {ended.stderr}")
        told = json.loads(ended.stdout)
        waits = sorted(told["waits"])
        count = len(waits)
        return Load(
            count=count,
            rate=count / told["wall"],
            p50=waits[count // 2],
            p99=waits[int(count * 0.99)],
            web=(after[web] - before[web]) / count,
            all=(sum(after.values()) - sum(before.values())) / count,
            client=told["cpu"] / count,
        )


@contextmanager
def running(plan: Plan) -> Iterator[Server]:
    """Yield a server that has answered once; it ends with the block."""
    port = _free_port()
    line = [word.replace("{port}", str(port)) for word in plan.command]
    (plan.folder / "logs").mkdir(exist_ok=True)
    log = plan.folder / "logs" / f"{plan.name.replace(' ', '-').replace('/', '-')}-{port}"
    with log.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(
            line,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=plan.folder,
            env={**environment(), **plan.variables},
            start_new_session=True,
        )
    try:
        answer = _first_answer(process, port, plan, log)
        seconds = time.perf_counter() - began
        yield Server(plan=plan, port=port, pid=process.pid, seconds=seconds, answer=answer)
    finally:
        _end(process)


def _first_answer(process: subprocess.Popen[bytes], port: int, plan: Plan, log: Path) -> bytes:
    limit, answer = time.monotonic() + _PATIENCE, b""
    while time.monotonic() < limit and process.poll() is None:
        answer = _asked(port, plan.question)
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " in head.partition(b"\r\n")[0]:
            return body
        time.sleep(_PAUSE)
    sys.exit(f"{plan.name} does not answer: {answer.decode()}\n{log.read_text()[-2000:]}")


def _asked(port: int, question: Question) -> bytes:
    """Return the whole answer; empty where there is none yet."""
    last = question.raw.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(last)
            return b"".join(iter(lambda: connection.recv(65536), b""))
    except OSError:
        return b""


def _end(process: subprocess.Popen[bytes]) -> None:
    below = processes.tree(process.pid)
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in below[1:]:  # what a server leaves behind
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def of_modelenv(folder: Path, question: Question, *words: str, name: str = "modelenv") -> Plan:
    """Return modelenv's server of the model that it saved; its environments are kept."""
    command = [sys.executable, "-m", "modelenv", "serve", "-m", "model=of-modelenv"]
    variables = {"MODELENV_CACHE_DIR": str(folder / "cache")}
    return Plan(
        name=name,
        command=[*command, "--port", "{port}", *words],
        question=question,
        folder=folder,
        variables=variables,
    )


def of_mlflow(python: str, folder: Path, manager: str = "local") -> Plan:
    """Return MLflow's scoring server, with one worker."""
    command = [python, "-W", "ignore", "-m", "mlflow", "models", "serve", "-m", "of-mlflow"]
    # MLflow starts what it serves with by name, from PATH.
    variables = {
        "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}",
        "MLFLOW_ENV_ROOT": str(folder / "mlflow-environments"),
    }
    return Plan(
        name="MLflow" if manager == "local" else f"MLflow, {manager}",
        command=[*command, "-p", "{port}", "--env-manager", manager],
        question=models.of_mlflow(),
        folder=folder,
        variables=variables,
    )


def of_mlserver(python: str, folder: Path, question: Question) -> Plan:
    """Return MLServer with one process for models, which is asked by the inference protocol."""
    served = folder / "of-mlserver"
    settings = {
        "name": "model",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
    (served / "model-settings.json").write_text(json.dumps(settings))
    # It takes what is set in the environment over what is in its file.
    variables = {
        "MLSERVER_HTTP_PORT": "{port}",
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_PARALLEL_WORKERS": "1",
        "MLSERVER_DEBUG": "false",
    }
    script = (
        "import os, sys;"
        "os.environ.update(each.split('=', 1) for each in sys.argv[2:]);"
        "sys.argv = ['mlserver', 'start', sys.argv[1]];"
        "from mlserver.cli import main; main()"
    )
    given = [f"{key}={value}" for key, value in variables.items()]
    ports = [f"MLSERVER_{each}_PORT={_free_port()}" for each in ("GRPC", "METRICS")]
    command = [python, "-c", script, str(served), *given, *ports]
    return Plan(name="MLServer", command=command, question=question, folder=folder)


def of_bare(folder: Path, question: Question, size: int) -> Plan:
    """Return uvicorn alone, which answers with so many bytes."""
    command = [sys.executable, str(Path(__file__).with_name("bare.py")), "{port}", str(size)]
    return Plan(name="uvicorn alone", command=command, question=question, folder=folder)
