"""Projects for uv: one whose lock is the pins, and a script that predicts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envfiles import UvProject, read_toml
from modelenv.base.indexes import Indexes
from modelenv.base.settings import Settings
from modelenv.environments.errors import ManagerMissingError
from modelenv.export.errors import NotExportedError

from ...small_worlds import PYTHON, write_wheel
from .worlds import described, export

UV = Settings.from_environment().uv
needs_uv = pytest.mark.skipif(UV is None, reason="uv is not here, and writes the lock")
MINOR = ".".join(PYTHON.split(".")[:2])
BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
"""As PEP 723 has it."""


def block(text: str) -> dict[str, Any]:
    """Return the document of a script as the PEP's own reader reads it."""
    (found,) = BLOCK.finditer(text)
    assert found["type"] == "script"
    lines = found["content"].splitlines(keepends=True)
    return read_toml("".join(each[2:] if each.startswith("# ") else each[1:] for each in lines))


def versions(folder: Path) -> dict[str, str]:
    """Return what a lock of uv's has, by name."""
    found = UvProject.read(folder)
    assert found is not None
    return {name: ", ".join(each) for name, each in found.versions.items()}


@needs_uv
def test_a_lock_of_uvs_has_the_pins_and_the_hashes_of_the_lock(
    locked: Path, indexes: Indexes, tmp_path: Path
) -> None:
    done, text = export(locked, tmp_path / "project", "uv", indexes=indexes)
    assert versions(tmp_path / "project") == {"alpha": "1.0", "beta": "2.0", "delta": "4.0"}
    project = read_toml(text)
    # What the model needs for itself, and what only follows from that.
    assert project["project"]["dependencies"] == ["alpha==1.0", "delta==4.0"]
    assert project["tool"]["uv"]["constraint-dependencies"] == ["beta==2.0"]
    lock = (tmp_path / "project/uv.lock").read_text()
    hashes = re.findall(r"sha256:[0-9a-f]{64}", (locked / "requirements.txt").read_text())
    assert len(hashes) == 3
    assert all(each in lock for each in hashes)
    checked = ["lock", "--locked", "--quiet", "--project", str(tmp_path / "project")]
    subprocess.run([str(UV), *checked], check=True)
    assert done.command.startswith("uv run --project")


@needs_uv
def test_what_is_excluded_and_overridden_stays_so(
    model: Any, wheels: Any, index: Any, indexes: Indexes, tmp_path: Path
) -> None:
    wheels.add("owner", "1.0", "beta>=9", "gamma")
    index.add(wheels.folder / "owner-1.0-py3-none-any.whl")
    folder = described(model({"owner==1.0": "", "beta==2.0": "via owner"}, name="other"), PYTHON)
    done, text = export(folder, tmp_path / "project", "uv", indexes=indexes)
    assert versions(tmp_path / "project") == {"owner": "1.0", "beta": "2.0"}
    told = read_toml(text)["tool"]["uv"]
    assert told["exclude-dependencies"] == ["gamma"]
    assert "beta==2.0" in told["override-dependencies"]
    assert "left out, though a pin requires it: gamma" in done.notes
    assert any("they override it" in each for each in done.notes)


@needs_uv
def test_a_wheel_that_travels_is_locked_with_its_hash(
    folder: Path, indexes: Indexes, tmp_path: Path
) -> None:
    write_wheel(folder / "wheels", "delta", "4.0", modules={"delta/own.py": "mine = 1\n"})
    export(folder, tmp_path / "project", "uv", indexes=indexes)
    lock = read_toml((tmp_path / "project/uv.lock").read_text())
    (delta,) = (each for each in lock["package"] if each["name"] == "delta")
    assert delta["source"] == {"path": "../model/wheels/delta-4.0-py3-none-any.whl"}
    assert delta["wheels"][0]["hash"].startswith("sha256:")


@needs_uv
def test_other_files_than_the_locked_ones_are_an_error(
    locked: Path, wheels: Any, index: Any, indexes: Indexes, tmp_path: Path
) -> None:
    index.add(write_wheel(wheels.folder, "beta", "2.0", modules={"beta/own.py": "# other\n"}))
    with pytest.raises(NotExportedError, match=r"no file of beta==2\.0 with the hash"):
        export(locked, tmp_path / "project", "uv", indexes=indexes)
    assert not (tmp_path / "project").exists()


def test_without_uv_the_error_says_where_to_get_it(
    folder: Path, indexes: Indexes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    code = "import sys; sys.argv[0] = 'x'; import modelenv; modelenv.export_environment("
    code += f"{str(folder)!r}, {str(tmp_path / 'project')!r}, to='uv')"
    import venv

    venv.create(tmp_path / "bare", with_pip=False)
    root = Path(__file__).parents[3]
    site = next(Path(each) for each in sys.path if each.endswith("site-packages"))
    # A site without uv: links to all else that is installed here.
    bare = next((tmp_path / "bare").glob("lib/*/site-packages"))
    for each in site.iterdir():
        if not each.name.startswith(("uv", "__editable__", "_modelenv")):
            (bare / each.name).symlink_to(each)
    environment = {"PATH": str(empty), "PYTHONPATH": str(root), "HOME": str(empty)}
    ended = subprocess.run(
        [str(tmp_path / "bare/bin/python"), "-c", code],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ManagerMissingError.__name__ in ended.stderr
    assert "modelenv[uv]" in ended.stderr


def test_a_script_predicts_on_the_example_and_on_what_is_typed_in(
    project: Any, tmp_path: Path
) -> None:
    import numpy

    import modelenv

    model = project.model("import numpy\nassert data.dtype == 'f4'\nreturn data.sum(axis=1)")
    example = numpy.array([[1, 2], [3, 4.5]], "f4")
    modelenv.save_model(model, tmp_path / "out", input_example=example)
    done, text = export(tmp_path / "out", tmp_path / "predict.py", "pep723")
    said = block(text)
    assert said["requires-python"] == f"=={MINOR}.*"
    assert tuple(said["dependencies"]) == done.pins
    run = [sys.executable, str(done.place)]
    recorded = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert json.loads(recorded) == [3.0, 7.5]
    given = subprocess.run(
        [*run, "-"], check=True, capture_output=True, text=True, input="[[2, 3]]", cwd=os.path.sep
    )
    assert json.loads(given.stdout) == [5.0]


@pytest.mark.slow
def test_a_table_is_read_as_the_recorded_one(project: Any, tmp_path: Path) -> None:
    import pandas

    import modelenv

    model = project.model("return data.a + data.b.dt.year + (data.c == 'x')")
    table = pandas.DataFrame(
        {"a": [1, 2], "b": pandas.to_datetime(["2024-01-01", "2025-06-01"]), "c": ["x", "y"]}
    )
    modelenv.save_model(model, tmp_path / "out", input_example=table, prove=False)
    done, _ = export(tmp_path / "out", tmp_path / "predict.py", "pep723")
    run = [sys.executable, str(done.place)]
    ended = subprocess.run(run, check=True, capture_output=True, text=True)
    assert json.loads(ended.stdout) == [2026, 2027]


@needs_uv
@pytest.mark.slow
def test_uv_runs_the_script_of_a_real_model(wine: Any, tmp_path: Path) -> None:
    done, _ = export(wine.folder, tmp_path / "predict.py", "pep723")
    run = [str(UV), "run", "--quiet", str(done.place)]
    apart = {**os.environ, "TMPDIR": str(tmp_path)}  # uv leaves files of locks there
    ended = subprocess.run(run, check=True, capture_output=True, text=True, env=apart)
    assert json.loads(ended.stdout) == wine.prediction.tolist()


@needs_uv
@pytest.mark.slow
def test_uv_syncs_the_project_of_a_real_model(wine: Any, tmp_path: Path) -> None:
    done, _ = export(wine.folder, tmp_path / "project", "uv")
    command = [str(UV), "run", "--quiet", "--locked", "--project", str(done.place.parent)]
    code = (
        f"import sys; sys.path.insert(0, {str(wine.folder / 'code')!r})\n"
        "from importlib.metadata import distributions as d; import json, numpy\n"
        "from modelenv_pyfunc_loader import load_model\n"
        f"x = numpy.array(json.load(open({str(wine.folder / 'input_example.json')!r})))\n"
        f"print(json.dumps([load_model({str(wine.folder)!r}).predict(x).tolist(),"
        " sorted(f'{e.name}=={e.version}' for e in d())]))"
    )
    ended = subprocess.run(
        [*command, "python", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    prediction, installed = json.loads(ended.stdout)
    assert prediction == wine.prediction.tolist()
    assert installed == [*done.pins]
