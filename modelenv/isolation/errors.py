"""What can go wrong before a model runs: no such Python, no such manager, another interpreter."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelenvError


class PythonMissingError(ModelenvError):
    """No interpreter of the wanted version was found."""

    exit_code = 2

    def __init__(self, version: str, looked: tuple[str, ...], *, uv: bool) -> None:
        super().__init__(version, looked, uv)
        self.version = version
        self.looked = looked
        self.uv = uv

    def __str__(self) -> str:
        minor = ".".join(self.version.split(".")[:2])
        ways = [f"`uv python install {minor}`"] if self.uv else []
        ways += [
            f"`pyenv install {self.version}`",
            f"`conda create -n python{minor} python={minor}`",
        ]
        return (
            f"the model needs Python {self.version}, and there is no Python {minor} here (looked"
            f" at: {', '.join(self.looked)})\n"
            f"Get one with {', '.join(ways[:-1])} or {ways[-1]}, or choose --env-manager conda,"
            " which brings its own."
        )


class ManagerMissingError(ModelenvError):
    """The program of an environment manager is not there."""

    exit_code = 2

    def __init__(self, manager: str, programs: tuple[str, ...]) -> None:
        super().__init__(manager, programs)
        self.manager = manager
        self.programs = programs

    def __str__(self) -> str:
        names = " nor ".join(self.programs)
        no = "neither " if len(self.programs) > 1 else "no "
        return (
            f"the environment manager {self.manager} was asked for, and {no}{names} is on PATH:"
            " install one, or choose another --env-manager"
        )


class WrongInterpreterError(ModelenvError):
    """A worker came up in another environment than the one that was made for it."""

    exit_code = 3

    def __init__(self, executable: Path, expected: Path, found: str) -> None:
        super().__init__(executable, expected, found)
        self.executable = executable
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return (
            f"{self.executable} came up in {self.found}, not in {self.expected}: what it showed"
            " says nothing of the pins, so it was thrown away"
        )
