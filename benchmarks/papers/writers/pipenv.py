"""Documents of Pipenv: its file, its lock, its export."""

from __future__ import annotations

from ..projects import OWN_FILES
from ..written import Tool, Written

TOOL = Tool("pipenv", ("pipenv==2026.10.3",))

_FILE = {
    "Pipfile": """\
[[source]]
name = "pypi"
url = "https://pypi.org/simple"
verify_ssl = true

[packages]
attrs = ">=23.1"
click = "~=8.1"
colorama = {version = "==0.4.6", sys_platform = "== 'win32'"}
packaging = "*"

[dev-packages]
iniconfig = "*"

[requires]
python_version = "3.11"
"""
}
_IN = '-q --python "$ENV/bin/python"'
_LOCK = (
    'export PIPENV_PYTHON="$PYTHON" PIPENV_VENV_IN_PROJECT=1 PIPENV_NOSPIN=1; pipenv --quiet lock'
)

_RICH = {
    **OWN_FILES,
    "Pipfile": """\
[[source]]
name = "pypi"
url = "https://pypi.org/simple"
verify_ssl = true

[packages]
requests = {extras = ["socks"], version = ">=2.31"}
own-code = {path = "./own", editable = true}
toolz = {version = "*", markers = "python_version >= '3.8'"}

[docs]
iniconfig = "*"
""",
}

PAPERS = (
    Written(
        "pipenv-lock-rich", "Pipfile.lock", _RICH, f"{_LOCK}; rm -rf .venv",
        'VIRTUAL_ENV="$ENV" PIPENV_IGNORE_VIRTUALENVS=0 pipenv --quiet sync', refusal="pipenv requirements",
    ),
    Written(
        "pipenv-requirements-rich", "requirements.txt", _RICH,
        f"{_LOCK}; pipenv requirements --categories 'packages docs' > requirements.txt; rm -rf .venv",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written("pipenv", "Pipfile", _FILE, ":", refusal="pipenv requirements"),
    Written(
        "pipenv-lock", "Pipfile.lock", _FILE, f"{_LOCK}; rm -rf .venv",
        'VIRTUAL_ENV="$ENV" PIPENV_IGNORE_VIRTUALENVS=0 pipenv --quiet sync', refusal="pipenv requirements",
    ),
    Written(
        "pipenv-requirements", "requirements.txt", _FILE,
        f"{_LOCK}; pipenv requirements --hash > requirements.txt; rm -rf .venv",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
    Written(
        "pipenv-requirements-dev", "requirements.txt", _FILE,
        f"{_LOCK}; pipenv requirements --dev > requirements.txt; rm -rf .venv",
        f'"$UV" pip install {_IN} -r requirements.txt',
    ),
)  # fmt: skip
