"""The manager that builds nothing in an image: it takes the environment that was built into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..base.errors import WrongUseError
from ..base.files.temporary import SHARED_MEMORY, temporary_folder
from ..base.settings import Settings
from ..base.siblings import resolver
from ..seal.seals import Seal
from .builders.installing import executable_in
from .cached import interpreter_in
from .errors import AnotherEnvironmentError
from .interpreter import Python
from .spec import EnvironmentRequest, ReadyEnvironment, Report, minor

_CONFIGURATION = "pyvenv.cfg"


@dataclass(frozen=True, slots=True)
class ImageManager:
    """A manager that takes the environment that ``MODELENV_IMAGE`` names, as it is."""

    settings: Settings

    @contextmanager
    def opened(
        self,
        request: EnvironmentRequest,
        seal: Seal,
        report: Report,  # noqa: ARG002
    ) -> Iterator[ReadyEnvironment]:
        """Yield the environment.

        Raises WrongUseError where this is no image, AnotherEnvironmentError where it does not hold
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
        differing = tuple(_iter_differing(request, python, root))
        if differing:
            raise AnotherEnvironmentError(root, differing)
        settings = replace(self.settings, environment=self._variables())
        interpreter = interpreter_in(root, python, request.python, settings, seal)
        yield ReadyEnvironment(interpreter, "the image's environment")

    def _variables(self) -> Mapping[str, str]:
        """Return the variables of what runs: with the folder for what is temporary, in memory."""
        said = self.settings.environment
        return {**said, "TMPDIR": SHARED_MEMORY} if temporary_folder() == SHARED_MEMORY else said


def _described(root: Path, here: Python) -> Python:
    """Return the interpreter of an environment; it is asked only where it is not made of ours."""
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
    """Return what a virtual environment says of itself (PEP 405); nothing where it is none."""
    try:
        lines = (root / _CONFIGURATION).read_text("utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _iter_differing(request: EnvironmentRequest, python: Python, root: Path) -> Iterator[str]:
    """Say what an environment has otherwise than it is requested."""
    if minor(request.python_version) != minor(python.version):
        yield f"it has Python {python.version}, and the model needs {request.python_version}"
    within = [path for path in python.path if Path(path).is_relative_to(root)]
    installed = resolver.Installed(within, resolver.Target(python.markers, None))
    asked = [
        each
        for each in map(Requirement, request.lines)
        if each.marker is None or each.marker.evaluate(dict(python.markers))
    ]
    for each in asked:
        found = installed.get(each.name)
        if found is None:
            yield f"it lacks {each.name}{each.specifier}"
        elif not _meets(each.specifier, found.version, exact=request.contents.closed):
            yield f"it has {found.label} {found.version} instead of {each.name}{each.specifier}"
    names = {found.name for found in installed} - {canonicalize_name(each.name) for each in asked}
    if names:
        for name in sorted(names - _following(asked, installed)):
            surplus = installed.get(name)
            version = surplus.version if surplus else ""
            yield f"it has {name} {version}, which is no pin, and nothing requires it"


def _meets(asked: SpecifierSet, version: Version | None, *, exact: bool) -> bool:
    """Tell whether a version is what a line asks for.

    Of an open list, what a builder numbered anew stands for the nearest version that can be had.
    """
    if version is None or asked.contains(str(version), prereleases=True):
        return True
    return not exact and any(map(_is_numbered_anew, (each.version for each in asked)))


def _is_numbered_anew(text: str) -> bool:
    try:
        version = Version(text)
    except InvalidVersion:  # `==1.*`
        return False
    return version.local is not None or version.post is not None


def _following(asked: list[Requirement], installed: resolver.Installed) -> set[str]:
    """Return the names of what lines lead to: what was resolved for another platform has more."""
    found: set[tuple[str, str]] = set()
    waiting = [(canonicalize_name(each.name), each.extras) for each in asked]
    while waiting:
        name, extras = waiting.pop()
        distribution = installed.get(name)
        for extra in ("", *extras):
            if distribution is None or (name, extra) in found:
                continue
            found.add((name, extra))
            for line in distribution.requires_lines:
                needed = Requirement(line)
                if installed.target.admits(needed.marker, extra):
                    waiting.append((canonicalize_name(needed.name), needed.extras))
    return {name for name, _ in found}
