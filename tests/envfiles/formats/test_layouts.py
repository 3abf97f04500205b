"""Folders that other tools wrote, of every age, are read in full and updated without loss."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from envfiles import Entry, read_folder, update_files
from envfiles.formats.conda_yaml import read_conda

CASES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "cases").iterdir()
}


def lay_out(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.mark.parametrize("case", CASES)
def test_a_layout_is_read_in_full(tmp_path: Path, case: str) -> None:
    spec = read_folder(lay_out(tmp_path, CASES[case]["files"]))
    found = {"requirements": [each.requirement for each in spec.requirements]}
    for key in (
        "python",
        "name",
        "channels",
        "constraints",
        "conda_dependencies",
        "options",
        "unnamed",
        "build_dependencies",
    ):
        value = getattr(spec, key)
        found[key] = list(value) if isinstance(value, tuple) else value
    expected = CASES[case]["expect"]
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("case", CASES)
def test_an_update_that_changes_nothing_keeps_every_byte(tmp_path: Path, case: str) -> None:
    files = CASES[case]["files"]
    spec = read_folder(lay_out(tmp_path, files))
    updated = update_files(tmp_path, spec)
    for name in files.keys() & updated.keys() - {"constraints.txt"}:
        if case.endswith("conda_env"):
            continue  # its three files disagree: they are made to say one thing
        assert updated[name] == files[name], name


@pytest.mark.parametrize("case", CASES)
def test_an_added_requirement_is_all_that_an_update_adds(tmp_path: Path, case: str) -> None:
    spec = read_folder(lay_out(tmp_path, CASES[case]["files"]))
    more = replace(spec, requirements=(*spec.requirements, Entry("zz-new==1.0")))
    for name, text in update_files(tmp_path, more).items():
        if text is not None:
            (tmp_path / name).write_text(text)
    assert read_folder(tmp_path) == more


def test_what_an_environment_has_no_word_for_is_told_by_the_file() -> None:
    conda = read_conda(CASES["conda_env_export"]["files"]["conda.yaml"])
    assert conda.prefix == "/opt/conda/envs/work"
    assert conda.variables == (("OMP_NUM_THREADS", "4"),)


SAVE = """\
import sys, warnings
import mlflow
from sklearn.linear_model import LogisticRegression
model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
folder, constraints = sys.argv[1:]
save = mlflow.sklearn.save_model
save(model, folder + "/inferred")
save(model, folder + "/listed", pip_requirements=["scikit-learn", "-c " + constraints])
save(model, folder + "/extra", extra_pip_requirements=["tabulate>=0.9"])
"""
INTERPRETERS = [each for each in os.environ.get("MODELENV_MLFLOW", "").split(":") if each]


@pytest.mark.slow
@pytest.mark.skipif(not INTERPRETERS, reason="MODELENV_MLFLOW names no interpreter with MLflow")
@pytest.mark.parametrize("python", INTERPRETERS)
def test_what_mlflow_writes_now_is_read_and_what_we_update_it_reads(
    tmp_path: Path, python: str
) -> None:
    constraints = tmp_path / "limits.txt"
    constraints.write_text("numpy<9\n")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [python, "-c", SAVE, str(tmp_path), str(constraints)]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    for name in ("inferred", "listed", "extra"):
        folder = tmp_path / name
        spec = read_folder(folder)
        assert "scikit-learn" in {each.name for each in spec.requirements}
        assert spec.constraints == (("numpy<9",) if name == "listed" else ())
        more = replace(spec, requirements=(*spec.requirements, Entry("zz-new==1.0")))
        for file, text in update_files(folder, more).items():
            if text is not None:
                (folder / file).write_text(text)
        code = (
            "import sys, mlflow\n"
            "print(open(mlflow.pyfunc.get_model_dependencies(sys.argv[1])).read())\n"
            "model = mlflow.pyfunc.load_model(sys.argv[1], suppress_warnings=True)\n"
            "assert list(model.predict([[1.0]])) == [1]\n"
        )
        done = subprocess.run(
            [python, "-c", code, str(folder)],
            check=False,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "zz-new==1.0" in done.stdout
