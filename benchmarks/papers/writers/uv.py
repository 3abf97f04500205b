"""Documents of uv: locks, exports, compiled lists, freezes, scripts."""

from __future__ import annotations

from ..projects import LIST, OWN_FILES, PROJECT, REPOSITORY
from ..written import Tool, Written

TOOL = Tool("uv", ("uv==0.13.9",))

_PROJECT = {"pyproject.toml": PROJECT}
_LIST = {"requirements.in": LIST}
_IN = '-q --python "$ENV/bin/python"'
_SYNC = 'UV_PROJECT_ENVIRONMENT="$ENV" uv sync -q --frozen --no-install-project --no-default-groups'
_LINES = "uv export -q --frozen --no-hashes --no-header --no-annotate --no-emit-project --no-default-groups"
_FORKS = """\
[project]
name = "forks"
version = "1"
requires-python = ">=3.11"
dependencies = [
    "numpy<2.3; python_version < '3.12'",
    "numpy>=2.3; python_version >= '3.12'",
]
[project.optional-dependencies]
old = ["packaging<24"]
new = ["packaging>=25"]
[tool.uv]
conflicts = [[{extra = "old"}, {extra = "new"}]]
"""
_SOURCES = """\
[project]
name = "sources"
version = "1"
requires-python = ">=3.11"
dependencies = ["own-code", "click"]
[tool.uv.sources]
own-code = {{ {source} }}
"""
_WORKSPACE = {
    "pyproject.toml": """\
[project]
name = "root"
version = "1"
requires-python = ">=3.11"
dependencies = ["member", "click<8.2"]
[tool.uv.workspace]
members = ["packages/*"]
[tool.uv.sources]
member = { workspace = true }
""",
    "packages/member/pyproject.toml": """\
[build-system]
requires = ["flit_core==4.2.0"]
build-backend = "flit_core.buildapi"
[project]
name = "member"
version = "2"
description = "One of it"
requires-python = ">=3.11"
dependencies = ["idna>=3"]
""",
    "packages/member/member.py": "",
}

PAPERS = (
    Written("uv-lock", "uv.lock", _PROJECT, "uv lock -q", _SYNC, exports=_LINES),
    Written(
        "uv-lock-chosen", "uv.lock", _PROJECT, "uv lock -q",
        f"{_SYNC} --group check --extra plots", exports=f"{_LINES} --group check --extra plots",
        groups=("check",), extras=("plots",),
    ),
    Written("uv-lock-forks", "uv.lock", {"pyproject.toml": _FORKS}, "uv lock -q", _SYNC, exports=_LINES),
    Written(
        "uv-lock-conflicting-extra", "uv.lock", {"pyproject.toml": _FORKS}, "uv lock -q",
        f"{_SYNC} --extra old", exports=f"{_LINES} --extra old", extras=("old",),
    ),
    Written(
        "uv-lock-git", "uv.lock",
        {**OWN_FILES, "pyproject.toml": _SOURCES.format(source='git = "file://HERE/own"')},
        f'{REPOSITORY} && sed -i "s|HERE|$PWD|" pyproject.toml && uv lock -q',
        _SYNC, exports=_LINES,
    ),
    Written(
        "uv-lock-path", "uv.lock",
        {**OWN_FILES, "pyproject.toml": _SOURCES.format(source='path = "own", editable = true')},
        "uv lock -q", _SYNC,
    ),
    Written("uv-lock-workspace", "uv.lock", _WORKSPACE, "uv lock -q", _SYNC),
    Written(
        "uv-export", "requirements.txt", _PROJECT,
        "uv export -q --no-emit-project --no-default-groups -o requirements.txt",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-export-bare", "requirements.txt", _PROJECT,
        "uv export -q --no-hashes --no-annotate --no-header --no-emit-project --all-extras --group check "
        "-o requirements.txt",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-export-project", "requirements.txt", {**_PROJECT, **OWN_FILES},
        "uv add -q --no-sync --editable ./own && uv export -q --no-default-groups --no-emit-project -o requirements.txt",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-export-pylock", "pylock.toml", _PROJECT,
        "uv export -q --format pylock.toml --no-emit-project --no-default-groups -o pylock.toml",
        f"uv pip install {_IN} -r pylock.toml",
    ),
    Written(
        "uv-export-pylock-all", "pylock.all.toml", _PROJECT,
        "uv export -q --format pylock.toml --no-emit-project --all-extras --all-groups -o pylock.all.toml",
        f"uv pip install {_IN} -r pylock.all.toml",
    ),
    Written(
        "uv-compile", "requirements.txt", _LIST,
        'uv pip compile -q --python "$PYTHON" requirements.in -o requirements.txt',
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-compile-hashes", "requirements.txt", _LIST,
        'uv pip compile -q --python "$PYTHON" --generate-hashes --annotation-style line '
        "--emit-index-url --emit-build-options --only-binary :all: requirements.in -o requirements.txt",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-compile-universal", "requirements.txt", _LIST,
        "uv pip compile -q --universal --python-version 3.10 requirements.in -o requirements.txt",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-compile-project", "requirements.txt", _PROJECT,
        'uv pip compile -q --python "$PYTHON" --extra fast --group test --no-strip-extras --no-strip-markers '
        "pyproject.toml -o requirements.txt",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-compile-pylock", "pylock.wine.toml", _LIST,
        'uv pip compile -q --python "$PYTHON" requirements.in -o pylock.wine.toml',
        f"uv pip install {_IN} -r pylock.wine.toml",
    ),
    Written(
        "uv-freeze", "requirements.txt", {**_LIST, **OWN_FILES},
        f'{REPOSITORY} && uv venv -q .venv --python "$PYTHON" && '
        'uv pip install -q -r requirements.in "git+file://$PWD/own" && '
        "uv pip freeze > requirements.txt && rm -rf .venv",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-freeze-editable", "requirements.txt", {**_LIST, **OWN_FILES},
        'uv venv -q .venv --python "$PYTHON" && '
        "uv pip install -q -r requirements.in -e own && "
        "uv pip freeze > requirements.txt && rm -rf .venv",
        f"uv pip install {_IN} -r requirements.txt",
    ),
    Written(
        "uv-script", "predict.py", {"predict.py": 'print("predicts")\n'},
        "uv add -q --script predict.py 'click~=8.1' 'idna>=3,<4' \"colorama; sys_platform == 'win32'\"",
        asks='uv lock -q --script predict.py && "$PYTHON" "$INSIDE/uv_asks.py" predict.py.lock',
    ),
    Written(
        "uv-script-lock", "predict.py.lock", {"predict.py": 'print("predicts")\n'},
        "uv add -q --script predict.py 'click~=8.1' 'idna>=3,<4' && uv lock -q --script predict.py",
        f"uv export -q --frozen --script predict.py -o requirements.txt && uv pip install {_IN} -r requirements.txt",
        exports="uv export -q --frozen --no-hashes --no-header --no-annotate --script predict.py",
    ),
    Written(
        "uv-add", "pyproject.toml", {},
        'uv init -q --bare --name wine --python "$PYTHON" && '
        "uv add -q --no-sync 'click~=8.1' 'idna>=3,<4' \"colorama; sys_platform == 'win32'\" && "
        "uv add -q --no-sync --optional fast six && uv add -q --no-sync --dev iniconfig && "
        "uv add -q --no-sync --group test pluggy",
        asks='"$PYTHON" "$INSIDE/uv_asks.py" uv.lock test',
        groups=("test",), extras=("fast",),
    ),
    Written(
        "uv-export-bill", "bill.json", _PROJECT,
        "uv export -q --format cyclonedx1.5 -o bill.json", refusal="bill of materials",
    ),
)  # fmt: skip
