"""Mutate folders and read them: ``python -m tests.fuzz --pairs 100000 --state FILE``.

Each pair of a mutated folder and a command is made from its number alone, so a run goes on where
it was ended, and one pair can be looked at by itself (``--only NUMBER``).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..small_worlds import write_wheel
from .grounds import make_grounds
from .mutations import mutate
from .readings import COMMANDS, MOST_SECONDS, limit_memory, listing, read, watch

_EACH = 3
"""How many commands read one mutated folder."""
_STARTING = 1.0
"""Seconds of CPU in which a process starts and imports what it needs."""


def main() -> int:
    """Run the pairs that are left; return 1 where one has a fault."""
    asked = _arguments()
    done, faults = _state(asked.state)
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as scratch:
        place = Path(scratch)
        os.environ.update(MODELENV_CACHE_DIR=str(place / "cache"), PIP_CONFIG_FILE=os.devnull)
        os.environ.pop("PIP_INDEX_URL", None)
        grounds = make_grounds(place / "grounds")
        for version in ("1.0", "2.0"):
            write_wheel(place / "all-wheels", "alpha", version, ["beta>=1"])
            write_wheel(place / "all-wheels", "beta", version)
        for command in COMMANDS:  # what is imported late is not the pair's
            read(command, grounds["pinned"])
            read(command, grounds["mlflow"])
        if not asked.by_command:
            watch()
            limit_memory()
        numbers = [asked.only] if asked.only is not None else range(done, asked.pairs, _EACH)
        for number in numbers:
            for fault in _trial(number, place, grounds, asked):
                faults += 1
                print(fault, flush=True)
            if asked.state:
                asked.state.write_text(json.dumps({"done": number + _EACH, "faults": faults}))
    print(f"{asked.pairs} pairs, {faults} faults")
    return 1 if faults else 0


def _trial(number: int, place: Path, grounds: dict[str, Path], asked: argparse.Namespace):
    """Mutate one folder and read it with some commands; yield what is a fault."""
    rng = random.Random(f"{asked.seed}/{number}")
    kind = rng.choice(sorted(grounds))
    folder = place / "mutated"
    shutil.copytree(grounds[kind], folder, symlinks=True)
    told = mutate(folder, rng)
    # What has no words is no command of its own.
    known = sorted(name for name, words in COMMANDS.items() if words or not asked.by_command)
    commands = rng.sample(known, _EACH)
    try:
        for command in commands:
            found = (
                _by_command(command, folder)
                if asked.by_command
                else read(command, folder, asked.most_seconds)
            )
            for fault in found:
                yield f"{number} {kind} [{told}] {command}: {fault}"
    finally:
        if asked.keep:
            shutil.copytree(folder, asked.keep, symlinks=True)
        shutil.rmtree(folder)


def _by_command(command: str, folder: Path) -> list[str]:
    words = COMMANDS[command]
    assert words is not None
    before, started = listing(folder), _seconds_of_children()
    whole = [sys.executable, "-m", "modelenv", *words(folder)]
    ended = subprocess.run(
        whole, capture_output=True, text=True, errors="replace", timeout=60, check=False
    )
    seconds = _seconds_of_children() - started - _STARTING
    faults = [] if ended.returncode in (0, 1, 2) else [f"exit {ended.returncode}: {ended.stderr}"]
    faults += ["a traceback"] if "Traceback" in ended.stderr else []
    if command != "lock" and listing(folder) != before:
        faults.append("effect: the folder changed")
    return faults + ([f"{seconds:.1f} s"] if seconds > MOST_SECONDS else [])


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _state(file: Path | None) -> tuple[int, int]:
    if file is None or not file.exists():
        return 0, 0
    said = json.loads(file.read_text("utf-8"))
    return said["done"], said["faults"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", default="folders")
    parser.add_argument("--state", type=Path, help="a file that says how far it came")
    parser.add_argument("--only", type=int, help="the number of one folder")
    parser.add_argument("--keep", type=Path, help="where its folder is copied to")
    parser.add_argument("--most-seconds", type=float, default=MOST_SECONDS, help="of CPU, a pair")
    parser.add_argument("--by-command", action="store_true", help="each in a process of its own")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
