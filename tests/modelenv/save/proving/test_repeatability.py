"""Another process where the model was saved decides what of a prediction can be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.worker.errors import NotProvenError

WORDS = "['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta']"


def ours(folder: Path) -> dict[str, Any]:
    """Return what MLmodel says of the model in our flavor."""
    document = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
    return dict(document["flavors"]["modelenv"])


@pytest.fixture(autouse=True)
def unseeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hashes be random, whatever runs the tests."""
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)


@pytest.mark.parametrize("in_process", [False, True])
@pytest.mark.parametrize("prediction", [f"list(set({WORDS}))", "hash('alpha')"])
def test_what_hangs_on_the_hash_seed_runs(
    prediction: str, in_process: bool, project, target: Path
) -> None:
    account = modelenv.save_model(
        project.model(f"return {prediction}"),
        target,
        input_example=[1],
        trace_in_process=in_process,
    )
    assert account.verdict is not None
    assert (account.verdict.status, account.deterministic) == ("runs", False)
    assert "two processes in one environment differ as well" in str(account)
    assert "PYTHONHASHSEED=0 makes it the same" in str(account)
    assert ours(target)["deterministic"] is False
    assert modelenv.verify(target).status == "runs"


def test_two_orders_are_told_apart_each_time(project, target: Path) -> None:
    model = project.model("return list({'alpha', 'beta'})")
    for _ in range(4):
        account = modelenv.save_model(model, target, input_example=[1], overwrite=True)
        assert account.verdict is not None
        assert account.verdict.good


def test_the_parts_that_come_out_the_same_are_compared(project, target: Path) -> None:
    body = f"return [{{'name': w, 'score': len(data)}} for w in set({WORDS})]"
    account = modelenv.save_model(project.model(body), target, input_example=[1])
    verdict = account.verdict
    assert verdict is not None
    assert (verdict.status, verdict.not_compared) == ("runs", ("prediction[*]['name']",))
    assert verdict.reason.startswith("as recorded: prediction[*]['score']; not compared: ")
    said = ours(target)
    assert (said["deterministic"], said["compared"], said["not_compared"]) == (
        False,
        ["prediction[*]['score']"],
        ["prediction[*]['name']"],
    )
    assert modelenv.verify(target).reason == verdict.reason
    assert modelenv.minimize(target).verdict.status == "runs"
    assert "not deterministic: prediction[*]['name']" in str(modelenv.inspect_model(target))
    assert account.to_json()["not_compared"] == ["prediction[*]['name']"]


def test_and_where_these_differ_it_is_told(project, target: Path) -> None:
    body = "import random; return {'chance': random.random(), 'sure': 1}"
    modelenv.save_model(project.model(body), target, input_example=[1])
    file = target / "prediction.json"
    recorded = json.loads(file.read_text())
    file.write_text(json.dumps({**recorded, "sure": 2}))
    verdict = modelenv.verify(target)
    assert (verdict.status, verdict.reason) == ("differs", "prediction['sure']: 2 became 1")


def test_a_model_that_counts_its_calls_reproduces_its_first(project, target: Path) -> None:
    model = project.model("self.n = getattr(self, 'n', 0) + 1; return self.n")
    account = modelenv.save_model(model, target, input_example=[1])
    assert account.verdict is not None
    assert (account.verdict.status, account.deterministic) == ("reproduces", True)
    assert "a second call in the same process differs (prediction: 1 became 2)" in str(account)
    assert ours(target)["deterministic"] is True
    assert modelenv.verify(target).status == "reproduces"


def test_noise_between_processes_is_no_difference(project, target: Path) -> None:
    model = project.model("return 1.0 + (hash('alpha') % 1000) * 1e-12")
    account = modelenv.save_model(model, target, input_example=[1])
    assert account.verdict is not None
    assert (account.verdict.status, account.deterministic) == ("reproduces", True)


def test_what_the_pins_change_is_not_taken_for_chance(project, own_site, target: Path) -> None:
    own_site.install("extra", {"extra.py": ""})
    source = "try:\n  import extra\nexcept ImportError:\n  extra = None\nreturn extra is None"
    model = project.model(source)
    with pytest.raises(NotProvenError, match="True"):
        modelenv.save_model(model, target, input_example=[1], pip_requirements=[])


def test_what_the_pins_change_beside_chance_is_told(project, own_site, target: Path) -> None:
    own_site.install("extra", {"extra.py": ""})
    source = "import random\ntry:\n  import extra\nexcept ImportError:\n  extra = None\n"
    model = project.model(source + "return {'chance': random.random(), 'bare': extra is None}")
    with pytest.raises(NotProvenError) as caught:
        modelenv.save_model(model, target, input_example=[1], pip_requirements=[])
    assert caught.value.verdict.reason == "prediction['bare']: False became True"


def test_a_process_that_cannot_predict_again_agrees_on_nothing(
    project, target: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    model = project.model(f"""
        with open({str(runs)!r}, 'a') as file: file.write('.')
        count = len(open({str(runs)!r}).read())
        if count == 4: raise RuntimeError('used up')
        return count
    """)
    account = modelenv.save_model(model, target, input_example=[1], seal="off")
    assert account.verdict is not None
    assert (account.verdict.status, account.deterministic) == ("runs", False)
    assert "RuntimeError: used up" in str(account)


def test_a_seed_of_the_user_s_own_is_recorded_and_every_run_gets_it(
    project, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    model = project.model("return hash('alpha')")
    account = modelenv.save_model(model, target, input_example=[1])
    assert account.verdict is not None
    assert (account.verdict.status, account.deterministic) == ("reproduces", True)
    assert "environment variables of every run: PYTHONHASHSEED=7" in str(account)
    assert account.to_json()["environment"] == {"PYTHONHASHSEED": "7"}
    assert ours(target)["environment"] == {"PYTHONHASHSEED": "7"}
    assert "PYTHONHASHSEED=7" in str(modelenv.inspect_model(target))
    predicted = modelenv.predict(target)
    for other in ("8", None):
        if other is None:
            monkeypatch.delenv("PYTHONHASHSEED")
        else:
            monkeypatch.setenv("PYTHONHASHSEED", other)
        assert modelenv.verify(target).status == "reproduces"
        assert modelenv.predict(target) == predicted
        assert modelenv.minimize(target).verdict.status == "reproduces"
        assert modelenv.fix(target).steps[-1].verdict.status == "reproduces"


def test_what_a_library_that_is_loaded_reads_is_recorded_and_nothing_else(
    project, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
    monkeypatch.setenv("API_TOKEN", "hush")
    model = project.model("import numpy, os; return os.environ.get('OMP_NUM_THREADS')")
    modelenv.save_model(model, target, input_example=[1])
    assert ours(target)["environment"] == {"OMP_NUM_THREADS": "2"}
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert modelenv.predict(target) == "2"


def test_without_a_proof_a_second_call_is_all_that_is_known(project, target: Path) -> None:
    model = project.model("import random; return random.random()")
    account = modelenv.save_model(model, target, input_example=[1], prove=False)
    assert account.deterministic is False
    assert modelenv.verify(target).status == "runs"


def test_and_whoever_verifies_it_asks_a_second_process(project, target: Path) -> None:
    model = project.model("return {'seeded': hash('alpha'), 'sure': len(data)}")
    account = modelenv.save_model(model, target, input_example=[1], prove=False)
    assert account.deterministic is True
    verdict = modelenv.verify(target)
    assert (verdict.status, verdict.not_compared) == ("runs", ("prediction['seeded']",))
    (target / "prediction.json").write_text(json.dumps({"seeded": 1, "sure": 2}))
    assert modelenv.verify(target).reason == "prediction['sure']: 2 became 1"


def test_where_two_processes_agree_there_the_difference_stays(project, target: Path) -> None:
    modelenv.save_model(project.model("return len(data)"), target, input_example=[1], prove=False)
    (target / "prediction.json").write_text("2")
    verdict = modelenv.verify(target)
    assert (verdict.status, verdict.reason) == ("differs", "prediction: 2 became 1")
