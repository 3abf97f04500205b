"""conda.yaml, as conda and MLflow read it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import FaultList, InvalidFile, Place
from .requirements import RequirementLines, constraint_option, read_lines
from .spec import EnvSpec, check_conda, check_word, conda_name, is_python_version
from .yaml_nodes import Node, dump_yaml, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CONDA = "conda.yaml"

_PYTHON = re.compile(
    r"(?:[^\s:]+::)?python\s*==?\s*(?P<version>[0-9][0-9A-Za-z.]*?)(?:\.\*)?(?:=[\w.*]+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CondaFile:
    """Hold what a conda.yaml says; None where it is silent."""

    name: str | None
    channels: tuple[str, ...]
    python: str | None
    python_place: Place | None
    dependencies: tuple[str, ...]
    """What conda installs besides python and the bare pip, as it is written."""
    pip: RequirementLines


def write_conda(spec: EnvSpec) -> str:
    """Write conda.yaml: python, what else conda installs, then pip and its section."""
    others = list(spec.conda_dependencies)
    bare_pip = [] if "pip" in map(conda_name, others) else ["pip"]
    options = [*spec.options, *constraint_option(spec)]
    pip = [*options, *(entry.requirement for entry in spec.requirements)]
    content: dict[str, object] = {"name": spec.name}
    if spec.channels:
        content["channels"] = list(spec.channels)
    section: list[object] = [{"pip": pip}] if pip else []
    content["dependencies"] = [f"python={spec.python}", *others, *bare_pip, *section]
    return dump_yaml(content)


def read_conda(text: str, *, file: str | None = None) -> CondaFile:
    """Read the text of a conda.yaml; `file` names it in errors. Unknown keys are let be.

    Raises InvalidFile with file, line and key.

    >>> read_conda("dependencies: [python=3.11.7, libgomp, pip: [numpy==2.4.6]]").dependencies
    ('libgomp',)
    """
    content = parse_yaml(text, file=file).mapping()
    name, channels, listed = (content.get(key) for key in ("name", "channels", "dependencies"))
    items = listed.items() if listed else ()
    words = [node for node in items if not node.is_mapping]
    pythons = [node for node in words if conda_name(node.text().strip()) == "python"]
    others = [node for node in words if node not in pythons and node.text().strip() != "pip"]
    return CondaFile(
        name=_read_each([name], check_word)[0] if name and not name.is_null else None,
        channels=_read_each(channels.items(), check_word) if channels else (),
        python=_read_python(pythons),
        python_place=pythons[0].place if pythons else None,
        dependencies=_read_each(others, check_conda),
        pip=_read_pip([node for node in items if node.is_mapping]),
    )


def _read_each(nodes: Iterable[Node], check: Callable[[str], None]) -> tuple[str, ...]:
    texts, faults = [], FaultList()
    for node in nodes:
        with faults.at(node.place):
            check(text := node.text().strip())
            texts.append(text)
    faults.check(InvalidFile)
    return tuple(texts)


def _read_python(nodes: list[Node]) -> str | None:
    for again in nodes[1:]:
        raise again.fault("python stands here a second time: keep one line")
    for node in nodes:
        written = node.text().strip()
        if written.rpartition("::")[2].lower() == "python":
            return None
        found = _PYTHON.fullmatch(written)
        if found is None or not is_python_version(found["version"]):
            raise node.fault(f"{written!r} is not one version: write one like python=3.11.7")
        return found["version"]
    return None


def _read_pip(sections: list[Node]) -> RequirementLines:
    lines = []
    for section in sections:
        for key, node in section.mapping().items():
            if key != "pip":
                raise node.fault("only `pip` may have a list of its own among the dependencies")
            lines += [(item.place, item.text().strip()) for item in node.items()]
    # MLflow writes the comments of a locked requirements.txt as items of this list.
    return read_lines((place, text, "") for place, text in lines if not text.startswith("#"))
