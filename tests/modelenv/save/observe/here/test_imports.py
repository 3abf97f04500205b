"""What a script imports for what the import registers, and its model does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from modelenv.save.observe.here.imports import lacked

HERE = {
    "json": sys.modules["json"],
    "pytest": pytest,
    "measures": ModuleType("pint_pandas"),
    "switch": ModuleType("sklearn.experimental.enable_halving_search_cv"),
    "number": 3,
}
OTHERS = ("pint_pandas", "sklearn.experimental.enable_halving_search_cv")


@pytest.mark.parametrize(
    ("reason", "names"),
    [
        ("TypeError: data type 'pint[mile]' not understood", OTHERS[:1]),
        (
            "ValueError: HalvingGridSearchCV is experimental: import enable_halving_search_cv",
            OTHERS[1:],
        ),
        ("AttributeError: 'Series' object has no attribute 'fuel'", OTHERS),
        ("ValueError: no such row", ()),
        ("TypeError: json is no number", ()),
    ],
)
def test_what_a_failure_may_lack(reason: str, names: tuple[str, ...]) -> None:
    assert lacked(reason, HERE, {"pytest"}) == names


def test_what_ran_is_not_lacking() -> None:
    assert lacked("AttributeError: it has no attribute", HERE, {"pytest", *OTHERS}) == ()


GAUGES = "import fractions\nfractions.Fraction.gauge = lambda self: float(self) * 2\n"
SCRIPT = """
import fractions
import gauges
import modelenv

class Model:
    def predict(self, rows):
        {first}
        return [fractions.Fraction(each).gauge() for each in rows]

print(Model().predict([1, 2]))
modelenv.save_model(Model(), "model", input_example=[1, 2], prove=False)
"""


def run(folder: Path, first: str) -> subprocess.CompletedProcess[str]:
    (folder / "gauges.py").write_text(GAUGES)
    (folder / "train.py").write_text(SCRIPT.format(first=first))
    command = [sys.executable, "train.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_import_of_the_script_alone_is_named_where_the_model_lacks_it(tmp_path: Path) -> None:
    refused = run(tmp_path, "pass")
    assert refused.returncode
    assert "[2.0, 4.0]" in refused.stdout
    assert "'Fraction' object has no attribute 'gauge'\nIt may need what the import of gauges" in (
        refused.stderr
    )


def test_its_way_out_is_one(tmp_path: Path) -> None:
    saved = run(tmp_path, "import gauges")
    assert saved.returncode == 0, saved.stderr
    assert (tmp_path / "model" / "code" / "gauges.py").exists()
