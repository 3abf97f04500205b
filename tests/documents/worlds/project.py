"""Make the lists of a project in the current folder, where its lock and models of wines are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SCRIPT = """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-learn"]
# ///
from sklearn.linear_model import LogisticRegression

model = LogisticRegression().fit([[13 * [0.0], 13 * [1.0]][n] for n in (0, 1)], [0, 1])
"""

Path("today").mkdir()
shutil.copy("uv.lock", "today/uv.lock")
shutil.copy("pyproject.toml", "today/pyproject.toml")
subprocess.run(
    ["uv", "export", "--quiet", "--format", "pylock.toml", "-o", "pylock.toml"], check=True
)
Path("model.py").write_text(SCRIPT)
shutil.copy("model.pkl", "old.pkl")
