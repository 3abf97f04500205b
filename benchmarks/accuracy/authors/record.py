"""Run a case's train.py and pickle the model and its example.

Run by path with `-I` in the source environment, from the folder of train.py, which then sees the
`sys.path` that `python train.py` gives. With `--main` the script is this interpreter's
`__main__`, so its classes are too.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--main", action="store_true")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--example", type=Path, required=True)
    given = parser.parse_args()
    sys.path.insert(0, str(given.train.parent))
    model, example = _build(given.train, given.main)

    import cloudpickle

    given.model.write_bytes(cloudpickle.dumps(model))
    given.example.write_bytes(cloudpickle.dumps(example))


def _build(train: Path, main: bool) -> tuple[object, object]:
    if main:
        names = sys.modules["__main__"].__dict__
        names["__file__"] = str(train)
        exec(compile(train.read_bytes(), str(train), "exec", dont_inherit=True), names)
    else:
        names = import_module(train.stem).__dict__
    built: tuple[object, object] = names["build"]()
    return built


if __name__ == "__main__":
    main()
