"""Documents of pip: locks, freezes, lists."""

from __future__ import annotations

from ..projects import LIST, OWN_FILES, REPOSITORY
from ..written import Tool, Written

TOOL = Tool("pip", ("pip==26.3", "setuptools==80.9.0", "wheel==0.45.1"))

_LIST = {"requirements.in": LIST}
_PIP = 'pip --python "$ENV/bin/python" -q install --no-warn-conflicts'
# pip refuses its own lock of a folder or a repository, for want of hashes.
_BY_UV = '"$UV" pip install -q --python "$ENV/bin/python" -r pylock.toml'
_EMPTY = "python -m venv --without-pip .venv && pip --python .venv/bin/python -q install"

PAPERS = (
    Written(
        "pip-lock", "pylock.toml", _LIST, "pip -q lock -r requirements.in",
        f"{_PIP} -r pylock.toml",
    ),
    Written(
        "pip-lock-sdist", "pylock.source.toml", {"requirements.in": "six==1.16.0\nclick\n"},
        "pip -q lock -r requirements.in --no-binary six -o pylock.source.toml",
        f"{_PIP} -r pylock.source.toml",
    ),
    Written(
        "pip-lock-folder", "pylock.toml", OWN_FILES, "pip -q lock ./own", _BY_UV,
    ),
    Written(
        "pip-lock-git", "pylock.toml", OWN_FILES, f'{REPOSITORY} && pip -q lock "git+file://$PWD/own"', _BY_UV,
    ),
    Written(
        "pip-freeze", "requirements.txt", _LIST,
        f"{_EMPTY} -r requirements.in && pip --python .venv/bin/python freeze > requirements.txt && "
        "rm -rf .venv",
        f"{_PIP} -r requirements.txt",
    ),
    Written(
        "pip-freeze-git", "requirements.txt", {**_LIST, **OWN_FILES},
        f'{REPOSITORY} && {_EMPTY} -r requirements.in "git+file://$PWD/own@main" && '
        "pip --python .venv/bin/python freeze > requirements.txt && rm -rf .venv",
        f"{_PIP} -r requirements.txt",
    ),
    Written(
        "pip-freeze-editable", "requirements.txt", {**_LIST, **OWN_FILES},
        f"{_EMPTY} -r requirements.in -e own && "
        "pip --python .venv/bin/python freeze > requirements.txt && rm -rf .venv",
        f"{_PIP} -r requirements.txt",
    ),
    Written(
        "pip-freeze-editable-git", "requirements.txt", {**_LIST, **OWN_FILES},
        f'{REPOSITORY} && git clone -q --bare own own.git && git -C own remote add origin "file://$PWD/own.git" && '
        f"{_EMPTY} -r requirements.in -e own && "
        "pip --python .venv/bin/python freeze > requirements.txt && rm -rf .venv",
        f"sed -i 's/^-e //' requirements.txt && {_PIP} -r requirements.txt",
    ),
    Written(
        "pip-freeze-wheel", "requirements.txt", {**_LIST, **OWN_FILES},
        f"pip -q wheel --no-deps -w wheels ./own && {_EMPTY} -r requirements.in wheels/*.whl && "
        "pip --python .venv/bin/python freeze -r requirements.in > requirements.txt && rm -rf .venv",
        f"{_PIP} -r requirements.txt",
    ),
    Written(
        "pip-freeze-utf-16", "requirements.txt", _LIST,
        # As PowerShell's `>` writes it.
        f"{_EMPTY} -r requirements.in && pip --python .venv/bin/python freeze | sed 's/$/\\r/' | "
        "iconv -t UTF-16 > requirements.txt && rm -rf .venv",
        f"{_PIP} -r requirements.txt",
    ),
    Written(
        "pip-freeze-bom", "requirements.txt", _LIST,
        f"{_EMPTY} -r requirements.in && (printf '\\xef\\xbb\\xbf'; pip --python .venv/bin/python freeze) | "
        "sed 's/$/\\r/' > requirements.txt && rm -rf .venv",
        f"{_PIP} -r requirements.txt",
    ),
    Written(
        "pip-list", "requirements.txt", _LIST,
        f"{_EMPTY} -r requirements.in && "
        "pip --python .venv/bin/python list --format freeze > requirements.txt && rm -rf .venv",
        f"{_PIP} -r requirements.txt",
    ),
    Written(
        "pip-list-columns", "requirements.txt", _LIST,
        f"{_EMPTY} -r requirements.in && "
        "pip --python .venv/bin/python list > requirements.txt && rm -rf .venv",
        refusal="pip list",
    ),
    Written(
        "pip-report", "report.json", _LIST,
        "pip -q install --dry-run --ignore-installed --report report.json -r requirements.in",
        refusal="report",
    ),
)  # fmt: skip
