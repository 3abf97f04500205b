"""How many files does somebody open to follow a call: those of modelenv in which its code runs.

python -m benchmarks trips [--files]

Each call is followed in this process, from the door to the worker and back. What runs only where
something is imported, and what the worker itself runs, does not count.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import modelenv

from ..results.command import conclude, parser_of
from ..results.figures import Figure

ROOT = f"{Path(modelenv.__file__).parent}{os.sep}"
Calls = dict[str, Callable[[Path], object]]


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("trips", __doc__)
    parser.add_argument("--files", action="store_true", help="name them")
    options = parser.parse_args(arguments)
    figures = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        for name, call in calls().items():
            with followed() as files:
                call(folder)
            print(f"{name:<18} {len(files):>3} files")
            for file in sorted(files) if options.files else ():
                print(f"    {file}")
            figures.append(Figure(f"files to open to follow `{name}`", len(files), "files"))
    return conclude(options, figures)


def calls() -> Calls:
    """Return what is followed, in an order in which each finds what the one before it left."""
    from sklearn.linear_model import LogisticRegression

    rows = [[float(number), 1.0] for number in range(20)]
    model = LogisticRegression().fit(rows, [int(number > 9) for number in range(20)])

    def fix(folder: Path) -> object:
        file = folder / "requirements.txt"
        lines = file.read_text("utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith("joblib")), "utf-8")
        return modelenv.fix(folder)

    return {
        "save_model": lambda folder: modelenv.save_model(model, folder, input_example=rows[:3]),
        "verify": modelenv.verify,
        "requirements add": lambda folder: modelenv.update_requirements(folder, add=["packaging"]),
        "fix": fix,
    }


@contextmanager
def followed() -> Iterator[set[str]]:
    """Gather the files of modelenv in which a function runs, in any thread of this process."""
    files: set[str] = set()

    def watch(frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and frame.f_code.co_name != "<module>" and file.startswith(ROOT):
            files.add(file.removeprefix(ROOT))

    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        files -= {file for file in files if file.endswith("__init__.py")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
