"""Train a case's model and save it with modelenv, as its author would.

Where the proof fails nothing is written; the folder is then written once more, unproven, so that
somebody else can look whether the proof was right.
"""

from __future__ import annotations

import json
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
    watch = Stopwatch()
    try:
        modelenv = import_module("modelenv")
        account = modelenv.save_model(model, output, input_example=example, **options)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
        report = {**failed(error), **watch.read()}
        if type(error).__name__ == "NotProvenError":
            report["proof"] = "fails"
            import_module("modelenv").save_model(model, output, input_example=example, prove=False)
        return report
    return {**watch.read(), "proof": account.to_json()["proof"]["status"]}


if __name__ == "__main__":
    main()
