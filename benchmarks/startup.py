"""What do the imports and the help cost, against an interpreter that does nothing?

python -m benchmarks startup [--runs N]
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence

from .timing import interleave, table

SCRIPTS = {
    "floor: pass": "pass",
    "import tracer": "import tracer",
    "import modelenv": "import modelenv",
    "modelenv --help": "from modelenv.cli import main; main(['--help'])",
    "modelenv save --help": "from modelenv.cli import main; main(['save', '--help'])",
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks startup", description=__doc__)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args(arguments)

    def command(script: str) -> Callable[[], list[str]]:
        return lambda: [sys.executable, "-c", script]

    commands = {name: command(script) for name, script in SCRIPTS.items()}
    results = interleave(commands, options.runs)
    print(f"Python {platform.python_version()}, medians of {options.runs} interleaved runs\n")
    print(table(results, "floor: pass"))
    return 0
