from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TABLE = """
import json, sys
from tabulate import tabulate
json.dump(tabulate(json.load(sys.stdin), headers=["file", "size"]), sys.stdout)
"""


class Report:
    """A table of files and their sizes, made by two child interpreters."""

    def predict(self, files: dict[str, int]) -> str:
        sizes = self._ask(["-m", "sizes"], list(files.values()))
        return self._ask(["-c", TABLE], list(zip(files, sizes, strict=True)))

    def _ask(self, arguments: list[str], question: object) -> object:
        done = subprocess.run(
            [sys.executable, *arguments],
            input=json.dumps(question),
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        return json.loads(done.stdout)
