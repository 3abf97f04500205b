"""Run an example as its reader does, and prove its folder in an environment built anew."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..running.environments import Builder, Environment
from .example import Example
from .report import Report, read_report

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 900


class ExampleError(Exception):
    """A command on an example that failed, with what it said."""

    def __init__(self, example: str, command: Sequence[str], said: str) -> None:
        self.example = example
        self.command = tuple(command)
        self.said = said
        super().__init__(example, self.command, said)

    def __str__(self) -> str:
        return f"{self.example}: {' '.join(self.command)}\n{self.said.strip()[-4000:]}"


@dataclass(frozen=True, slots=True)
class Made:
    """What came of an example."""

    example: Example
    python: str
    """The version of Python that ran it."""
    report: Report
    verified: str
    """What `modelenv verify` said, of an environment that was built for it."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where examples are run: their environments, and options of whoever builds these."""

    builder: Builder
    modelenv: Path
    """A wheel of modelenv."""
    options: tuple[str, ...] = ()
    """Options of `uv pip install`, as `--find-links` or `--constraints`."""

    def environment(self, example: Example, *beside: str) -> Environment:
        """Return an environment of what the example needs, as of its day, and what is `beside`."""
        options = ("--exclude-newer", example.as_of, *self.options)
        return self.builder.environment([*example.requirements, *beside], options)


@contextmanager
def open_workshop(builder: Builder, options: tuple[str, ...]) -> Iterator[Workshop]:
    """Give a workshop with a wheel of modelenv as it stands here."""
    with TemporaryDirectory(prefix="modelenv-gallery-") as folder:
        command = [builder.uv, "build", "--quiet", "--wheel", "--out-dir", folder, str(ROOT)]
        subprocess.run(command, check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        yield Workshop(builder, wheel, options)


def make(example: Example, workshop: Workshop, folder: Path) -> Made:
    """Run `python EXAMPLE.py` in `folder`, and verify what it saved; raises `ExampleError`.

    `folder` holds the saved model afterwards.
    """
    environment = workshop.environment(example, str(workshop.modelenv))
    variables = reader_variables(workshop, environment)
    python = str(environment.python)
    printed = run(example, [python, str(example.script)], folder, variables)
    verify = [python, "-m", "modelenv", "verify", "-m", example.saved, "--env-manager", "uv"]
    verified = run(example, verify, folder, variables).splitlines()[0]
    version = run(example, [python, "-V"], folder, variables).split()[1]
    return Made(example, version, read_report(printed), verified)


def run(
    example: Example, command: Sequence[str], folder: Path, variables: Mapping[str, str]
) -> str:
    """Return what a command prints; raises `ExampleError` where it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise ExampleError(example.name, command, done.stdout + done.stderr)
    return done.stdout


def reader_variables(workshop: Workshop, environment: Environment) -> dict[str, str]:
    """Return the variables of somebody who has activated `environment` and has uv at hand."""
    programs = [str(environment.python.parent), str(Path(workshop.builder.uv).resolve().parent)]
    path = os.pathsep.join([*programs, os.environ["PATH"]])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(environment.folder)}
