"""A builder as a program: where it is, whether it works, and how its commands are run."""

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
"""Characters of a value that may be any word: a shorter one hides nothing."""


@dataclass(frozen=True, slots=True)
class Program:
    """The program of a builder, with the variables that it is started with."""

    name: str
    settings: Settings

    def refusal(self, *words: str) -> str:
        """Return why the program is not there, or what it says where `words` do not succeed."""
        if shutil.which(self.name, path=self.settings.environment.get("PATH")) is None:
            return "there is no such program on PATH"
        ended = self.run(words)
        return "" if ended.returncode == 0 else _last_line(ended)

    def run(
        self, words: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one of its commands and return how it ended, with all that it printed."""
        return run_program([self.name, *words], {**self.settings.environment, **(variables or {})})

    def do(self, words: Sequence[str], arguments: Mapping[str, str] | None = None) -> bytes:
        """Run one of its commands and return what it printed.

        `arguments` are the variables of a build, which are handed over where nobody sees them.
        Raises ImageBuildError, with none of their values.
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
        """Return the options that name the variables of a build, and where their values are.

        A value is in the environment of the builder, unless that has another one for itself.
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
