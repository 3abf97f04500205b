from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig

from toolz import frequencies


class WarningsOf:
    """How often which warning is given about a shell script."""

    def predict(self, scripts: list[str]) -> list[dict[int, int]]:
        program = shutil.which("shellcheck", path=sysconfig.get_path("scripts"))
        return [frequencies(_codes(program, script)) for script in scripts]


def _codes(program: str, script: str) -> list[int]:
    command = [program, "--norc", "--shell=bash", "--format=json", "-"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    return [entry["code"] for entry in json.loads(done.stdout)]
