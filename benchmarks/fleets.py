"""What does verifying a fleet of models cost, against verifying each of them alone?

    python -m benchmarks fleets [--models N] [--pin-sets N] [--alone N] [--folder FOLDER]

N models in pin sets of libraries that are installed here, fitted anew each; of every hundred two
are wrong, by four kinds in turn: the prediction differs, a module is missing, a file was changed,
the process dies. Then all are verified in units of a hundred, and some alone: the wrong ones first.
Says the seconds of processors that a model took, parent and children together, and exits with 1
where a verdict is not what it should be, or not that of verifying it alone.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import platform
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import modelenv
from modelenv.fleet.forks import verify_unit
from modelenv.fleet.verified import VerifiedModel
from modelenv.run.isolated import RunOptions
from modelenv.worker import values

_UNIT = 100
_ROWS, _COLUMNS = 200, 8
# Of each hundred models, the ones that are wrong; what is wrong goes round.
_WRONG = (37, 82)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks fleets", description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--pin-sets", type=int, default=3, choices=range(1, len(_PIN_SETS) + 1))
    parser.add_argument("--alone", type=int, default=20, help="how many are verified alone too")
    parser.add_argument("--folder", type=Path, help="where the fleet stands, or is to be made")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        root = options.folder or Path(scratch)
        wrong = make(root, options.models, options.pin_sets)
        return _measure(root, wrong, options.alone)


def make(root: Path, models: int, pin_sets: int) -> dict[Path, str]:
    """Make a fleet below `root` where it is not there; return what is wrong with which."""
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
        if number % _UNIT in _WRONG:
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
        import os

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


def _outcome(verified: VerifiedModel) -> str:
    """Say which kind of wrong a model is; empty: none."""
    verdict = verified.verdict
    if verdict is None:
        changed = type(verified.error).__name__ == "ChangedContentError"
        return "changed" if changed else repr(verified.error)
    if verdict.good:
        return ""
    if verdict.status == "differs":
        return "differs"
    return "missing" if verdict.missing else "dies" if "SIGABRT" in verdict.reason else str(verdict)


def _units(folders: Sequence[Path], pin_sets: int) -> Iterator[list[Path]]:
    of_set: dict[int, list[Path]] = defaultdict(list)
    for folder in folders:
        of_set[int(folder.name) % pin_sets].append(folder)
    for same in of_set.values():
        for first in range(0, len(same), _UNIT):
            yield same[first : first + _UNIT]


def _measure(root: Path, wrong: dict[Path, str], alone: int) -> int:
    folders = sorted((root / "models").iterdir())
    pin_sets = len(list(root.glob("template*")))
    print(f"Python {platform.python_version()}, {len(folders)} models, {pin_sets} pin sets,")
    print(f"{len(wrong)} of them wrong\n")
    began, spent, options = time.perf_counter(), _spent(), RunOptions()
    found = {
        each.folder: each
        for unit in _units(folders, pin_sets)
        for each in verify_unit(unit, options)
    }
    cpu, seconds = _spent() - spent, time.perf_counter() - began
    faults = [f"{each.folder}: {each.disagreement}" for each in found.values() if each.disagreement]
    outcomes = {folder: _outcome(found[folder]) for folder in folders}
    faults += [
        f"{folder}: {said!r} and not {wrong.get(folder, '')!r}"
        for folder, said in outcomes.items()
        if said != wrong.get(folder, "")
    ]
    spent = _spent()
    chosen = [*wrong, *(folder for folder in folders if folder not in wrong)][:alone]
    for folder in chosen:
        (each,) = verify_unit([folder], options)
        if _outcome(each) != outcomes[folder]:
            faults.append(f"{folder}: alone {_outcome(each)!r}, and {outcomes[folder]!r}")
    single = (_spent() - spent) / max(len(chosen), 1)
    print("| | CPU ms a model |\n|---|---|")
    print(f"| all | {1000 * cpu / len(folders):.0f} |")
    for how, number in Counter(each.how for each in found.values()).items():
        of_it = [each.cpu for each in found.values() if each.how == how]
        print(f"| {number} of them by a {how} process | {1000 * sum(of_it) / number:.0f} |")
    print(f"| {len(chosen)} alone | {1000 * single:.0f} |")
    print(f"\n{cpu:.0f} s of processors, {seconds:.0f} s")
    print("\n".join(faults) or "every verdict is as it should be")
    return 1 if faults else 0


def _spent() -> float:
    import os

    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
