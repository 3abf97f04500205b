"""A builder's program: whether it is there and works, and how its commands are run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...base.settings import Settings
from ...worker.processes.program import run_program
from ..errors import ImageBuildError

_MOST = 8000
_SHORTEST = 4
"""The length up to which a value is not masked, as it may be an ordinary word."""


@dataclass(frozen=True, slots=True)
class Program:
    """The program of a builder, with the environment variables that it gets."""

    name: str
    settings: Settings

    def refusal(self, *words: str) -> str:
        """Return that the program is missing, or its error if the command `words` fails."""
        if shutil.which(self.name, path=self.settings.environment.get("PATH")) is None:
            return "there is no such program on PATH"
        ended = self.run(words)
        return "" if ended.returncode == 0 else _last_line(ended)

    def run(
        self, words: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of its commands and return how it ended, with all of its output."""
        return run_program([self.name, *words], {**self.settings.environment, **(variables or {})})

    def do(self, words: Sequence[str], arguments: Mapping[str, str] | None = None) -> bytes:
        """Run one of its commands and return the output.

        `arguments` are the variables of a build, passed through the environment. Raises
        ImageBuildError, without these values.
        """
        given = arguments or {}
        named, hidden = self._handed_over(given)
        ended = self.run([words[0], *named, *words[1:]], hidden)
        if ended.returncode == 0:
            return ended.stdout
        printed = ended.stdout.decode("utf-8", "replace")
        for name, value in given.items():
            printed = printed.replace(value, f"${name}") if len(value) >= _SHORTEST else printed
        raise ImageBuildError(f"{self.name} {words[0]}", ended.returncode, printed[-_MOST:].strip())

    def _handed_over(self, arguments: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
        """Return the options for the variables of a build, and their values for the environment.

        A value goes through the builder's environment, or if that has another one, into the option.
        """
        words, hidden = [], {}
        for name in sorted(arguments):
            if self.settings.environment.get(name, arguments[name]) == arguments[name]:
                words += ["--build-arg", name]
                hidden[name] = arguments[name]
            else:
                words += ["--build-arg", f"{name}={arguments[name]}"]
        return words, hidden


def _last_line(ended: subprocess.CompletedProcess[bytes]) -> str:
    lines = ended.stdout.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"it ended with status {ended.returncode}"
