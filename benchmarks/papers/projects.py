"""What the documents are of: a project with markers, extras and groups, and code beside it."""

from __future__ import annotations

PROJECT = """\
[project]
name = "wine"
version = "0.1.0"
description = "Rates wines"
requires-python = ">=3.10,<3.14"
dependencies = [
    "attrs >=23.1",
    "click ~=8.1",
    "idna<4,>=3.4 ; python_version >= '3.8'",
    "colorama==0.4.6; sys_platform == 'win32'",
    "tomli>=2 ; python_version < '3.11'",
    "typing_extensions",
]

[project.optional-dependencies]
fast = ["numpy>=1.26,<2.3", "six"]
plots = ["packaging[]>=24", "pyparsing"]

[dependency-groups]
test = ["iniconfig>=2", "pluggy"]
check = [{include-group = "test"}, "toolz==1.0.0"]
"""
"""Ranges, markers that hold and that do not, an unnormalised name, extras, groups in groups."""

LIST = """\
# what wine needs
attrs >=23.1
click~=8.1  # its commands
idna<4,>=3.4 ; python_version >= "3.8"
colorama==0.4.6; sys_platform == 'win32'
tomli>=2 ; python_version < "3.11"
typing_extensions
"""
"""The dependencies of the project, as a requirements file."""

OWN = """\
[build-system]
requires = ["flit_core ==4.2.0"]
build-backend = "flit_core.buildapi"

[project]
name = "own_code"
version = "1.2.0"
description = "Own code"
requires-python = ">=3.8"
dependencies = ["six"]
"""
"""A project of one's own that another needs, with an unnormalised name."""

OWN_FILES = {"own/pyproject.toml": OWN, "own/own_code.py": '"""Own code."""\n'}

REPOSITORY = (
    "git -C own init -q -b main && git -C own add . && "
    "git -C own -c user.name=me -c user.email=me@example.org commit -q -m own"
)
"""Make the own project a repository."""
