"""fix, minimize, why and diagnose on small folders."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.cli import main
from modelenv.folder.model_folder import ModelFolder
from modelenv.repair.diagnose import diagnose, diagnose_folder
from modelenv.repair.fix import fix
from modelenv.repair.minimize import minimize
from modelenv.repair.why import why
from modelenv.run.isolated import RunOptions
from modelenv.worker.errors import NotProvenError

from ...small_worlds import plain_trace
from ..conftest import Site, made_once

BODY = """
import engine
return engine.run(data)
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a model of `engine`, which requires `gears` and probes for two others."""
    probing = """
    import gears
    try:
        import paint
    except ImportError:
        paint = None
    try:
        import turbo
        BOOST = turbo.BOOST
    except ImportError:
        BOOST = 1
    def run(data):
        return data * gears.RATIO * BOOST
    """
    lines = [line[4:] for line in probing.splitlines()]
    with made_once(tmp_path_factory) as project, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.delenv("PIP_FIND_LINKS", raising=False)
        target: Path = project.root.parent / "model"
        site = Site(target.with_name("site-packages"))
        site.install("engine", {"engine.py": "\n".join(lines)}, requires=["gears>=1"])
        site.install("gears", {"gears.py": "RATIO = 3\n"})
        site.install("paint", {"paint.py": "import brush\n"}, requires=["brush"])
        site.install("brush")
        site.install("turbo", {"turbo.py": "BOOST = 2\n"})
        sys.path.append(str(site.root))
        modelenv.save_model(project.model(BODY), target, input_example=5, optional="keep")
    return target


@pytest.fixture
def folder(template: Path, tmp_path: Path, own_path: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, where what it needs is installed."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    sys.path.append(str(template.with_name("site-packages")))
    return Path(shutil.copytree(template, tmp_path / "model"))


def pins(folder: Path) -> list[str]:
    return [entry.requirement for entry in ModelFolder.open(folder).environment.requirements]


def without(folder: Path, name: str) -> None:
    for file in ("requirements.txt", "conda.yaml"):
        lines = (folder / file).read_text().splitlines(keepends=True)
        (folder / file).write_text("".join(line for line in lines if f"{name}==" not in line))


def hashes(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


# fix


def test_fix_shows_each_step_and_leaves_the_folder_as_it_is(folder: Path) -> None:
    without(folder, "gears")
    before = hashes(folder)
    shown: list[str] = []
    mended = fix(folder, report=shown.append)
    assert mended.good
    assert mended.changes == ("added gears==1.0",)
    assert mended.steps[0].verdict.missing == ("gears",)
    assert mended.steps[0].line == "gears"
    assert shown == [str(mended.steps[0])]
    assert hashes(folder) == before
    assert not mended.written


def test_fix_writes_what_works_and_why(folder: Path) -> None:
    without(folder, "gears")
    without(folder, "engine")
    mended = fix(folder, write=True)
    assert mended.written
    assert len(mended.steps) == 2  # engine brings what it requires
    assert {"engine==1.0", "gears==1.0"} <= set(pins(folder))
    said = {each.name: each.comment for each in ModelFolder.open(folder).environment.requirements}
    assert said["engine"].startswith("mended: the module engine is missing")
    assert said["gears"] == "via engine"  # and goes with it
    proof = yaml.safe_load((folder / "MLmodel").read_text())["flavors"]["modelenv"]["proof"]
    assert proof["status"] == "reproduces"
    assert modelenv.verify(folder).good


def test_fix_finds_nothing_to_mend_in_what_runs(folder: Path) -> None:
    before = hashes(folder)
    found = fix(folder, write=True)
    assert (found.good, found.changes, found.written) == (True, (), False)
    assert hashes(folder) == before


def test_fix_tells_what_it_tried_where_there_is_no_way(folder: Path) -> None:
    (folder / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n        open('/nowhere/words.txt')\n"
    )
    given_up = fix(folder, write=True)
    assert not given_up.good
    diagnosis = given_up.steps[-1].diagnosis
    assert diagnosis is not None
    assert (diagnosis.subject, diagnosis.edit) == ("/nowhere/words.txt", None)
    assert diagnosis.remedy in str(given_up)


def test_fix_installs_nothing_merely_because_it_bears_a_module_s_name(folder: Path) -> None:
    (folder / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n        import frobnicate\n"
    )
    given_up = fix(folder)
    assert not given_up.good
    assert [step.line for step in given_up.steps] == [""]


def test_fix_is_bounded(folder: Path) -> None:
    for name in ("engine", "gears", "paint"):
        without(folder, name)
    source = "class Model:\n    def predict(self, data):\n        import engine, paint\n"
    (folder / "code" / "own_model.py").write_text(source)
    given_up = fix(folder, steps=1)
    assert not given_up.good
    assert [step.line for step in given_up.steps] == ["engine", ""]


# minimize


def test_minimize_drops_what_is_merely_probed_for_with_what_it_requires(folder: Path) -> None:
    before = hashes(folder)
    found = minimize(folder)
    assert found.pins == ("engine==1.0", "gears==1.0", "turbo==1.0")
    assert [item.requirement for item in found.dropped] == ["brush==1.0", "paint==1.0"]
    assert found.needed == ("turbo",)
    assert found.dropped[1].asked_by == ("engine.py:4",)
    assert hashes(folder) == before


def test_minimize_leaves_the_lines_for_other_targets(folder: Path) -> None:
    line = 'other==1; python_version < "3.9"'
    modelenv.update_requirements(folder, add=[line], prove=False)
    found = minimize(folder, write=True)
    assert found.pins == ("engine==1.0", "gears==1.0", "turbo==1.0")
    assert pins(folder) == ["engine==1.0", "gears==1.0", line, "turbo==1.0"]
    assert str(minimize(folder)).startswith("all 3 pins are needed")


def test_minimize_updates_the_folder(folder: Path) -> None:
    assert minimize(folder, write=True).written
    assert pins(folder) == ["engine==1.0", "gears==1.0", "turbo==1.0"]
    left_out = ModelFolder.open(folder).mlmodel.left_out
    assert left_out["paint"] == "engine.py:4"
    assert modelenv.verify(folder).good
    assert not minimize(folder).dropped


def test_minimize_refuses_what_does_not_run_at_all(folder: Path) -> None:
    without(folder, "gears")
    with pytest.raises(NotProvenError) as caught:
        minimize(folder)
    assert caught.value.verdict.missing == ("gears",)
    assert "modelenv diagnose" in caught.value.way_out


# why


def test_why_gives_every_chain_with_its_place(folder: Path) -> None:
    chains = [str(chain) for chain in why(folder, "gears").chains]
    assert chains == [
        "the model -> engine (own_model.py:3 imports engine) -> gears (engine.py:2 imports gears)",
        "the model -> engine (own_model.py:3 imports engine) -> gears (requires gears>=1)",
    ]


def test_why_follows_a_module_up_to_the_model(folder: Path) -> None:
    found = why(folder, "brush")
    assert found.kind == "distribution"
    assert any("paint.py:1 imports brush" in str(chain) for chain in found.chains)
    module = why(folder, "own_model")
    assert module.kind == "module"
    assert "the model" in str(module.chains[0])


def test_why_works_where_nothing_is_installed(folder: Path) -> None:
    from modelenv.base.siblings import resolver

    nothing = resolver.Installed((), resolver.Target.current())
    found = why(folder, "gears", installed=nothing)
    assert "requires gears" in str(found)


@pytest.fixture
def scripted(folder: Path, project: Any, tmp_path: Path) -> Path:
    """Save the same model from a script."""
    script = project.write("define.py", "import engine\nmodel = engine.run\n")
    target = tmp_path / "scripted"
    modelenv.save_model(script, target, input_example=5, optional="keep")
    return target


def test_why_names_the_script_that_a_model_was_saved_from(scripted: Path) -> None:
    chains = [str(chain) for chain in why(scripted, "engine").chains]
    assert chains == ["the model -> engine (model.py:1 imports engine)"]


def test_minimize_reads_no_script_as_a_pickle(scripted: Path) -> None:
    assert minimize(scripted).pins == ("engine==1.0", "gears==1.0", "turbo==1.0")


def test_why_reads_the_pickles_of_a_folder_that_mlflow_wrote(own_site: Any, tmp_path: Path) -> None:
    own_site.install("engine")
    (tmp_path / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    env: conda.yaml\n"
    )
    (tmp_path / "conda.yaml").write_text(
        "channels: [conda-forge]\ndependencies: [python=3.11.7, pip, {pip: [engine==1.0]}]\n"
    )
    (tmp_path / "model.pkl").write_bytes(b"cengine\nRun\n.")
    found = why(tmp_path, "engine")
    assert [str(chain) for chain in found.chains] == [
        "the model -> engine (its pickle names engine)",
        "the model -> engine (its requirements list it)",
    ]


def test_why_tells_what_was_left_out_and_what_is_unknown(folder: Path) -> None:
    minimize(folder, write=True)
    with pytest.raises(WrongUseError, match=r"engine\.py:4 asked for it"):
        why(folder, "Paint")
    assert "left out" in why(folder, "paint").about
    with pytest.raises(WrongUseError, match="is no requirement"):
        why(folder, "nobody-knows")


def test_why_knows_files_and_libraries_that_the_trace_has(folder: Path, template: Path) -> None:
    document = plain_trace(folder)
    document["touches"] = [
        {
            "kind": "file",
            "name": str(template.with_name("site-packages") / "gears.py"),
            "phase": "predict",
        },
        {"kind": "library", "name": "/usr/lib/libgomp.so.1", "phase": "load"},
    ]
    (folder / "trace.json").write_text(json.dumps(document))
    owned = why(folder, "gears.py")
    assert owned.kind == "file"
    assert "belongs to gears" in owned.about
    assert owned.chains
    foreign = why(folder, "libgomp.so.1")
    assert (foreign.kind, foreign.chains) == ("library", ())


# diagnose


def test_a_left_out_distribution_is_named_with_who_asked(folder: Path) -> None:
    minimize(folder, write=True)
    (folder / "code" / "own_model.py").write_text(
        "class Model:\n    def predict(self, data):\n        import paint\n"
    )
    verdict, found = diagnose_folder(folder, RunOptions())
    assert not verdict.good
    assert found is not None
    assert (found.subject, found.stage) == ("paint", "predict")
    assert any("left out when the model was saved" in each for each in found.evidence)
    assert f"modelenv requirements add -m {folder} paint" in found.remedy


def test_code_of_one_s_own_is_told_from_a_distribution(project: Any, tmp_path: Path) -> None:
    project.write("petals.py", "LENGTH = 4\n")
    folder = tmp_path / "model"
    modelenv.save_model(project.model("import petals\nreturn petals.LENGTH"), folder,
                        input_example=1)  # fmt: skip
    (folder / "code" / "petals.py").unlink()
    _, found = diagnose_folder(folder, RunOptions())
    assert found is not None
    assert (found.rule, found.subject) == ("missing-own-code", "petals")
    assert any("own_model.py" in each for each in found.evidence)


def test_the_command_reads_a_log_and_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "container.log"
    log.write_text(
        "app | Traceback (most recent call last):\n"
        'app |   File "/app/model.py", line 1, in <module>\n'
        "app |     import cv2\n"
        "app | ModuleNotFoundError: No module named 'cv2'\n"
    )
    with pytest.raises(SystemExit) as ended:
        main(["diagnose", str(log), "--json"])
    assert ended.value.code == 1
    found = json.loads(capsys.readouterr().out)
    assert found["subject"] == "opencv-python-headless"
    assert found["remedy"] == "pip install opencv-python-headless"


def test_a_library_s_package_depends_on_nothing_but_its_name() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    load()\n'
    failed = "OSError: libgomp.so.1: cannot open shared object file: No such file or directory\n"
    assert "apt-get install -y libgomp1" in diagnose(text + failed).remedy


def test_minimize_keeps_what_the_user_asked_for(folder: Path) -> None:
    for name in ("requirements.txt", "conda.yaml"):
        text = (folder / name).read_text()
        lines = (
            line + "  # via extra_pip_requirements[0]: paint" if line == "paint==1.0" else line
            for line in (each.partition("  #")[0] for each in text.splitlines())
        )
        (folder / name).write_text("\n".join(lines) + "\n")
    assert "paint==1.0" in minimize(folder).pins


def test_the_trace_keeps_the_files_that_were_read(project: Any, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("a b c")
    folder = tmp_path / "model"
    model = project.model(f"return len(open({str(words)!r}).read().split())")
    modelenv.save_model(model, folder, input_example=1, allow_paths=words)
    found = why(folder, "words.txt")
    assert (found.kind, found.target) == ("file", str(words))
    assert "belongs to no requirement" in found.about
