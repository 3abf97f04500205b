"""A folder tells what it holds, without anything of it being loaded."""

from __future__ import annotations

import json
import py_compile
from pathlib import Path

import modelenv


def test_it_tells_pins_proof_and_what_the_pickle_names(wine) -> None:
    found = modelenv.inspect_model(wine.folder)
    assert tuple(entry.requirement for entry in found.requirements) == wine.account.pins
    assert "sklearn.pipeline.Pipeline" in found.globals
    assert found.bytes == wine.account.sizes["folder"]
    text = str(found)
    assert "proof: reproduces: the prediction equals the recorded one, in a replica" in text
    assert "input example: ndarray (input_example.json)" in text
    assert "left out: " in text


def test_it_is_plain_data_too(wine) -> None:
    data = json.loads(json.dumps(modelenv.inspect_model(wine.folder).to_json()))
    assert [pin["requirement"] for pin in data["pins"]] == list(wine.account.pins)
    assert data["proof"]["status"] == "reproduces"
    assert data["left_out"]["pandas"].startswith("sklearn/")


def test_an_unproven_one_says_so(project, target: Path) -> None:
    modelenv.save_model(project.model("return 1"), target, input_example=[1], prove=False)
    found = modelenv.inspect_model(target)
    assert "proof: unproven" in str(found)
    assert found.to_json()["proof"] == {"status": "unproven"}


def test_bytecode_that_somebody_left_is_no_part_of_its_size(project, target: Path) -> None:
    modelenv.save_model(project.model("return 1"), target, input_example=[1], prove=False)
    before = modelenv.inspect_model(target).bytes
    assert py_compile.compile(str(target / "code" / "own_model.py"))
    assert list((target / "code").glob("__pycache__/own_model.*.pyc"))
    assert modelenv.inspect_model(target).bytes == before


def test_nothing_of_the_model_runs(project, target: Path, tmp_path: Path) -> None:
    modelenv.save_model(project.model("return 1"), target, input_example=[1])
    witness = tmp_path / "ran"
    (target / "code" / "own_model.py").write_text(f"open({str(witness)!r}, 'w')\n")
    (target / "model.pkl").write_bytes(b"cown_model\nModel\n(tR.")
    assert modelenv.inspect_model(target).globals == ("own_model.Model",)
    assert not witness.exists()


def test_a_folder_that_lacks_its_model_is_told(project, target: Path) -> None:
    modelenv.save_model(project.model("return 1"), target, input_example=[1])
    (target / "model.pkl").unlink()
    found = modelenv.inspect_model(target)
    assert found.missing == ("model.pkl (the model's data)",)
    assert found.globals == ()


# What pip installs, and what was refused while there were two readers of it.
INSTALLABLE = """\
--extra-index https://host/simple
--find https://host/wheels --pre
numpy==2.0 --config-settings=k=v
pandas==3.0 --hash=sha256:00
six @ https://host/six-1.0-py3-none-any.whl;python_version>'3'
click --pre
--prefer-binary more
"""


def test_a_folder_whose_requirements_pip_installs_is_read(project, target: Path) -> None:
    modelenv.save_model(project.model("return 1"), target, input_example=[1])
    (target / "requirements.txt").write_text(INSTALLABLE)
    found = modelenv.inspect_model(target).environment
    assert found is not None
    assert [each.name for each in found.requirements] == ["click", "numpy", "pandas", "six"]
    assert found.requirements[1].settings == ("k=v",)
    assert found.options == (
        "--extra-index-url https://host/simple",
        "--find-links https://host/wheels",
        "--pre",
        "--prefer-binary",
    )


def test_a_list_that_was_edited_by_hand_is_told(project, target: Path) -> None:
    modelenv.save_model(project.model("import yaml\nreturn 1"), target, input_example=[1])
    assert modelenv.inspect_model(target).disagreeing == ()
    listed = target / "requirements.txt"
    kept = [
        line for line in listed.read_text().splitlines() if not line.lower().startswith("pyyaml")
    ]
    listed.write_text("\n".join(kept) + "\n")
    found = modelenv.inspect_model(target)
    assert len(found.disagreeing) == 1
    assert "conda.yaml:" in found.disagreeing[0]
    assert "is missing in requirements.txt" in found.disagreeing[0]
    assert f"the files disagree: {found.disagreeing[0]}" in str(found)


def test_a_list_in_two_files_agrees_with_conda(project, target: Path) -> None:
    modelenv.save_model(project.model("import yaml\nreturn 1"), target, input_example=[1])
    (target / "requirements.txt").rename(target / "base.txt")
    (target / "requirements.txt").write_text("-r base.txt\n")
    assert modelenv.inspect_model(target).disagreeing == ()
