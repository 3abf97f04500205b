"""Projects of setuptools, by `build`: static ones, and those that say elsewhere what they need."""

from __future__ import annotations

from ..projects import PROJECT
from ..written import Tool, Written

TOOL = Tool("build", ("build==1.6.1", "setuptools==80.9.0"))

_SYSTEM = """\
[build-system]
requires = ["setuptools==80.9.0"]
build-backend = "setuptools.build_meta"
"""
_DYNAMIC = f"""\
{_SYSTEM}
[project]
name = "wine"
version = "1"
dynamic = ["dependencies"]

[tool.setuptools]
py-modules = []

[tool.setuptools.dynamic]
dependencies = {{ file = ["requirements.in"] }}
"""
_BUILT = (
    "python -m build -q -w --no-isolation 1>&2 && "
    '"$PYTHON" "$INSIDE/wheel_asks.py" dist/*.whl; rm -r dist build *.egg-info'
)

PAPERS = (
    Written(
        "setuptools-project", "pyproject.toml",
        {"pyproject.toml": f"{_SYSTEM}\n{PROJECT}\n[tool.setuptools]\npy-modules = []\n"}, ":",
        asks=_BUILT, extras=("fast",),
    ),
    Written(
        "setuptools-dynamic", "pyproject.toml",
        {"pyproject.toml": _DYNAMIC, "requirements.in": "click~=8.1\nidna\n"}, ":", refusal="dynamic",
    ),
    Written(
        "setuptools-cfg", "setup.cfg",
        {"setup.cfg": "[metadata]\nname = wine\n[options]\ninstall_requires =\n    click~=8.1\n"}, ":",
        refusal="setup.cfg",
    ),
    Written(
        "setuptools-egg-info", "requires.txt",
        {"pyproject.toml": f"{_SYSTEM}\n{PROJECT}\n[tool.setuptools]\npy-modules = []\n"},
        "python -m build -q -s --no-isolation && mv wine.egg-info/requires.txt . && rm -r dist wine.egg-info",
        refusal="egg-info",
    ),
)  # fmt: skip
