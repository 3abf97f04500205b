"""A user's script is checked against the types of the public functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import modelenv

SCRIPT = """\
import modelenv

account: modelenv.Account = modelenv.save_model(len, "model", input_example=[1])
verdict = modelenv.verify("model")
assert verdict, verdict.reason
reveal_type(verdict)
model = modelenv.load_model("model")
reveal_type(model)
reveal_type(model.predict([1], params={"a": 1}))
reveal_type(modelenv.predict("model", [1]))
try:
    modelenv.fix("model", steps=3)
except modelenv.ModelenvError as error:
    reveal_type(error.exit_code)
"""
REVEALED = [
    "modelenv.worker.verdict.Verdict",
    "modelenv.run.loading.loaded.LoadedModel",
    "Any",
    "Any",
    "int",
]

WRONG = {
    "model.predict()": "call-arg",
    "model.score([1])": "attr-defined",
    "modelenv.predict('model', timeout='soon')": "arg-type",
    "modelenv.verify('model', unknown=1)": "call-arg",
    "modelenv.load_model(3)": "arg-type",
}


def checked(source: str, folder: Path) -> list[str]:
    (folder / "script.py").write_text(source)
    words = [
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={folder / 'cache'}",
        "script.py",
    ]
    ended = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=folder,
        env={"MYPYPATH": str(Path(modelenv.__file__).parent.parent)},
    )  # fmt: skip
    lines = [line for line in ended.stdout.splitlines() if line.startswith("script.py")]
    return [line for line in lines if " defined in " not in line]


@pytest.mark.slow
def test_a_script_that_is_right_is_so_to_a_type_checker(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    said = checked(SCRIPT, tmp_path)
    assert [
        line.partition("Revealed type is ")[2].strip('"').removeprefix("builtins.") for line in said
    ] == REVEALED


@pytest.mark.slow
def test_what_is_wrong_is_told_before_it_runs(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    lines = ["import modelenv", "model = modelenv.load_model('model')", *WRONG]
    said = checked("\n".join(lines) + "\n", tmp_path)
    assert [line.rpartition("[")[2].rstrip("]") for line in said] == list(WRONG.values()), said


@pytest.mark.parametrize("package", ["tracer", "resolver", "envfiles", "modelenv"])
def test_each_package_says_that_it_is_typed(package: str) -> None:
    assert (Path(modelenv.__file__).parent.parent / package / "py.typed").is_file()
