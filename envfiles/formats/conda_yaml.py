"""conda.yaml, as conda and MLflow read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..conda.match_spec import parse_match_spec
from ..errors import Location, collect
from ..requirements.reader import parse_lines
from ..spec import EnvSpec, check_conda, check_word, conda_name, is_python_version
from ..yaml.nodes import YamlNode, dump_yaml, parse_yaml
from .requirements_txt import constraint_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..requirements.content import RequirementsContent

CONDA = "conda.yaml"


@dataclass(frozen=True, slots=True)
class CondaFile:
    """The content of a conda.yaml; None for values that it does not state."""

    name: str | None
    channels: tuple[str, ...]
    python: str | None
    """The one version of python that is required."""
    python_location: Location | None
    dependencies: tuple[str, ...]
    """Dependencies that conda installs, as written, without python and the bare pip."""
    pip: RequirementsContent
    pip_lines: tuple[str, ...] = ()
    """The same as written."""
    python_spec: str | None = None
    """The dependency on python as written, also one that is a range."""
    prefix: str | None = None
    """The prefix of the environment that `conda env export` read."""
    variables: tuple[tuple[str, str], ...] = ()
    """Environment variables that conda sets when the environment is activated."""

    def __repr__(self) -> str:
        """Return the name and the number of dependencies, in brackets."""
        return f"<CondaFile {self.name}: {len(self.dependencies)} dependencies>"


def write_conda(spec: EnvSpec) -> str:
    """Return a conda.yaml: python, the other dependencies, then pip and its section."""
    others = list(spec.conda_dependencies)
    bare_pip = [] if "pip" in map(conda_name, others) else ["pip"]
    pins = (" ".join([each.requirement, *each.options]) for each in spec.requirements)
    pip = [*spec.options, *constraint_option(spec), *spec.unnamed, *pins]
    content: dict[str, object] = {"name": spec.name}
    if spec.channels:
        content["channels"] = list(spec.channels)
    section: list[object] = [{"pip": pip}] if pip else []
    content["dependencies"] = [f"python={spec.python}", *others, *bare_pip, *section]
    return dump_yaml(content)


def read_conda(text: str, *, file: str | None = None) -> CondaFile:
    """Read the text of a conda.yaml; `file` names it in errors. Unknown keys are ignored.

    Raises InvalidFile with file, line and key.

    >>> read_conda("dependencies: [python=3.11.7, libgomp, pip: [numpy==2.4.6]]").dependencies
    ('libgomp',)
    """
    content = parse_yaml(text, file=file).stated()
    name, channels, listed = (content.get(key) for key in ("name", "channels", "dependencies"))
    prefix, variables = (content.get(key) for key in ("prefix", "variables"))
    items = listed.items() if listed else ()
    words = [node for node in items if not node.is_mapping]
    pythons = [node for node in words if conda_name(node.text().strip()) == "python"]
    others = [node for node in words if node not in pythons and node.text().strip() != "pip"]
    lines = list(_iter_pip([node for node in items if node.is_mapping]))
    return CondaFile(
        name=collect([name.located()], check_word)[0] if name else None,
        channels=collect(_located(channels.items() if channels else ()), check_word),
        python=_read_python(pythons),
        python_location=pythons[0].location if pythons else None,
        dependencies=collect(_located(others), check_conda),
        pip=parse_lines((*each, ()) for each in lines),
        pip_lines=tuple(text for _, text in lines),
        python_spec=pythons[0].text().strip() if pythons else None,
        prefix=prefix.text() if prefix else None,
        variables=_read_variables(variables) if variables else (),
    )


def _located(nodes: Iterable[YamlNode]) -> list[tuple[Location, str]]:
    return [node.located() for node in nodes]


def _read_python(nodes: list[YamlNode]) -> str | None:
    for again in nodes[1:]:
        raise again.fault("python is listed twice: keep one line")
    for node in nodes:
        exact = parse_match_spec(node.text()).exact
        return exact if exact is not None and is_python_version(exact) else None
    return None


def _read_variables(node: YamlNode) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, "" if value.is_null else value.text()) for name, value in node.mapping().items()
    )


def _iter_pip(sections: list[YamlNode]) -> Iterator[tuple[Location, str]]:
    for section in sections:
        for key, node in section.mapping().items():
            if key != "pip":
                raise node.fault("only `pip` may have a list of its own among the dependencies")
            # MLflow writes the comments of a locked requirements.txt as items of this list.
            yield from (each for each in _located(node.items()) if not each[1].startswith("#"))
