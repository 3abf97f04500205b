"""python_env.yaml, as MLflow reads it."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Location, collect
from ..requirements.content import RequirementsContent
from ..requirements.reader import parse_lines
from ..requirements.requirement import normalise
from ..spec import EnvSpec, is_python_version
from ..yaml.nodes import YamlNode, dump_yaml, parse_yaml
from .requirements_txt import REQUIREMENTS, conda_comment

PYTHON_ENV = "python_env.yaml"


@dataclass(frozen=True, slots=True)
class PythonEnvFile:
    """The content of a python_env.yaml; None for values that it does not state."""

    python: str | None
    python_location: Location | None
    build_dependencies: tuple[str, ...] | None
    dependencies: RequirementsContent
    """Mostly the one line `-r requirements.txt`."""


def write_python_env(spec: EnvSpec) -> str:
    """Return a python_env.yaml: the interpreter, the build dependencies, and where the pins are."""
    content = {
        "python": spec.python,
        "build_dependencies": list(spec.build_dependencies),
        "dependencies": [f"-r {REQUIREMENTS}"],
    }
    return "".join(f"{line}\n" for line in conda_comment(spec)) + dump_yaml(content)


def read_python_env(text: str, *, file: str | None = None) -> PythonEnvFile:
    """Read the text of a python_env.yaml; `file` names it in errors. Unknown keys are ignored.

    Raises InvalidFile with file, line and key.

    >>> read_python_env("python: 3.10").python
    '3.10'
    """
    content = parse_yaml(text, file=file).mapping()
    python, builds, listed = (
        content.get(key) for key in ("python", "build_dependencies", "dependencies")
    )
    return PythonEnvFile(
        python=_read_python(python) if python else None,
        python_location=python.location if python else None,
        build_dependencies=collect(_located(builds), normalise) if builds else None,
        dependencies=parse_lines((*each, ()) for each in _located(listed)),
    )


def _located(node: YamlNode | None) -> list[tuple[Location, str]]:
    return [each.located() for each in node.items()] if node else []


def _read_python(node: YamlNode) -> str:
    version = node.text()
    if not is_python_version(version):
        raise node.fault(f"{version!r} is no version of Python: write one like 3.11.7")
    return version
