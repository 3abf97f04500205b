"""What does verifying a fleet of models cost, against verifying each of them alone?

    python -m benchmarks fleets [--models N...] [--pin-sets N] [--alone N] [--folder FOLDER]

N models in pin sets of libraries that are installed here, fitted anew each; of every hundred two
are wrong, by four kinds in turn: the prediction differs, a module is missing, a file was changed,
the process dies. All are verified as `modelenv fleet verify` does it, and once more, where all is
known; of the last fleet some alone: the wrong ones first. Says the seconds of processors that a
model took, the command's own start and all processes together, and exits with 1 where a verdict is
not what it should be, or not that of `verify`. Libraries without bytecode are compiled by each
process that imports them, which costs more than all else: see that yours has it.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import modelenv
from modelenv.worker import values

from ..results.command import conclude, parser_of
from ..results.figures import Figure

_HUNDRED = 100
_ROWS, _COLUMNS = 200, 8
# Of each hundred models, the ones that are wrong; what is wrong goes round.
_WRONG = (37, 82)


def main(arguments: Sequence[str]) -> int:
    parser = parser_of("fleets", __doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--pin-sets", type=int, default=3, choices=range(1, len(_PIN_SETS) + 1))
    parser.add_argument("--alone", type=int, default=20, help="how many are verified alone too")
    parser.add_argument("--folder", type=Path, help="where the fleet stands, or is to be made")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        root = options.folder or scratch / "fleet"
        wrong = make(root, max(options.models), options.pin_sets)
        print(f"Python {platform.python_version()}, {options.pin_sets} pin sets\n")
        print("| models | CPU ms a model | CPU s | s | MiB here | state KiB a model | again ms |")
        print("|---|---|---|---|---|---|---|")
        faults: list[str] = []
        outcomes: Sequence[Mapping[str, Any]] = ()
        figures: list[Figure] = []
        for number in sorted(options.models):
            outcomes, measured = measure(root, number, scratch)
            figures += measured
            faults += _faults(outcomes, wrong)
        _print_kinds(outcomes)
        faults += _alone(outcomes, options.alone)
    print("\n".join(["", *faults]) if faults else "\nevery verdict is as it should be")
    figures.append(Figure("verdicts of models that are wrong", len(faults), most=0))
    return conclude(options, figures, good=not faults)


def _print_kinds(outcomes: Sequence[Mapping[str, Any]]) -> None:
    """Say what a model took that ran in a fork, and what one that ran in a fresh process."""
    print()
    for how in ("fork", "fresh"):
        of_it = [each["result"]["cpu"] for each in outcomes if each["result"].get("how") == how]
        mean = 1000 * sum(of_it) / max(len(of_it), 1)
        print(f"{len(of_it)} of the last by a {how} process: {mean:.0f} ms a model")


def make(root: Path, models: int, pin_sets: int, *, broken: bool = True) -> dict[Path, str]:
    """Make a fleet below `root` where it is not there; return what is wrong with which.

    Nothing is, unless `broken`.
    """
    root.mkdir(parents=True, exist_ok=True)
    (root / "fleet_polynomial.py").write_text(_CODE, "utf-8")
    sys.path.insert(0, str(root))
    for number in range(pin_sets):
        template = root / f"template{number}"
        if not template.exists():
            fitted = _fitted(number, 0)
            modelenv.save_model(fitted, template, input_example=_example(number))
    wrong: dict[Path, str] = {}
    kinds = list(_BREAK)
    for number in range(models):
        folder = root / "models" / f"{number:05d}"
        if not folder.exists():
            _clone(root / f"template{number % pin_sets}", folder, number % pin_sets, number)
        if broken and number % _HUNDRED in _WRONG:
            kind = kinds[len(wrong) % len(kinds)]
            if not (folder / ".broken").exists():
                _BREAK[kind](folder)
                (folder / ".broken").touch()
            wrong[folder] = kind
    return wrong


def _fitted(pin_set: int, seed: int) -> Any:
    import numpy as np

    random = np.random.default_rng(seed)
    rows = random.normal(size=(_ROWS, _COLUMNS))
    return _PIN_SETS[pin_set](rows, (rows[:, 0] + rows[:, 1] > 0).astype(int))


def _classifier(rows: Any, labels: Any) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)


def _of_frames(rows: Any, labels: Any) -> Any:
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier

    frame = pd.DataFrame(rows, columns=[f"x{number}" for number in range(_COLUMNS)])
    return RandomForestClassifier(10, random_state=0).fit(frame, labels)


# A model of numpy alone, of first-party code that travels with it.
_CODE = """
class Polynomial:
    def __init__(self, coefficients):
        self.coefficients = coefficients

    def predict(self, data):
        return (data @ self.coefficients > 0.5).astype(int)
"""


def _polynomial(rows: Any, labels: Any) -> Any:
    import numpy as np

    made = import_module("fleet_polynomial")
    return made.Polynomial(np.linalg.lstsq(rows, labels, rcond=None)[0])


_PIN_SETS: Sequence[Callable[[Any, Any], Any]] = (_classifier, _of_frames, _polynomial)


def _example(pin_set: int) -> Any:
    import numpy as np
    import pandas as pd

    rows = np.random.default_rng(10**6).normal(size=(5, _COLUMNS))
    if _PIN_SETS[pin_set] is not _of_frames:
        return rows
    return pd.DataFrame(rows, columns=[f"x{number}" for number in range(_COLUMNS)])


def _clone(template: Path, folder: Path, pin_set: int, seed: int) -> None:
    """Write the folder of another model than the template's, as saving it would."""
    shutil.copytree(template, folder)
    fitted = _fitted(pin_set, seed)
    _replace(folder, pickle.dumps(fitted))
    (recorded,) = folder.glob("prediction.*")
    recorded.unlink()
    values.write(fitted.predict(_example(pin_set)), str(folder / "prediction"), pickle.dump)
    (now,) = folder.glob("prediction.*")
    assert now.name == recorded.name


def _replace(folder: Path, data: bytes) -> None:
    """Put other data into a model, and the hash of it."""
    file = folder / "model.pkl"
    before, now = (hashlib.sha256(each).hexdigest() for each in (file.read_bytes(), data))
    file.write_bytes(data)
    described = (folder / "MLmodel").read_text("utf-8")
    assert before in described
    (folder / "MLmodel").write_text(described.replace(before, now), "utf-8")


def _differing(folder: Path) -> None:
    """Turn one of the labels that were recorded round."""
    (recorded,) = folder.glob("prediction.*")
    text = recorded.read_text("utf-8")
    turned = text.replace("0", "1", 1) if "0" in text else text.replace("1", "0", 1)
    recorded.write_text(turned, "utf-8")


class _Lacking:
    def __reduce__(self) -> Any:
        return __import__, ("a_module_that_is_missing",)


class _Dying:
    def __reduce__(self) -> Any:
        return os.abort, ()


def _changed(folder: Path) -> None:
    with (folder / "model.pkl").open("ab") as file:
        file.write(b"\0")


_BREAK: dict[str, Callable[[Path], None]] = {
    "differs": _differing,
    "missing": lambda folder: _replace(folder, pickle.dumps(_Lacking())),
    "changed": _changed,
    "dies": lambda folder: _replace(folder, pickle.dumps(_Dying())),
}


def measure(
    root: Path, models: int, scratch: Path
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Figure]]:
    """Verify the first models of a fleet twice; return what came of them, and what it took."""
    listed = scratch / "models.txt"
    folders = sorted((root / "models").iterdir())[:models]
    listed.write_text("".join(f"{folder}\n" for folder in folders), "utf-8")
    state = scratch / f"{models}.sqlite3"
    state.unlink(missing_ok=True)
    first, again = _verified(listed, state), _verified(listed, state)
    print(
        f"| {models} | {1000 * first['cpu'] / models:.0f} | {first['cpu']:.0f}"
        f" | {first['seconds']:.0f} | {first['memory'] / 1024:.0f}"
        f" | {state.stat().st_size / 1024 / models:.1f} | {1000 * again['cpu'] / models:.1f} |",
        flush=True,
    )
    outcomes: Sequence[Mapping[str, Any]] = first["outcomes"]
    figures = [
        Figure(
            f"{text} a model of a fleet",
            1000 * spent / models,
            "CPU ms",
            size=models,
            things="models",
        )
        for text, spent in (("verify", first["cpu"]), ("verify again", again["cpu"]))
    ]
    return outcomes, figures


# In a process of its own, which has imported nothing but modelenv.
_VERIFYING = """
import json, os, sys, time
began = time.perf_counter()
import modelenv

models, state = sys.argv[1:]
options = modelenv.FleetOptions(state=state)
report = modelenv.verify_fleet("@" + models, fleet=options)
seconds, cpu = time.perf_counter() - began, sum(os.times()[:4])
with open("/proc/self/status", encoding="ascii") as file:
    memory = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
outcomes = [each.to_json() for each in report.outcomes()]
print(json.dumps({"cpu": cpu, "seconds": seconds, "memory": memory, "outcomes": outcomes}))
"""


def _verified(models: Path, state: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", _VERIFYING, str(models), str(state)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _kind(outcome: Mapping[str, Any]) -> str:
    """Say which kind of wrong a model is; empty: none."""
    if outcome["good"]:
        return ""
    if outcome["status"] == "error":
        name = outcome["result"]["error"]["type"]
        return "changed" if name == "ChangedContentError" else str(name)
    if outcome["status"] == "differs":
        return "differs"
    if outcome["result"]["missing"]:
        return "missing"
    return "dies" if "SIGABRT" in outcome["reason"] else str(outcome["reason"])


def _faults(outcomes: Iterable[Mapping[str, Any]], wrong: Mapping[Path, str]) -> Iterator[str]:
    for each in outcomes:
        meant = wrong.get(Path(each["path"]), "")
        if _kind(each) != meant:
            yield f"{each['path']}: {_kind(each)!r} and not {meant!r}"
        if "disagreement" in each["result"]:
            yield f"{each['path']}: {each['result']['disagreement']}"


def _alone(outcomes: Sequence[Mapping[str, Any]], number: int) -> Iterator[str]:
    """Verify some alone, the wrong ones first; yield whose verdict is another."""
    spent = _spent()
    chosen = sorted(outcomes, key=lambda each: each["good"])[:number]
    for each in chosen:
        try:
            verdict = modelenv.verify(each["path"])
            said: tuple[str, str] = verdict.status, verdict.reason
        except modelenv.ModelenvError as error:
            said = "error", str(error).partition("\n")[0]
        if said != (each["status"], each["reason"]):
            yield f"{each['path']}: alone {said}, and {each['status'], each['reason']}"
    single = (_spent() - spent) / max(len(chosen), 1)
    print(f"\n{len(chosen)} alone: {1000 * single:.0f} ms a model, without the command's start")


def _spent() -> float:
    return sum(os.times()[:4])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
