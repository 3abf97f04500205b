"""Who reads no further ends a command without a word, whatever it reports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.cli.commands import COMMANDS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")

# One process loads the command once; each command then runs, and ends, in a fork of it.
RUN = """
import json, os, sys
import modelenv
from modelenv.cli import main

for name in modelenv.__all__:
    getattr(modelenv, name)

told = []
for words in json.loads(sys.argv[1]):
    read, write = os.pipe()
    errors, said = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        os.dup2(write, 1), os.dup2(said, 2)
        os.close(write), os.close(said)
        main(words)
        sys.exit(0)
    os.close(read), os.close(write), os.close(said)
    with open(errors) as file:
        said = file.read()
    told.append([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said])
print(json.dumps(told))
"""
LIGHT = {
    "cache": ["cache", "list", "--json"],
    "completion": ["completion", "bash"],
    "diagnose": ["diagnose", "No module named 'cv2'"],
    "diff": ["diff", "{folder}", "{other}"],
    "explain": ["explain", "ME0209"],
    "export": ["export", "-m", "{saved}", "--format", "requirements", "-o", "{new}", "--json"],
    "fleet": ["fleet", "inspect", "{folder}", "--json"],
    "inspect": ["inspect", "-m", "{saved}"],
    "migrate-channels": ["migrate-channels", "{folder}", "--json"],
    "requirements": ["requirements", "list", "-m", "{folder}"],
    "why": ["why", "-m", "{saved}", "pyyaml"],
}
# What runs a model, builds an environment or needs advisories first, and reports in the same way.
HEAVY = {
    "audit", "bisect", "build-docker", "capture", "fix", "generate-dockerfile", "lock", "minimize",
    "pack", "predict", "report", "revive", "save", "serve", "trace", "upgrade", "verify",
}  # fmt: skip


def test_no_command_is_forgotten() -> None:
    assert LIGHT.keys() | HEAVY == set(COMMANDS)


def test_who_reads_no_further_is_told_nothing(
    model: Callable[..., Path], project: Any, target: Path, tmp_path: Path
) -> None:
    modelenv.save_model(
        project.model("import yaml\nreturn data"), target, input_example=[1], prove=False
    )
    folder = model({"alpha==1.0": "imported by the model"})
    places = {
        "folder": folder,
        "saved": target,
        "other": model({"alpha==2.0": "x"}, name="other"),
        "new": tmp_path / "new.txt",
    }
    asked = [
        [word.format_map(places) for word in (*words, *more)]
        for words in LIGHT.values()
        for more in ([], ["--json"])
        if not more or words[0] in ("inspect", "diff")
    ]
    command = [sys.executable, "-c", RUN, json.dumps(asked)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    for words, (code, said) in zip(asked, json.loads(ended.stdout), strict=True):
        assert "Traceback" not in said, words
        assert "BrokenPipe" not in said, words
        assert code == 1, (words, said)
