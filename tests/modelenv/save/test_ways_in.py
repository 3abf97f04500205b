"""Inputs of a save: several examples, none, a script, a model too large to copy."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.folder.errors import ChangedContentError
from modelenv.worker.errors import RunFailedError
from resolver.errors import WrongTargetError

VERSION = "from packaging.version import Version; return [str(Version(each)) for each in data]"


def test_the_proof_holds_for_every_example(project: Any, tmp_path: Path) -> None:
    body = """
        if data == ["yaml"]:
            import yaml
            return yaml.safe_load("[1, 2]")
        return data
    """
    saved = modelenv.save_model(
        project.model(body),
        tmp_path / "model",
        input_example=["plain"],
        further_examples=[["yaml"]],
    )
    assert "pyyaml" in {pin.partition("==")[0] for pin in saved.pins}
    assert modelenv.predict(tmp_path / "model") == [["plain"], [1, 2]]
    assert modelenv.verify(tmp_path / "model").status == "reproduces"


def test_further_examples_need_a_first_one(project: Any, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="without an input_example"):
        modelenv.save_model(project.model("return 1"), tmp_path / "m", further_examples=[1])
    assert not (tmp_path / "m").exists()


def test_without_an_example_loading_is_traced_and_a_warning_says_so(
    project: Any, tmp_path: Path
) -> None:
    source = "import yaml\nclass Model:\n    def predict(self, data): return 1\n"
    model = project.get("uses", source, "Model")()
    with pytest.warns(UserWarning, match="no input_example"):
        saved = modelenv.save_model(model, tmp_path / "model")
    assert [pin.partition("==")[0] for pin in saved.pins] == ["pyyaml"]
    assert saved.verdict is not None
    assert saved.verdict.status == "runs"
    assert str(saved).startswith(f"{saved.path}: not traced; runs in")
    assert modelenv.predict(tmp_path / "model", [1]) == 1
    with pytest.raises(WrongUseError, match="no input example"):
        modelenv.predict(tmp_path / "model")
    assert "input example: none" in str(modelenv.inspect_model(tmp_path / "model"))


def test_none_is_an_example_like_any_other(project: Any, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        modelenv.save_model(project.model("return data"), tmp_path / "m", input_example=None)
    assert modelenv.predict(tmp_path / "m") is None


def test_a_script_defines_the_model(tmp_path: Path) -> None:
    script = tmp_path / "define.py"
    script.write_text(
        f"class Model:\n    def predict(self, data):\n        {VERSION}\nmodel = Model()\n"
    )
    saved = modelenv.save_model(script, tmp_path / "model", input_example=["1.0rc1"])
    assert [pin.partition("==")[0] for pin in saved.pins] == ["packaging"]
    assert modelenv.predict(tmp_path / "model", ["2"]) == ["2"]
    assert not (tmp_path / "model" / "model.pkl").exists()
    assert modelenv.inspect_model(tmp_path / "model").globals == ()


def test_a_script_that_defines_no_model_fails_at_loading(tmp_path: Path) -> None:
    script = tmp_path / "define.py"
    script.write_text("modle = 1\n")
    with pytest.raises(RunFailedError) as caught:
        modelenv.save_model(script, tmp_path / "model", input_example=1)
    assert caught.value.stage == "load"
    assert "`model`" in caught.value.reason
    assert not (tmp_path / "model").exists()


def test_a_model_gets_its_artifacts_and_params(project: Any, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one two")
    source = """
        class Model:
            def load_context(self, context):
                with open(context.artifacts["words"]) as file:
                    self.words = file.read().split()
            def predict(self, context, model_input, params=None):
                return [self.words[each] for each in model_input]
    """
    model = project.get("with_words", source, "Model")()
    modelenv.save_model(
        model,
        tmp_path / "model",
        input_example=[1, 0],
        artifacts={"words": tmp_path / "words.txt"},
        metadata={"owner": "me"},
    )
    (tmp_path / "words.txt").unlink()
    assert modelenv.predict(tmp_path / "model") == ["two", "one"]


def test_tracing_in_this_process_runs_the_model_itself(project: Any, tmp_path: Path) -> None:
    model = project.model(f"self.calls = getattr(self, 'calls', 0) + 1\n{VERSION}")
    saved = modelenv.save_model(
        model, tmp_path / "model", input_example=["1.0"], trace_in_process=True
    )
    assert model.calls == 2
    assert "packaging" in {pin.partition("==")[0] for pin in saved.pins}
    assert saved.first_party == ("own_model",)
    assert any("traced in this process" in note for note in saved.notes)


def test_what_fails_in_this_process_is_told_with_its_stage(project: Any, tmp_path: Path) -> None:
    model = project.model("raise ValueError('no')")
    with pytest.raises(RunFailedError) as caught:
        modelenv.save_model(model, tmp_path / "m", input_example=1, trace_in_process=True)
    assert (caught.value.where, caught.value.stage) == ("this process", "predict")
    assert not (tmp_path / "m").exists()


def test_a_module_that_the_trace_missed_is_found_by_the_proof(project: Any, tmp_path: Path) -> None:
    import yaml  # noqa: F401  # imported before, so the trace in this process cannot see it

    model = project.model("import yaml; return yaml.safe_dump(data)")
    saved = modelenv.save_model(model, tmp_path / "model", input_example=[1], trace_in_process=True)
    assert "pyyaml" in {pin.partition("==")[0] for pin in saved.pins}
    assert modelenv.verify(tmp_path / "model").good


def test_a_model_that_was_changed_is_not_run_unless_that_is_allowed(
    project: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    modelenv.save_model(project.model("return data"), folder, input_example=1)
    with (folder / "model.pkl").open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(ChangedContentError) as caught:
        modelenv.predict(folder)
    assert caught.value.changed == ("model.pkl",)
    with pytest.raises(ChangedContentError):
        modelenv.verify(folder)
    assert modelenv.predict(folder, allow_changed=True) == 1


def test_hashes_can_be_left_out(project: Any, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    modelenv.save_model(project.model("return data"), folder, input_example=1, hashes=False)
    with (folder / "model.pkl").open("ab") as stream:
        stream.write(b"\0")
    assert modelenv.predict(folder) == 1


def test_the_pins_can_be_had_without_a_folder(project: Any) -> None:
    pins = modelenv.infer_pip_requirements(project.model(VERSION), ["1.0"])
    assert [pin.partition("==")[0] for pin in pins] == ["packaging"]


def test_the_account_says_all_of_it_as_data(project: Any, tmp_path: Path) -> None:
    saved = modelenv.save_model(
        project.model("return data"), tmp_path / "m", input_example=1, further_examples=[2]
    )
    assert json.loads(json.dumps(saved.to_json()))["proof"]["status"] == "reproduces"


def test_a_script_has_its_neighbours_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "helper_beside.py").write_text("VALUE = 4\n")
    script = folder / "seven.py"
    script.write_text(
        "import helper_beside\ndef model(data):\n    return [helper_beside.VALUE] * len(data)\n"
    )
    saved = modelenv.save_model(script, tmp_path / "model", input_example=[1, 2])
    assert saved.first_party == ("helper_beside",)
    (tmp_path / "scripts").rename(tmp_path / "gone")
    assert modelenv.predict(tmp_path / "model") == [4, 4]


def test_a_prediction_that_cannot_be_recorded_says_what_it_is(project: Any, tmp_path: Path) -> None:
    with pytest.raises(RunFailedError, match=r"the prediction is a builtins\.generator") as caught:
        modelenv.save_model(
            project.model("return (each for each in data)"), tmp_path / "m", input_example=[1]
        )
    assert str(caught.value).count("of which no pickle can be made") == 1
    assert not (tmp_path / "m").exists()


def test_a_prediction_that_nobody_awaits_is_told_with_the_way_out(tmp_path: Path) -> None:
    async def predict(data: list[int]) -> list[int]:
        return data

    with pytest.raises(RunFailedError, match=r"builtins\.coroutine.*await it inside the model"):
        modelenv.save_model(predict, tmp_path / "m", input_example=[1])


def test_a_data_file_that_travels_is_not_said_to_stay(project: Any, tmp_path: Path) -> None:
    project.write("own_data/__init__.py", "")
    project.write("own_data/words.txt", "hello")
    body = """
        import importlib.resources
        import own_data
        return importlib.resources.files(own_data).joinpath("words.txt").read_text()
    """
    saved = modelenv.save_model(project.model(body), tmp_path / "model", input_example=1)
    assert saved.read_files == ()
    assert (tmp_path / "model" / "code" / "own_data" / "words.txt").is_file()


def test_secrets_among_the_artifacts_are_named_and_stay(project: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / ".env").write_text("TOKEN=1")
    (tmp_path / "data" / "words.txt").write_text("hello")
    given = {"data": tmp_path / "data"}
    saved = modelenv.save_model(
        project.model("return data"), tmp_path / "model", input_example=1, artifacts=given
    )
    assert saved.not_carried == (str(tmp_path / "data" / ".env"),)
    assert [file.name for file in (tmp_path / "model" / "artifacts").rglob("*.*")] == ["words.txt"]


def test_without_an_example_what_the_code_names_is_pinned_and_marked(
    project: Any, tmp_path: Path
) -> None:
    project.write("own_steps.py", "def read(text):\n    import yaml\n    return yaml\n")
    source = """
        import own_steps
        class Model:
            def predict(self, data):
                from packaging.version import Version
                return [str(Version(each)) for each in data]
    """
    model = project.get("lazy_model", source, "Model")()
    with pytest.warns(UserWarning, match="An example would show"):
        saved = modelenv.save_model(model, tmp_path / "model")
    assert [pin.partition("==")[0] for pin in saved.pins] == ["packaging", "pyyaml"]
    text = (tmp_path / "model" / "requirements.txt").read_text()
    assert "# named in own_steps.py:2, not traced" in text
    assert not saved.traced
    assert "traced: false" in (tmp_path / "model" / "MLmodel").read_text()
    assert "proof: not traced; runs" in str(modelenv.inspect_model(tmp_path / "model"))


def test_code_that_has_no_module_is_read_too(tmp_path: Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("def model(data):\n    import packaging.version\n    return data\n", names)
    with pytest.warns(UserWarning, match="no input_example"):
        saved = modelenv.save_model(names["model"], tmp_path / "model")
    assert {"cloudpickle", "packaging"} == {pin.partition("==")[0] for pin in saved.pins}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metadata": {"a": object()}}, "metadata: .*cannot represent an object"),
        ({"optional": "all"}, "optional must be 'prove' or 'keep', not 'all'"),
    ],
)
def test_an_option_that_cannot_be_is_refused_before_anything_runs(
    options: Any, message: str, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    with pytest.raises(WrongUseError, match=message):
        modelenv.save_model(ran.touch, tmp_path / "model", input_example=[1], **options)
    assert not ran.exists()
    assert not (tmp_path / "model").exists()


def test_what_a_script_says_that_it_needs_is_pinned(tmp_path: Path) -> None:
    script = tmp_path / "stated.py"
    block = "# /// script\n# dependencies = ['idna>=3']\n# ///\n"
    script.write_text(f"{block}def model(data):\n    return data\n")
    saved = modelenv.save_model(script, tmp_path / "model", input_example=[1])
    assert [pin.partition("==")[0] for pin in saved.pins] == ["idna"]
    listed = (tmp_path / "model" / "requirements.txt").read_text()
    assert "stated.py:2: script.dependencies[0]: idna>=3" in listed


def test_a_script_for_another_python_is_refused_before_anything_runs(tmp_path: Path) -> None:
    script = tmp_path / "stated.py"
    script.write_text("# /// script\n# requires-python = '>=4'\n# ///\nraise SystemExit\n")
    with pytest.raises(WrongTargetError, match=r"stated\.py:2: script\.requires-python: >=4"):
        modelenv.save_model(script, tmp_path / "model", input_example=[1])
    assert not (tmp_path / "model").exists()


def test_code_in_front_of_the_standard_librarys_is_told_where_it_is_saved(tmp_path: Path) -> None:
    for name in ("queue.py", "own_queue.py"):
        (tmp_path / name).write_text("VALUE = 1\n")
    paths = [tmp_path / "queue.py", tmp_path / "own_queue.py"]
    saved = modelenv.save_model(
        len, tmp_path / "m", input_example="four", code_paths=paths, prove=False
    )
    (note,) = (each for each in saved.notes if "standard library" in each)
    assert note.startswith("code/queue.py has the name of a module of the standard library")
