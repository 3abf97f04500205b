"""The manager for images, which uses the environment that was built into the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ...base.errors import WrongUseError
from ...base.files.temporary import SHARED_MEMORY, temporary_folder
from ...base.settings import Settings
from ...seal.seals import Seal
from ..builders.installing import executable_in
from ..cached import interpreter_in
from ..interpreter import Python
from ..spec import EnvironmentRequest, ReadyEnvironment, Report, minor
from .holding import check_holding

_CONFIGURATION = "pyvenv.cfg"


@dataclass(frozen=True, slots=True)
class ImageManager:
    """A manager that uses the environment that ``MODELENV_IMAGE`` names, as it is."""

    settings: Settings

    @contextmanager
    def opened(
        self,
        request: EnvironmentRequest,
        seal: Seal,
        report: Report,  # noqa: ARG002
    ) -> Iterator[ReadyEnvironment]:
        """Yield the environment.

        Raises WrongUseError if this is no image, AnotherEnvironmentError if it does not hold
        exactly what is requested.
        """
        root = self.settings.image
        if root is None:
            raise WrongUseError(
                "the environment manager image takes the environment that the variable"
                " MODELENV_IMAGE names by its path, and it names none"
            )
        if not executable_in(root).exists():
            raise WrongUseError(f"MODELENV_IMAGE names {root}, and no environment is there")
        python = _described(root, request.python)
        check_holding(request, python, root, "environment of this image", root)
        settings = replace(self.settings, environment=self._variables())
        interpreter = interpreter_in(root, python, request.python, settings, seal)
        yield ReadyEnvironment(interpreter, "the image's environment")

    def _variables(self) -> Mapping[str, str]:
        """Return the variables of the worker, with a folder in memory for temporary files."""
        said = self.settings.environment
        return {**said, "TMPDIR": SHARED_MEMORY} if temporary_folder() == SHARED_MEMORY else said


def _described(root: Path, here: Python) -> Python:
    """Return the interpreter of an environment; it is run only if it is not based on ours."""
    executable, said = executable_in(root), _configuration(root)
    own = _configuration(here.executable.parent.parent)
    site = root / "lib" / f"python{minor(here.version)}" / "site-packages"
    if said.get("home") != own.get("home") or not said.get("home") or not site.is_dir():
        return Python.at(executable)
    if said.get("include-system-site-packages", "false") != "false":
        return Python.at(executable)
    ours = {str(path) for path in here.path if not _is_site(path)}
    return replace(here, executable=executable, path=(*sorted(ours & {*here.stdlib}), str(site)))


def _is_site(path: str) -> bool:
    return Path(path).name in ("site-packages", "dist-packages")


def _configuration(root: Path) -> Mapping[str, str]:
    """Return the content of a virtual environment's pyvenv.cfg (PEP 405); empty if it has none."""
    try:
        lines = (root / _CONFIGURATION).read_text("utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}
