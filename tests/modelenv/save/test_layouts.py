"""The function that returns a model is found in the layouts that repositories have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

FIND = (
    "import sys\n"
    "from modelenv.save.request.function import ModelFunction\n"
    "from modelenv.base.errors import WrongUseError\n"
    "try:\n"
    "    function = ModelFunction.find(sys.argv[1])\n"
    "except WrongUseError as error:\n"
    "    print(error)\n"
    "else:\n"
    "    print(function.call.__module__, function.result())\n"
)
BUILD = "def build():\n    return scaled(1)\n"
PACKAGE = {
    "src/churn/__init__.py": "",
    "src/churn/steps/__init__.py": "def scaled(x):\n    return 2 * x\n",
    "src/churn/jobs/__init__.py": "",
    "src/churn/jobs/train.py": f"from ..steps import scaled\n{BUILD}",
}
SCRIPTS = {
    "jobs/helpers.py": "def scaled(x):\n    return 2 * x\n",
    "jobs/train.py": f"from helpers import scaled\n{BUILD}",
}


@pytest.mark.parametrize(
    ("files", "source", "said"),
    [
        (PACKAGE, "src/churn/jobs/train.py:build", "churn.jobs.train 2"),
        (SCRIPTS, "jobs/train.py:build", "train 2"),
        # A colon in the path, as that of a drive of Windows.
        ({"C:/train.py": "def build():\n    return 2\n"}, "C:/train.py:build", "train 2"),
        ({**SCRIPTS, "jobs/__init__.py": ""}, "jobs/train.py:build", "jobs.train 2"),
        (
            {**SCRIPTS, "jobs/__init__.py": "", "__init__.py": ""},
            "jobs/train.py:build",
            "jobs.train 2",
        ),
        (
            {**PACKAGE, "src/churn/__init__.py": f"from .steps import scaled\n{BUILD}"},
            "src/churn/__init__.py:build",
            "churn 2",
        ),
        (
            PACKAGE,
            "churn.jobs.train:build",
            "there is no module 'churn.jobs.train' here or installed. Did you mean"
            " src/churn/jobs/train.py:build?",
        ),
        (
            PACKAGE,
            "churn.steps:build",
            "there is no module 'churn.steps' here or installed. Did you mean"
            " src/churn/steps/__init__.py:build?",
        ),
        (
            {
                "src/acme/alpha/train.py": f"from acme.beta.scale import scaled\n{BUILD}",
                "src/acme/beta/scale.py": "def scaled(x):\n    return 2 * x\n",
            },
            "src/acme/alpha/train.py:build",
            "src/acme/alpha/train.py:build imports acme, and its folder {0}/src/acme is no package"
            " (it has no __init__.py): put {0}/src on the path (PYTHONPATH), and give"
            " acme.alpha.train:build",
        ),
        (PACKAGE, "churn.**.train:build", "there is no module 'churn.**.train' here or installed"),
    ],
    ids=[
        "src",
        "scripts",
        "drive",
        "scripts of a package",
        "working folder",
        "package",
        "module",
        "packages",
        "namespace",
        "pattern",
    ],
)
def test_a_function_is_found_where_the_repository_has_it(
    files: Mapping[str, str], source: str, said: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = subprocess.run(
        [sys.executable, "-c", FIND, source],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert found.stdout.strip() == said.format(tmp_path)
