"""Environments, built by uv from cached wheels, linked instead of copied, kept by content."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from packaging.markers import default_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class BuildError(Exception):
    """An installer's command that failed, with what it said."""

    def __init__(self, command: Iterable[str], said: str) -> None:
        self.command = tuple(command)
        self.said = said
        super().__init__(self.command, said)

    def __str__(self) -> str:
        return f"{' '.join(self.command)}\n{self.said.strip()}"


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        (found,) = self.folder.glob("lib/python3*/site-packages")
        return found


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds environments and wheels once, and hands out what it has built before."""

    uv: str
    python: str
    cache: Path

    def environment(
        self,
        requirements: Iterable[str],
        options: Iterable[str] = (),
        *,
        folder: Path | None = None,
        after: Path | None = None,
    ) -> Environment:
        """Return an environment made by `uv pip install` of these arguments, run in `folder`.

        The script `after` is run in it then, by its own interpreter, on files that are its own.
        A file among them counts by its content, and so do the wheels in `folder`; another folder
        counts by its path alone: name it by its content. Raises `BuildError`.
        """
        arguments = [*options, *requirements]
        interpreter = f"{self.python} {self.python_version()}"
        beside = sorted(folder.rglob("*.whl")) if folder else []
        files = [*beside, after] if after else beside
        parts = [*map(_content, arguments), *(file.read_bytes() for file in files)]
        key = _digest([interpreter.encode(), *parts])
        environment = Environment(self.cache / "environments" / key)
        complete = environment.folder / "complete"
        if not complete.exists():
            shutil.rmtree(environment.folder, ignore_errors=True)
            self._uv("venv", "--python", self.python, str(environment.folder))
            mode = ("--link-mode", "copy" if after else "hardlink")
            self._pip("install", environment, *mode, *arguments, folder=folder)
            if after:
                self._run([str(environment.python), "-I", str(after)])
            complete.touch()
        return environment

    @property
    def wheel_folder(self) -> Path:
        """Where built wheels are kept."""
        return self.cache / "wheels"

    def wheel(self, project: Path, *options: str) -> Path:
        """Return a wheel of the project in that folder, built from a copy; raises `BuildError`."""
        folder = self.wheel_folder / folder_digest(project)
        if not folder.exists():
            with self._scratch() as scratch:
                shutil.copytree(project, scratch / "project")
                self._uv("build", "--wheel", *options, str(scratch / "project"))
                folder.parent.mkdir(exist_ok=True)
                (scratch / "project" / "dist").rename(folder)
        (wheel,) = folder.glob("*.whl")
        return wheel

    @contextmanager
    def without(self, environment: Environment, names: Iterable[str]) -> Iterator[Environment]:
        """Give a linked copy of `environment` in which these distributions are not installed."""
        with self._scratch() as scratch:
            copy = Environment(scratch / "environment")
            shutil.copytree(environment.folder, copy.folder, symlinks=True, copy_function=os.link)
            self._pip("uninstall", copy, *names)
            yield copy

    def add(self, environment: Environment, wheel: Path) -> None:
        """Install a wheel, and nothing it declares, over what `environment` has of that name."""
        linked = ("--link-mode", "hardlink", "--no-deps", "--reinstall")
        self._pip("install", environment, *linked, str(wheel))

    def markers(self) -> Mapping[str, str]:
        """Return the PEP 508 environment of the interpreter that environments are built with."""
        version = self.python_version()
        short = ".".join(version.split(".")[:2])
        described = {"python_version": short, "python_full_version": version}
        return {**{key: str(value) for key, value in default_environment().items()}, **described}

    def python_version(self) -> str:
        """Return that interpreter's full version."""
        asked = "import platform; print(platform.python_version())"
        return self._run([self.python, "-I", "-c", asked]).strip()

    def _pip(
        self, command: str, environment: Environment, *arguments: str, folder: Path | None = None
    ) -> None:
        python = str(environment.python)
        self._run([self.uv, "pip", command, "--python", python, *arguments], folder)

    def _uv(self, *arguments: str) -> None:
        self._run([self.uv, *arguments])

    def _run(self, command: list[str], folder: Path | None = None) -> str:
        self.cache.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            command, cwd=folder or self.cache, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildError(command, done.stderr)
        return done.stdout

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        self.cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.cache, prefix="scratch-") as folder:
            yield Path(folder)


def folder_digest(folder: Path, *more: Path) -> str:
    """Return a name for the content of `folder`, caches left out, and of the files of `more`."""
    names = sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    kept = [name for name in names if not any(map(_is_cache, name.parts))]
    files = [*(folder / name for name in kept), *more]
    return _digest([*(str(name).encode() for name in kept), *(f.read_bytes() for f in files)])


def content_key(*parts: str) -> str:
    """Return a name for these texts."""
    return _digest(part.encode() for part in parts)


def _is_cache(name: str) -> bool:
    return name == "__pycache__" or name.startswith(".")


def _content(argument: str) -> bytes:
    file = Path(argument)
    return file.read_bytes() if file.is_file() else argument.encode()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]
