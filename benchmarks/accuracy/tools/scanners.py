"""pipreqs and pigar, which read the sources of the case's folder, and `pip freeze`.

They write requirements alone: first-party modules are copied by hand for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..authors.pins import read_pins
from .local_index import serve
from .tool import (
    TOOL_PINS,
    Captured,
    CaptureError,
    install_beside,
    run_timed,
    user_variables,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ..authors.source import Source
    from ..running.environments import Builder

OUTPUT = "{output}"
SOURCES = "{sources}"
INDEX = "{index}"


@dataclass(frozen=True, slots=True)
class Scanner:
    """A command that is installed beside the model's libraries and reads the case's folder."""

    name: str
    title: str
    arguments: tuple[str, ...]

    @property
    def key(self) -> str:
        return " ".join([self._requirement, *self.arguments])

    @property
    def _requirement(self) -> str:
        return f"{self.name}=={read_pins(TOOL_PINS)[canonicalize_name(self.name)]}"

    def capture(self, source: Source, builder: Builder, folder: Path) -> Captured:
        environment = install_beside(source, builder, self._requirement)
        output = folder / "requirements.txt"
        variables = user_variables(source, builder, environment)
        with serve(read_pins(source.case.pins)) as index:
            places = {OUTPUT: str(output), SOURCES: str(source.development), INDEX: index}
            program = environment.python.parent / self.name
            command = [program, *(places.get(word, word) for word in self.arguments)]
            run_timed(command, folder, variables)
            output.unlink(missing_ok=True)
            done, spent = run_timed(command, folder, variables)
        (folder / "log.txt").write_text(done.stdout + done.stderr, "utf-8")
        if done.returncode or not output.exists():
            said = (done.stderr or done.stdout).strip().splitlines()
            raise CaptureError(self.name, said[-1] if said else f"exit {done.returncode}, no file")
        return Captured(spent=spent)


@dataclass(frozen=True, slots=True)
class Freeze:
    """`pip freeze` in the source environment."""

    name: str = "freeze"
    title: str = "pip freeze"

    @property
    def key(self) -> str:
        return "freeze"

    def capture(self, source: Source, builder: Builder, folder: Path) -> Captured:
        environment = source.environment
        variables = user_variables(source, builder, environment)
        command = [environment.python, "-m", "pip", "freeze"]
        run_timed(command, source.development, variables)
        done, spent = run_timed(command, source.development, variables)
        if done.returncode:
            raise CaptureError(self.name, done.stderr)
        (folder / "requirements.txt").write_text(done.stdout, "utf-8")
        return Captured(spent=spent)
