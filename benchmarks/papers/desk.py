"""Where documents are written: each in a folder, by tools in environments of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from ..revive.make import find_python
from .paper import Paper
from .written import Reads, Tool, Written

INSIDE = Path(__file__).parent / "inside"
_UNSET = ("VIRTUAL_ENV", "UV_PYTHON", "PYTHONPATH", "PIP_FIND_LINKS", "PYTHONDONTWRITEBYTECODE")
_LIMIT = 600
_VERSION = '"$PYTHON" -c "import platform; print(platform.python_version())"'


class NotWrittenError(Exception):
    """A command failed; says its last words."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder for the documents, one for the tools, and the interpreter that they are for."""

    papers: Path
    tools: Path
    python: str
    uv: str

    def written(self, tool: Tool, document: Written) -> Paper:
        """Write a document into a folder of its name, with its truth. Raises NotWrittenError."""
        place = self.papers / document.name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name, text in document.given.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, "utf-8")
        self.run(tool, document.command, place)
        paper = Paper(
            name=document.name,
            tool=str(tool),
            command=document.command,
            file=document.file,
            python=self.run(tool, _VERSION, place).strip(),
            groups=document.groups,
            extras=document.extras,
            pins=self._installed(tool, document, place) if document.installs else {},
            asked=self._printed(tool, document.asks, place),
            exported=self._printed(tool, document.exports, place),
            refusal=document.refusal,
        )  # fmt: skip
        paper.write(place)
        return paper

    def read(self, tool: Tool, how: Reads, document: Path, target: str = "") -> dict[str, str]:
        """Return what a tool reads of one of our documents. Raises NotWrittenError."""
        names = {"DOC": str(document), "TARGET": target}
        if how.installs:
            return self._installing(tool, how.installs, document.parent, **names)
        lines = self.run(tool, how.prints, document.parent, **names).split()
        parted = (each.partition("==") for each in lines)
        return {canonicalize_name(name): version for name, _, version in parted}

    def run(self, tool: Tool, command: str, folder: Path, **variables: str) -> str:
        """Return what a command of bash prints. Raises NotWrittenError."""
        home = self.tools / "home"
        home.mkdir(parents=True, exist_ok=True)
        environment = {key: value for key, value in os.environ.items() if key not in _UNSET}
        path = os.pathsep.join([str(self.tool(tool)), os.environ.get("PATH", "")])
        environment |= {"PATH": path, "HOME": str(home), "PYTHON": self.python, "UV": self.uv}
        environment["OTHER_PYTHON"] = find_python("3.12", {})
        environment |= {"UV_CACHE_DIR": str(self.tools / "uv-cache"), "PIP_CONFIG_FILE": os.devnull}
        environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "INSIDE": str(INSIDE), **variables}
        for cache in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            environment.pop(cache, None)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], check=False, cwd=folder, env=environment,
            capture_output=True, text=True, timeout=_LIMIT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise NotWrittenError(f"{command}\n{(done.stderr or done.stdout)[-2000:]}")
        return done.stdout

    def tool(self, tool: Tool) -> Path:
        """Return the folder of a tool's commands; its environment is made where it is not there."""
        place = self.tools / tool.name
        commands = place / "bin"
        made = place / "made"
        if not made.exists() or made.read_text("utf-8") != " ".join(tool.pins):
            python = find_python(tool.python, {}) if tool.python else self.python
            subprocess.run([self.uv, "venv", "-q", "--clear", "-p", python, place], check=True)
            install: list[str | Path] = [
                self.uv,
                "pip",
                "install",
                "-q",
                "--python",
                commands / "python",
            ]
            subprocess.run([*install, *tool.pins], check=True)
            made.write_text(" ".join(tool.pins), "utf-8")
        return commands

    def _printed(self, tool: Tool, command: str, place: Path) -> tuple[str, ...]:
        """Return the lines that a command prints, none where there is no command."""
        return tuple(self.run(tool, command, place).splitlines()) if command else ()

    def _installed(self, tool: Tool, document: Written, place: Path) -> dict[str, str]:
        """Return what the tool installs of a document, from a copy of its folder."""
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name, "folder")
            shutil.copytree(place, copy, symlinks=True)
            found = self._installing(tool, document.installs, copy)
        if not found:
            raise NotWrittenError(f"{document.installs}\ninstalls nothing")
        return {each: at.replace(str(copy), str(place)) for each, at in found.items()}

    def _installing(self, tool: Tool, command: str, folder: Path, **names: str) -> dict[str, str]:
        """Return what a command installs into an environment that was empty."""
        with tempfile.TemporaryDirectory() as name:
            empty = Path(name, "empty")
            subprocess.run([self.uv, "venv", "-q", "--python", self.python, empty], check=True)
            self.run(tool, command, folder, ENV=str(empty), **names)
            listing = subprocess.run(
                [empty / "bin" / "python", "-I", INSIDE / "listed.py"],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
        found: dict[str, str] = json.loads(listing.stdout)
        return found
