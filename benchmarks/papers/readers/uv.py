"""How uv reads ours."""

from __future__ import annotations

from ..writers.uv import TOOL
from ..written import Reads

__all__ = ["READS", "TOOL"]

_IN = '-q --no-config --python "$ENV/bin/python"'
# Of a lock it asks the interpreter for the Python, whatever --python-version says.
_THERE = '--python "$OTHER_PYTHON" --python-version 3.12 --python-platform x86_64-pc-windows-msvc'
# What it would install, as it tells it: ` + idna==3.20`.
_PLANNED = "2>&1 | tee /dev/stderr | sed -n 's/^ + \\([^ ]*\\).*/\\1/p'"

READS = (
    *(
        Reads(kind, f'uv pip install {_IN} --no-deps -r "$DOC"')
        for kind in ("requirements.txt", "requirements", "pylock.toml")
    ),
    Reads("pep723", f'uv export -q --no-config --script "$DOC" -o list.txt && uv pip install {_IN} -r list.txt'),
    Reads("uv", 'UV_PROJECT_ENVIRONMENT="$ENV" uv sync -q --locked --no-config'),
    Reads("devcontainer", f"cd .. && uv pip install {_IN} --no-deps -r .devcontainer/requirements.txt"),
    Reads("model-settings", f"uv pip install {_IN} --no-deps -r requirements.txt"),
    *(
        Reads(kind, prints=f'uv pip install --no-config --dry-run --no-deps --target there {_THERE} -r "$DOC" {_PLANNED}')
        for kind in ("pylock of a target", "requirements of a target")
    ),
)  # fmt: skip
