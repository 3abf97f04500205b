"""Train a case's model and save it with modelenv, as its author would.

Where the proof fails nothing is written; the folder is then written once more, unproven, so that
somebody else can look whether the proof was right.

The save that is timed knows of none before it: the cache folder is emptied. It is saved once more
then, to see whether the second save foresees its proof.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from building import Stopwatch, build, failed, read_arguments

del sys.path[0]


def main() -> None:
    given = read_arguments()
    model, example = build(given)
    given.report.write_text(json.dumps(_save(model, example, given.output, given.options)), "utf-8")


def _save(model: Any, example: Any, output: str, options: dict[str, Any]) -> dict[str, Any]:
    shutil.rmtree(os.environ["MODELENV_CACHE_DIR"], ignore_errors=True)
    said: list[str] = []
    watch = Stopwatch()
    try:
        modelenv = import_module("modelenv")
        account = modelenv.save_model(
            model, output, input_example=example, report=said.append, **options
        )
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
        report = {**failed(error), **watch.read()}
        if type(error).__name__ == "NotProvenError":
            report["proof"] = "fails"
            import_module("modelenv").save_model(model, output, input_example=example, prove=False)
        return report
    report = {**watch.read(), "proof": account.to_json()["proof"]["status"]}
    guesses = [_guess(said), _guess(_said_again(model, example, f"{output}-again", options))]
    return {**report, "guesses": guesses}


def _said_again(model: Any, example: Any, output: str, options: dict[str, Any]) -> list[str]:
    """Save once more, and return what was told meanwhile."""
    said: list[str] = []
    try:
        import_module("modelenv").save_model(
            model, output, input_example=example, report=said.append, **options
        )
    finally:
        shutil.rmtree(output, ignore_errors=True)
    return said


def _guess(said: list[str]) -> str:
    """Return what came of a proof that was begun beside the traced run."""
    if any("the proof that was begun beside the run holds" in each for each in said):
        return "right"
    return "wrong" if any("is thrown away" in each for each in said) else "none"


if __name__ == "__main__":
    main()
