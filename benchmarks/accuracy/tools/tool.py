"""The interface of a tool in this benchmark: it captures a case's model into a folder."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..running.predictions import plain_environment, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..authors.source import Source
    from ..running.environments import Builder, Environment

TOOL_PINS = Path(__file__).parent / "pins.txt"
INSIDE = Path(__file__).resolve().parent.parent / "inside"
SECONDS = 420
"""How long a capture may take: MLflow gives its own inference 120 seconds, and may try twice."""

Loader = Literal["pickle", "modelenv", "mlflow"]


class CaptureError(Exception):
    """A tool that did not come to a requirements file."""

    def __init__(self, tool: str, said: str) -> None:
        self.tool = tool
        self.said = said
        super().__init__(tool, said)

    def __str__(self) -> str:
        return f"{self.tool}: {self.said}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What something cost."""

    wall: float
    """Seconds."""
    cpu: float
    """User and system seconds, of children too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What a tool wrote, in the folder that it was given."""

    spent: Spent | None
    requirements: str = "requirements.txt"
    """The file that the environment is built from, relative to the folder."""
    loader: Loader = "pickle"
    """Who loads the model: the tool's own way, or by hand from the case's pickle."""
    code: str | None = None
    """The folder of code that travels, relative too: a project whose metadata lies in it is there
    as much as an installed one."""
    failed: str | None = None
    """Why the tool itself calls this unusable; it is not judged then."""
    proof: str | None = None
    """What the tool itself says of its result, where it has tried it."""
    guesses: tuple[str, ...] = ()
    """What came of proofs that were begun early, with an empty history and with one: `right`,
    `wrong` or `none`; empty: the tool begins none."""
    notes: tuple[str, ...] = ()
    floor: Spent | None = None
    """What a fresh interpreter spends on loading and predicting, measured at the same time."""


class Tool(Protocol):
    """A tool under comparison."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """What the tables call it."""

    @property
    def key(self) -> str:
        """Version and options: what was captured with another key is captured again."""

    def capture(self, source: Source, builder: Builder, folder: Path) -> Captured:
        """Capture the case's model into the new, empty `folder`, as a user would.

        Raises `CaptureError`, and `BuildError` where the tool cannot be installed there.
        """


def install_beside(source: Source, builder: Builder, *requirements: str) -> Environment:
    """Build the case's source environment once more, with a tool beside its libraries."""
    options = (*source.options, "--constraints", str(TOOL_PINS))
    return builder.environment(
        [*source.requirements, *requirements], options, after=source.case.after_install
    )


def run_timed(
    command: Sequence[object], folder: Path, variables: Mapping[str, str]
) -> tuple[subprocess.CompletedProcess[str], Spent]:
    """Run a command to its end; raises `CaptureError` where it takes too long."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    words = [str(word) for word in command]
    try:
        done = run(words, folder, variables, SECONDS)
    except subprocess.TimeoutExpired as error:
        raise CaptureError(Path(words[0]).name, f"no end after {SECONDS} s") from error
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done, Spent(wall, cpu)


def user_variables(source: Source, builder: Builder, environment: Environment) -> dict[str, str]:
    """Return the variables of an author who has activated `environment` and has uv at hand."""
    variables = plain_environment(os.environ)
    programs = [str(environment.python.parent), str(Path(builder.uv).resolve().parent)]
    variables["PATH"] = os.pathsep.join([*programs, variables.get("PATH", "")])
    variables["VIRTUAL_ENV"] = str(environment.folder)
    if source.has_index:  # the author's installers are set up to use that index
        variables["PIP_FIND_LINKS"] = variables["UV_FIND_LINKS"] = str(source.wheel_folder)
    return variables


def train_and_save(
    script: str,
    version: str,
    source: Source,
    builder: Builder,
    environment: Environment,
    folder: Path,
    options: Mapping[str, Any],
    variables: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Run a script of `inside` in the case's folder; return its report.

    The first time that this `version` of the tool runs in this environment it runs twice, so that
    what is timed finds compiled modules. Raises `CaptureError` where there is no report.
    """
    train = source.development / source.case.train
    report = folder / "report.json"
    command = [environment.python, "-I", INSIDE / script, "--train", train, "--report", report]
    command += ["--options", json.dumps(options), *(["--main"] if source.case.main else [])]
    everything = {**user_variables(source, builder, environment), **variables}
    warm = environment.folder / "warm"
    if not warm.exists() or warm.read_text("utf-8") != version:
        with suppress(CaptureError):
            run_timed([*command, "--output", folder / "warm-up"], train.parent, everything)
        shutil.rmtree(folder / "warm-up", ignore_errors=True)
        report.unlink(missing_ok=True)
        warm.write_text(version, "utf-8")
    done, _ = run_timed([*command, "--output", folder / "model"], train.parent, everything)
    (folder / "log.txt").write_text(done.stdout + done.stderr, "utf-8")
    if not report.exists():
        raise CaptureError(script, f"exit {done.returncode}\n{done.stderr[-4000:]}")
    said: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return said
