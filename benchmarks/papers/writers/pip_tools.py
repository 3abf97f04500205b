"""Documents of pip-tools: compiled lists."""

from __future__ import annotations

from ..projects import LIST, PROJECT
from ..written import Tool, Written

TOOL = Tool("pip-tools", ("pip-tools==7.6.2", "pip==26.3", "setuptools==80.9.0"))

_LIST = {"requirements.in": LIST}
_COMPILE = "pip-compile -q --no-config"
_SEED = '"$UV" pip install -q --python "$ENV/bin/python" pip==26.3'
_UNSEED = '"$UV" pip uninstall -q --python "$ENV/bin/python" pip'


def _synced(file: str) -> str:
    """Install by pip-sync, which asks for pip where it installs."""
    return f'{_SEED} && pip-sync -q --python-executable "$ENV/bin/python" {file} && {_UNSEED}'


PAPERS = (
    Written("pip-tools-in", "requirements.in", _LIST, ":", asks="grep -v '^#' requirements.in | sed 's/  #.*//'"),
    Written("pip-tools", "requirements.txt", _LIST, f"{_COMPILE} requirements.in", _synced("requirements.txt")),
    Written(
        "pip-tools-hashes", "requirements.txt", _LIST,
        f"{_COMPILE} --generate-hashes --annotation-style line requirements.in",
        _synced("requirements.txt"),
    ),
    Written(
        "pip-tools-project", "requirements.txt", {"pyproject.toml": PROJECT},
        f"{_COMPILE} --extra fast --no-strip-extras --emit-index-url --no-annotate -o requirements.txt pyproject.toml",
        _synced("requirements.txt"),
    ),
    Written(
        "pip-tools-layers", "dev.txt",
        {**_LIST, "dev.in": "-r requirements.in\n-c limits.txt\ntoolz\n", "limits.txt": "toolz<1\n"},
        f"{_COMPILE} requirements.in && {_COMPILE} --allow-unsafe -o dev.txt dev.in",
        _synced("dev.txt"),
    ),
)  # fmt: skip
