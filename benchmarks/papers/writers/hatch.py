"""Projects of Hatch and its build backend."""

from __future__ import annotations

from ..written import Tool, Written

TOOL = Tool("hatch", ("hatch==1.18.2",))

_PROJECT = """\
[build-system]
requires = ["hatchling==1.33.0"]
build-backend = "hatchling.build"

[project]
name = "wine"
dynamic = ["version"]
requires-python = ">=3.10"
dependencies = ["click~=8.1", "Typing.Extensions", "tomli; python_version<'3.11'"]

[project.optional-dependencies]
fast = ["six"]
all = ["wine[fast]", "idna"]

[tool.hatch.version]
path = "wine.py"

[tool.hatch.envs.default]
dependencies = ["toolz"]
"""
_FILES = {"pyproject.toml": _PROJECT, "wine.py": '__version__ = "0.1"\n'}

PAPERS = (
    Written("hatch-project", "pyproject.toml", _FILES, ":", asks="hatch -q dep show requirements --project-only"),
    Written(
        "hatch-project-extras", "pyproject.toml", _FILES, ":",
        # What an extra asks of the project's own extras it has in full already.
        asks="hatch -q dep show requirements --project-only --all | grep -v '^wine'",
        extras=("all",),
    ),
    Written(
        "hatch-new", "pyproject.toml", {}, "hatch -q new wine && mv wine/* . && rm -r wine",
        asks="hatch -q dep show requirements --project-only",
    ),
    Written(
        "hatch-requirements", "requirements.txt", _FILES,
        "hatch -q dep show requirements --project-only > requirements.txt",
        asks="hatch -q dep show requirements --project-only",
    ),
)  # fmt: skip
