"""What can go wrong before a model runs: no such Python, no such manager, another interpreter."""

from __future__ import annotations

from pathlib import Path

from ..base.errors import ModelenvError, WrongUseError


class PythonMissingError(WrongUseError):
    """No interpreter of the version that a model needs was found."""

    def __init__(self, version: str, looked: tuple[str, ...], *, uv: bool) -> None:
        self.version = version
        self.looked = looked
        super().__init__(self._message(version, looked, uv=uv))

    @staticmethod
    def _message(version: str, looked: tuple[str, ...], *, uv: bool) -> str:
        minor = ".".join(version.split(".")[:2])
        ways = [f"`uv python install {minor}`"] if uv else []
        ways += [
            f"`pyenv install {version}`",
            f"`conda create -n python{minor} python={minor}`",
        ]
        return (
            f"the model needs Python {version}, and there is no Python {minor} here (looked"
            f" at: {', '.join(looked)})\n"
            f"Get one with {', '.join(ways[:-1])} or {ways[-1]}. To run a model:"
            " --env-manager conda brings its own. To save one: python (--python) takes the path of"
            " an interpreter too, and prove=False (--no-prove) needs none."
        )


class ManagerMissingError(WrongUseError):
    """The program of an environment manager is not there."""

    def __init__(self, manager: str, programs: tuple[str, ...]) -> None:
        self.manager = manager
        self.programs = programs
        *first, last = programs
        absent = f"{', '.join(first)} and {last} are" if first else f"{last} is"
        way = "`pip install modelenv[uv]`" if manager == "uv" else "install one"
        super().__init__(
            f"the environment manager {manager} was asked for, and {absent} not on PATH: {way},"
            " or choose another --env-manager"
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
