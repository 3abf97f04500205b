"""``python -m benchmarks NAME [options]``: run one benchmark, or all that can be run here."""

from __future__ import annotations

import sys
from importlib import import_module

from .results.catalogue import BENCHMARKS

WHOLE = {
    "all": ("every benchmark that can be run here, in a table", "results.all"),
    "page": ("write docs/results.md and its pictures from a file of results", "results.page"),
}
"""The commands over all benchmarks: what each does, and its module."""


def main(arguments: list[str]) -> int:
    modules = {name: each.module for name, each in BENCHMARKS.items()}
    modules |= {name: module for name, (_, module) in WHOLE.items()}
    if not arguments or arguments[0] not in modules:
        print(usage())
        return 0 if arguments in ([], ["-h"], ["--help"]) else 2
    return int(import_module(f"benchmarks.{modules[arguments[0]]}").main(arguments[1:]))


def usage() -> str:
    """Return what can be run, a line each."""
    lines = ["usage: python -m benchmarks NAME [options]", ""]
    lines += [f"  {name:<12} {text}" for name, (text, _) in WHOLE.items()]
    lines += ["", *(f"  {each.name:<12} {each.text}" for each in BENCHMARKS.values())]
    return "\n".join([*lines, "", "Each takes --help, and writes its figures with --json FILE."])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
