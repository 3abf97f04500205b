"""The modules that a save loads before its model runs; all others come later."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SAVE = """
import json, sys

began = []

def hear(event, _):
    if event == "subprocess.Popen" and not began:
        began.extend(sorted(sys.modules))

def double(numbers):
    return [2 * each for each in numbers]

from modelenv import save_model

sys.addaudithook(hear)
save_model(double, sys.argv[1], input_example=[1, 2], prove=False)
print(json.dumps([began, sorted(sys.modules)]))
"""
# What finds out what the run needed, and writes the folder; and what is said where something fails.
LATER = {
    "envfiles.credentials",
    "modelenv.base.addresses.known_hosts",
    "modelenv.folder.artifacts",
    "modelenv.folder.code.plan",
    "modelenv.folder.mlmodel",
    "modelenv.save.complete",
    "modelenv.seal.leaks",
    "modelenv.system.dpkg",
    "modelenv.worker.comparing.answer",
    "modelenv.worker.verdict",
    "yaml",
}


def test_before_the_run_nothing_is_loaded_that_it_does_not_need(tmp_path: Path) -> None:
    words = [sys.executable, "-c", SAVE, str(tmp_path / "model")]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    before, after = map(set, json.loads(ended.stdout.splitlines()[-1]))
    assert before & LATER == set()
    assert after >= LATER
    assert sum(each.partition(".")[0] in ("modelenv", "envfiles") for each in before) < 125
