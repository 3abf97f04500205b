"""The steps of the Dockerfile do what they say: run here, where they would run in a build."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.context import write_context
from modelenv.ship.image import ROOT

from .lint import Instruction, stages
from .worlds import plan

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its steps are a shell's")


def run_stage(stage: list[Instruction], context: Path, root: Path) -> None:
    """Do what the instructions of a stage say, in the folder `root` instead of a container."""
    # Of the base, as some have them: what is imported from there ends whatever imports it.
    variables = {
        "PATH": f"{root / 'bin'}:/usr/bin:/bin",
        "PIP_TARGET": str(root / "elsewhere"),
        "PYTHONOPTIMIZE": "2",
        "PYTHONPATH": str(root / "app"),
        "PYTHONSTARTUP": "/app/start.py",
    }
    place = root
    for each in stage:
        words = each.rest.split()
        if each.word == "WORKDIR":
            place = root / words[0].strip("/")
            place.mkdir(parents=True, exist_ok=True)
        elif each.word == "ENV":
            variables |= dict(word.split("=", 1) for word in shlex.split(each.rest))
        elif each.word == "COPY":
            source = context / words[0]
            target = (root / words[1].strip("/")) if words[1].startswith("/") else place / words[0]
            target.parent.mkdir(parents=True, exist_ok=True)
            _ = (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
        elif each.word == "RUN":
            command = each.rest.replace(ROOT, f"{root}{ROOT}")
            subprocess.run(
                ["/bin/sh", "-c", command],
                cwd=place,
                env=variables,
                check=True,
                capture_output=True,
            )


@pytest.mark.slow
def test_the_steps_make_environments_and_settle_the_model(words: Path, tmp_path: Path) -> None:
    context, root = tmp_path / "context", tmp_path / "root"
    context.mkdir()
    write_context(plan(ModelFolder.open(words), tmp_path / "wheelhouse"), context)
    (root / "bin").mkdir(parents=True)
    (root / "app").mkdir()
    for name in ("argparse.py", "venv.py", "pip.py", "compileall.py"):
        (root / "app" / name).write_text("raise SystemExit('the module of the base')\n")
    base = Path(sys.base_prefix) / "bin" / "python{}.{}".format(*sys.version_info)
    (root / "bin" / "python3").symlink_to(base if base.exists() else sys.executable)
    parts = stages((context / "Dockerfile").read_text())
    run_stage(parts["build"], context, root)
    run_stage(parts["model"], context, root)

    made = root / ROOT.strip("/")
    assert {path.name for path in made.iterdir()} == {
        *("model", "model-environment", "server-environment")
    }
    for name, module, printed in (
        ("model-environment", "alpha", "1.0"),
        ("server-environment", "serves", "2.0"),
    ):
        python = made / name / "bin" / "python"
        told = subprocess.run(
            [
                python,
                "-I",
                "-c",
                f"import {module}; print({module}.version, {module}.__spec__.cached)",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert told[0] == printed
        assert Path(told[1]).read_bytes()[4:8] == b"\x03\0\0\0"  # PEP 552
        (site,) = (made / name).glob("lib/python*/site-packages")
        assert {path.name for path in site.iterdir()} == {
            *(module, f"{module}-{printed}.dist-info")
        }
    times = {path.lstat().st_mtime for path in made.rglob("*") if path.parent != made}
    assert times == {315532800}
    assert os.access(made / "model" / "MLmodel", os.R_OK)
