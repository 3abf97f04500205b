"""Three ways to run an old model: MLflow's predict, uv by hand, and `modelenv revive`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .account import faults
from .make import NoPythonError, find_python
from .old_model import OldModel

BY_HAND = Path(__file__).parent / "inside" / "by_hand.py"
_LONGEST = 300
LIMIT = 900.0
"""Seconds that a command may take, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a model gave its prediction of then, and what was said where it did not."""

    good: bool
    said: str
    seconds: float
    notes: tuple[str, ...] = field(default=())
    """What was told of the way to it."""


class NotRunError(Exception):
    """A command of a way failed; says its last words."""


@dataclass(frozen=True, slots=True)
class MLflow:
    """``mlflow models predict --env-manager uv``, of an interpreter that has MLflow and uv.

    Where the very patch of Python that the folder states is not to be had, and can be downloaded
    elsewhere, the folder is not the reason: then it is given the patch that is here.
    """

    python: str
    pythons: Mapping[str, str]
    limit: float = LIMIT

    def run(self, old: OldModel, scratch: Path) -> None:
        if not old.model.is_dir():
            raise NotRunError("it takes no bare pickle")
        copy = scratch / "model"
        shutil.copytree(old.model, copy)
        programs = [Path(self.python).parent, *self._python_of_here(copy, old)]
        command = [self.python, "-m", "mlflow", "models", "predict", "--env-manager", "uv"]
        if not any(line.startswith("mlflow") for line in old.requirements):
            command.append("--install-mlflow")
        files: list[str | Path] = ["-m", copy, "-i", old.input, "-o", scratch / "answer.json"]
        path = os.pathsep.join([*map(str, programs), os.environ.get("PATH", "")])
        # Environments that MLflow keeps from another day would tell nothing of this one.
        kept = str(scratch / "environments")
        call([*command, *files], self.limit, PATH=path, MLFLOW_ENV_ROOT=kept)

    def _python_of_here(self, copy: Path, old: OldModel) -> list[Path]:
        """Let a copy state the patch that is here; return the folder of that Python, if any."""
        stated = str(old.story["states"])
        try:
            python = find_python(stated.rpartition(".")[0], self.pythons)
        except NoPythonError:
            return []
        version = call([python, "-c", "import platform; print(platform.python_version())"])
        for file in (copy / "conda.yaml", copy / "python_env.yaml"):
            if file.exists():
                text = file.read_text("utf-8")
                file.write_text(text.replace(stated, version.strip()), "utf-8")
        return [Path(python).parent]


@dataclass(frozen=True, slots=True)
class ByHand:
    """`uv venv`, `uv pip install` of what is listed as of the day, and a program that loads it."""

    uv: str
    pythons: Mapping[str, str]
    limit: float = LIMIT

    def run(self, old: OldModel, scratch: Path) -> None:
        stated = str(old.story["states"] or old.story["python"] + ".0")
        try:
            python = find_python(stated.rpartition(".")[0], self.pythons)
        except NoPythonError as error:
            raise NotRunError(str(error)) from error
        listed = scratch / "listed.txt"
        listed.write_text("".join(f"{line}\n" for line in old.requirements), "utf-8")
        call([self.uv, "venv", "-q", "--python", python, scratch / "env"])
        inside = scratch / "env" / "bin" / "python"
        as_of = ["--exclude-newer", str(old.story["as_of"])]
        install: list[str | Path] = [self.uv, "pip", "install", "-q", "--python", inside, *as_of]
        call([*install, "-r", listed], self.limit)
        call([inside, BY_HAND, old.model, old.input, scratch / "answer.json"], self.limit)


@dataclass(frozen=True, slots=True)
class Revive:
    """`modelenv revive`, and `modelenv predict` with the folder that it wrote."""

    limit: float = LIMIT

    def run(self, old: OldModel, scratch: Path) -> tuple[str, ...]:
        before = old.fingerprint()
        new = scratch / "revived"
        ours = [sys.executable, "-m", "modelenv"]
        revive = [*ours, "revive", "--json"]
        said = call([*revive, "-m", old.model, *old.options, "-o", new], self.limit)
        answer = scratch / "answer.json"
        call([*ours, "predict", "-m", new, "-i", old.input, "-o", answer], self.limit)
        account = json.loads(said)
        wrong = list(faults(old, account, new))
        if old.fingerprint() != before:
            wrong.append("the old folder was touched")
        if wrong:
            raise NotRunError("; ".join(wrong))
        return tuple(
            f"{rule['name']}: {rule['change']}" for rule in account["rules"] if rule["change"]
        )


Way = MLflow | ByHand | Revive


def tried(way: Way, old: OldModel, scratch: Path) -> Outcome:
    """Run a model one way in an empty folder, and compare what it answers."""
    scratch.mkdir(parents=True)
    began = time.perf_counter()
    notes: tuple[str, ...] = ()
    try:
        notes = way.run(old, scratch) or ()
        answer = json.loads((scratch / "answer.json").read_text("utf-8"))
        good = old.is_prediction(answer)
        said = "" if good else "the prediction is another one"
    except NotRunError as error:
        good, said = False, str(error)
    seconds = time.perf_counter() - began
    shutil.rmtree(scratch)
    return Outcome(good, said, round(seconds, 1), notes)


def call(command: Sequence[str | Path], limit: float = LIMIT, **variables: str) -> str:
    """Return what a command prints in `limit` seconds. Raises NotRunError with its last words."""
    environment = {key: os.environ[key] for key in os.environ if key != "UV_PYTHON"} | variables
    with subprocess.Popen(
        [str(each) for each in command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            printed, said = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired as error:
            # A compiler that it started ends with it.
            os.killpg(process.pid, signal.SIGKILL)
            raise NotRunError(f"no answer within {limit:.0f} s") from error
    if process.returncode:
        raise NotRunError(_told(printed) or _last_words(said) or _last_words(printed))
    return printed


def _told(printed: str) -> str:
    """Return what a document of modelenv's says of a failure; nothing where it is none."""
    try:
        said = json.loads(printed)
    except ValueError:
        return ""
    failure = said.get("error") or said.get("proof") or {}
    return " ".join(str(failure.get("message") or failure.get("reason") or "").split())[:_LONGEST]


def _last_words(text: str) -> str:
    """Return the line of an output that says why it failed: the error's, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"\S*(Error|error|cause|Exception)\b.*:", line)]
    own = [line for line in telling if "MlflowException" not in line and "ShellCommand" not in line]
    return ((own or telling or lines)[-1:] or [""])[0][:_LONGEST]
