"""Documents of Poetry: its lock, its exports, its projects of either style."""

from __future__ import annotations

from ..projects import OWN, PROJECT
from ..written import Tool, Written

TOOL = Tool("poetry", ("poetry==2.5.1", "poetry-plugin-export==1.10.1"))

_PROJECT = {"pyproject.toml": PROJECT}
_OLD = {
    "pyproject.toml": """\
[tool.poetry]
name = "wine"
version = "0.1.0"
description = "Rates wines"
authors = ["me <me@example.org>"]
package-mode = false

[tool.poetry.dependencies]
python = ">=3.10,<3.14"
attrs = "^23.1"
click = "~8.1"
idna = { version = ">=3.4,<4", markers = "python_version >= '3.8'" }
colorama = { version = "0.4.6", platform = "win32" }
numpy = [
    { version = "<2.3", python = "<3.11" },
    { version = ">=2.3", python = ">=3.11" },
]
six = { version = "*", optional = true }

[tool.poetry.extras]
old = ["six"]

[tool.poetry.group.test.dependencies]
iniconfig = ">=2"
"""
}
_IN = '-q --python "$ENV/bin/python"'
_SYNC = 'VIRTUAL_ENV="$ENV" poetry sync -q -n --no-root --only main'

# Poetry asks pypi.org by a page for each release; a source is asked by the pages that all have.
_SOURCE = "poetry source add -q -n --priority primary index https://pypi.org/simple/"
_TOLD = "poetry export"
_LOCK = f"{_SOURCE} && poetry lock -q -n"

_PLACES = {
    "pyproject.toml": """\
[project]
name = "wine"
version = "1"
requires-python = ">=3.11,<4"
dependencies = ["click>=8", "requests[socks]>=2.31"]
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
click = { allow-prereleases = true }
""",
    "beside/pyproject.toml": OWN.replace("own_code", "beside"),
    "beside/beside.py": '"""Beside."""\n',
}
_PLACED = f"{_SOURCE} && poetry add -q -n --lock ./beside"

PAPERS = (
    Written("poetry-lock-places", "poetry.lock", _PLACES, _PLACED, _SYNC, refusal=_TOLD),
    Written(
        "poetry-export-places", "requirements.txt", _PLACES,
        f"{_PLACED} && poetry export -q -n --without-hashes -o requirements.txt",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written("poetry-lock", "poetry.lock", _PROJECT, _LOCK, _SYNC, refusal=_TOLD),
    Written(
        "poetry-lock-chosen", "poetry.lock", _PROJECT, _LOCK,
        f"{_SYNC},check --extras plots", groups=("check",), extras=("plots",), refusal=_TOLD,
    ),
    Written("poetry-lock-old", "poetry.lock", _OLD, _LOCK, _SYNC, refusal=_TOLD),
    Written(
        "poetry-export", "requirements.txt", _PROJECT, f"{_LOCK} && poetry export -q -n -o requirements.txt",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written(
        "poetry-export-bare", "requirements.txt", _OLD,
        f"{_LOCK} && poetry export -q -n --without-hashes --all-extras --with test -o requirements.txt",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written(
        "poetry-export-pylock", "pylock.toml", _PROJECT,
        f"{_LOCK} && poetry export -q -n -f pylock.toml -o pylock.toml",
        f'"$UV" pip install {_IN} -r pylock.toml',
    ),
    Written("poetry-old-project", "pyproject.toml", _OLD, ":", refusal=_TOLD),
    Written(
        "poetry-new-project", "pyproject.toml", {},
        'poetry init -q -n --name wine --python ">=3.10" && '
        f"{_SOURCE} && poetry add -q -n --lock 'click>=8.1,<9' six && "
        "poetry add -q -n --lock --group test iniconfig",
        asks="poetry build -q -n -f wheel 2>/dev/null || (mkdir -p wine && touch wine/__init__.py README.md && "
        'poetry build -q -n -f wheel); "$PYTHON" "$INSIDE/wheel_asks.py" dist/*.whl; rm -rf dist',
    ),
)  # fmt: skip
