"""How pip reads ours."""

from __future__ import annotations

from ..writers.pip import TOOL
from ..written import Reads

__all__ = ["READS", "TOOL"]

_PIP = "python -m pip -q install --dry-run --ignore-installed --report -"
_PINS = '| python "$INSIDE/reported.py"'
_THERE = "--only-binary :all: --platform win_amd64 --python-version 3.12 --implementation cp --target there"

READS = (
    *(
        Reads(kind, prints=f'{_PIP} --no-deps -r "$DOC" {_PINS}')
        for kind in ("requirements.txt", "requirements", "pylock.toml")
    ),
    Reads("pep723", prints=f'{_PIP} --requirements-from-script "$DOC" {_PINS}'),
    Reads("devcontainer", prints=f"cd .. && {_PIP} --no-deps -r .devcontainer/requirements.txt {_PINS}"),
    Reads("model-settings", prints=f"{_PIP} --no-deps -r requirements.txt {_PINS}"),
    # Of a lock pip takes nothing for another platform.
    Reads("requirements of a target", prints=f'{_PIP} --no-deps {_THERE} -r "$DOC" {_PINS}'),
)  # fmt: skip
