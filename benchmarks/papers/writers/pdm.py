"""Documents of PDM: its lock, its exports."""

from __future__ import annotations

from ..projects import OWN_FILES, PROJECT
from ..written import Tool, Written

# PDM does not bound hishel, and does not start with 2.0.
TOOL = Tool("pdm", ("pdm==2.29.4", "hishel==1.4.0"))

_PROJECT = {"pyproject.toml": PROJECT}
_LOCK = 'PDM_USE_VENV=0 pdm -q use -f "$PYTHON" && PDM_USE_VENV=0 pdm lock -q'
_HERE = 'rm -f .pdm-python && export VIRTUAL_ENV="$ENV" PDM_USE_VENV=1 && pdm -q use -f "$ENV/bin/python" &&'
_TOLD = "pdm export"
_IN = '-q --python "$ENV/bin/python"'

_PLACES = {
    **OWN_FILES,
    "pyproject.toml": """\
[project]
name = "wine"
version = "1"
requires-python = ">=3.11"
dependencies = ["click>=8", "requests[socks]>=2.31"]
[tool.pdm.dev-dependencies]
mine = ["-e file:///${PROJECT_ROOT}/own#egg=own_code"]
""",
}

PAPERS = (
    Written(
        "pdm-lock-places", "pdm.lock", _PLACES, f"{_LOCK} -G :all", f"{_HERE} pdm sync -q --no-self", groups=("mine",),
        refusal=_TOLD,
    ),
    Written(
        "pdm-export-places", "requirements.txt", _PLACES,
        f"{_LOCK} -G :all && pdm export -q --no-hashes -G mine -o requirements.txt",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written(
        "pdm-project-old-groups", "pyproject.toml", _PLACES, ":", asks="printf '%s\\n' 'click>=8' 'requests[socks]>=2.31'",
    ),
    Written("pdm-lock", "pdm.lock", _PROJECT, _LOCK, f"{_HERE} pdm sync -q --prod --no-self", refusal=_TOLD),
    Written(
        "pdm-lock-chosen", "pdm.lock", _PROJECT, f"{_LOCK} -G :all",
        f"{_HERE} pdm sync -q -G check -G plots --no-self", groups=("check",), extras=("plots",), refusal=_TOLD,
    ),
    Written(
        "pdm-lock-pylock", "pylock.toml", _PROJECT,
        f"pdm config --local lock.format pylock && {_LOCK}",
        f'"$UV" pip install {_IN} -r pylock.toml',
    ),
    Written(
        "pdm-export", "requirements.txt", _PROJECT, f"{_LOCK} && pdm export -q --prod -o requirements.txt",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written(
        "pdm-export-bare", "requirements.txt", _PROJECT,
        f"{_LOCK} -G :all && pdm export -q --no-hashes --no-markers -G fast -o requirements.txt",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written(
        "pdm-export-pylock", "pylock.toml", _PROJECT, f"{_LOCK} && pdm export -q -f pylock -o pylock.toml",
        f'"$UV" pip install {_IN} -r pylock.toml',
    ),
)  # fmt: skip
