"""``python -m benchmarks.worlds NAME FOLDER``: make one of the worlds, and say how it is used."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import __doc__ as description
from .make import KINDS, World, crowd, modules, optional


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.worlds",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("world", choices=("crowd", "modules", "optional"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--distributions", type=int, default=250)
    parser.add_argument("--modules", type=int, default=5000)
    parser.add_argument("--optional", type=int, default=100)
    parser.add_argument("--needed", type=int, default=0)
    parser.add_argument("--kind", choices=list(KINDS), default="block")
    options = parser.parse_args(arguments)
    folder = options.folder.absolute()
    folder.mkdir(parents=True)
    world = _made(options, folder)
    print(f"python={world.python}\npickle={world.pickle}")
    print(f"installed={world.environment.installed}")
    return 0


def _made(options: argparse.Namespace, folder: Path) -> World:
    if options.world == "crowd":
        return crowd(folder, options.distributions)
    if options.world == "modules":
        return modules(folder, options.modules)
    return optional(folder, options.optional, options.needed, options.kind)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
