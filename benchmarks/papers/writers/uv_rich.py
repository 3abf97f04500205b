"""Documents of uv of projects that say more: overrides, indexes, sources for some platforms."""

from __future__ import annotations

from ..projects import OWN_FILES
from ..written import Tool, Written

TOOL = Tool("uv", ("uv==0.13.9",))

_SYNC = 'UV_PROJECT_ENVIRONMENT="$ENV" uv sync -q --frozen --no-install-project'
_LINES = "uv export -q --frozen --no-hashes --no-header --no-annotate --no-emit-project"
_HEAD = """\
[project]
name = "Rich.Wine"
version = "1"
requires-python = ">=3.11"
"""
_OVERRIDDEN = f"""\
{_HEAD}dependencies = ["python-dateutil", "click"]
[dependency-groups]
dev = ["iniconfig"]
late = [{{include-group = "dev"}}, "toolz"]
[tool.uv]
override-dependencies = ["six==1.16.0"]
constraint-dependencies = ["click<8.2", "idna<3"]
default-groups = ["late"]
"""
_EXTRAS = f"""\
{_HEAD}dependencies = ["requests[socks]>=2", "rich-wine[fast]", "python_dateutil; sys_platform != 'win32'"]
[project.optional-dependencies]
fast = ["six", "rich-wine[slow]; sys_platform == 'darwin'"]
slow = ["toolz"]
all = ["Rich_Wine[fast,slow]"]
"""
_INDEXED = f"""\
{_HEAD}dependencies = ["click", "six", "own-code"]
[[tool.uv.index]]
name = "mine"
url = "https://pypi.org/simple/"
explicit = true
[tool.uv.sources]
six = {{ index = "mine" }}
own-code = [
    {{ path = "own", marker = "sys_platform == 'linux'" }},
    {{ path = "wheels/own_code-1.2.0-py3-none-any.whl", marker = "sys_platform != 'linux'" }},
]
"""
_URL = f"""\
{_HEAD}dependencies = ["own-code", "packaging>=25a0"]
[tool.uv]
environments = ["sys_platform == 'linux'"]
prerelease = "allow"
[tool.uv.sources]
own-code = {{ path = "wheels/own_code-1.2.0-py3-none-any.whl" }}
"""
_WHEEL = "uv build -q --wheel own -o wheels && rm -f wheels/.gitignore"
_GROUPS = f"""\
{_HEAD}dependencies = []
[dependency-groups]
old = ["packaging<24"]
new = ["packaging>=25", "six; python_version >= '3.13'"]
[tool.uv]
conflicts = [[{{group = "old"}}, {{group = "new"}}]]
"""
_SCRIPT = """\
#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "click<8.2",  # because
#   "Typing.Extensions ; python_version < '3.13'",
#   "own-code",
# ]
#
# [tool.uv]
# exclude-newer = "2026-06-01T00:00:00Z"
#
# [tool.uv.sources]
# own-code = { path = "own" }
# ///
import click
"""

PAPERS = (
    Written(
        "uv-lock-overridden", "uv.lock", {"pyproject.toml": _OVERRIDDEN}, "uv lock -q",
        f"{_SYNC} --no-default-groups", exports=f"{_LINES} --no-default-groups",
    ),
    Written(
        "uv-lock-group-in-group", "uv.lock", {"pyproject.toml": _OVERRIDDEN}, "uv lock -q",
        f"{_SYNC} --no-default-groups --group late", exports=f"{_LINES} --no-default-groups --group late",
        groups=("late",),
    ),
    Written(
        "uv-lock-extras-of-itself", "uv.lock", {"pyproject.toml": _EXTRAS}, "uv lock -q",
        f"{_SYNC} --extra all", exports=f"{_LINES} --extra all", extras=("all",),
    ),
    Written(
        "uv-project-extras-of-itself", "pyproject.toml", {"pyproject.toml": _EXTRAS}, ":",
        asks="printf '%s\\n' 'requests[socks]>=2' six \"python-dateutil; sys_platform != 'win32'\" "
        "\"toolz; sys_platform == 'darwin'\"",
    ),
    Written(
        "uv-lock-sources", "uv.lock", {"pyproject.toml": _INDEXED, **OWN_FILES}, f"{_WHEEL} && uv lock -q", _SYNC,
    ),
    Written(
        "uv-lock-wheel", "uv.lock", {"pyproject.toml": _URL, **OWN_FILES}, f"{_WHEEL} && uv lock -q", _SYNC,
    ),
    Written(
        "uv-lock-conflicting-groups", "uv.lock", {"pyproject.toml": _GROUPS}, "uv lock -q",
        f"{_SYNC} --group new", exports=f"{_LINES} --group new", groups=("new",),
    ),
    Written(
        "uv-export-pylock-wheel", "pylock.toml", {"pyproject.toml": _URL, **OWN_FILES},
        f"{_WHEEL} && uv export -q --format pylock.toml --no-emit-project -o pylock.toml",
        'uv pip install -q --python "$ENV/bin/python" -r pylock.toml',
    ),
    Written(
        "uv-script-sources", "predict.py", {"predict.py": _SCRIPT, **OWN_FILES}, ":",
        asks="echo 'click<8.2'; echo \"typing-extensions; python_version < '3.13'\"; "
        'echo "own-code @ file://$PWD/own"',
    ),
    Written(
        "uv-add-requirements", "pyproject.toml", {"limits.txt": "six<1.17\n", "asked.txt": "click>=8 ; python_version >= '3.8'\nsix\n"},
        'uv init -q --bare --name wine --python "$PYTHON" && uv add -q --no-sync -r asked.txt -c limits.txt',
        asks='"$PYTHON" "$INSIDE/uv_asks.py" uv.lock',
    ),
)  # fmt: skip
