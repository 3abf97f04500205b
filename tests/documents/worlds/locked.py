"""Make a project with the lock of uv in the current folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

PROJECT = """\
[project]
name = "wine"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["scikit-learn", "pandas"]

[project.optional-dependencies]
gpu = ["tabulate"]

[dependency-groups]
serve = ["idna"]
"""
Path("pyproject.toml").write_text(PROJECT)
subprocess.run(["uv", "lock", "--quiet", "--exclude-newer", "2026-06-30"], check=True)
