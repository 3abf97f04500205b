"""Models of one unit run in forks of one process, and each is told what it is told alone."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modelenv
from envfiles import Fingerprint
from modelenv.base.files.scratch import scratch_folder
from modelenv.fleet.forking.host import ForkHost
from modelenv.fleet.forking.prepared import PreparedModel, Preparing
from modelenv.fleet.forks import verify_unit
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.isolated import RunOptions, environment_for
from modelenv.seal.choose import SealRequest, this_machine
from modelenv.worker import process

from ..conftest import made_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelenv.fleet.verified import VerifiedModel
    from modelenv.seal.seals import Wanted

pytestmark = pytest.mark.skipif(
    bool(this_machine().namespaces), reason="no namespaces, in which forks are sealed"
)

MODEL = """
import json
import os
import signal
import sys

class Model:
    def predict(self, data):
        {body}
        return [each + 1 for each in data]
"""
NUMPY = """
class Model:
    def predict(self, data):
        import numpy
        return numpy.asarray(data).tolist()
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the standard library, and one of numpy."""
    with made_once(tmp_path_factory) as project:
        for name, text in (("plain", MODEL.format(body="pass")), ("numpy", NUMPY)):
            model = project.get(f"forked_{name}", text, "Model")()
            folder = project.root / "forks" / name
            modelenv.save_model(model, folder, input_example=[1, 2])
        return project.root / "forks"


@pytest.fixture
def unit(saved: Path, tmp_path: Path) -> Callable[..., list[Path]]:
    """Return what makes folders of models that differ in their code."""

    def made(template: str, **codes: str) -> list[Path]:
        folders = []
        for name, code in codes.items():
            folder = tmp_path / "models" / name
            shutil.copytree(saved / template, folder)
            _write_undrawn(folder, folder / "code" / f"forked_{template}.py", code)
            folders.append(folder)
        return folders

    return made


def _write_undrawn(folder: Path, file: Path, code: str) -> None:
    """Write a module so that its folder is none of the few whose content asks for a second run."""
    for number in range(1000):
        file.write_text(f"{code}\n# {number}\n", "utf-8")
        if not Preparing(RunOptions()).prepared(folder).is_drawn:
            return
    raise AssertionError("each of 1,000 contents is drawn")


def bodies(**bodies: str) -> dict[str, str]:
    return {name: MODEL.format(body=body) for name, body in bodies.items()}


def verified(folders: list[Path], options: RunOptions | None = None) -> dict[str, VerifiedModel]:
    return {each.folder.name: each for each in verify_unit(folders, options or RunOptions())}


WRONG = {
    "differs": "return [0, 0]",
    "raises": "raise ValueError('no')",
    "misses": "import absent_module",
    "aborts": "os.abort()",
    "exits": "os._exit(3)",
    "leaves": "sys.exit(4)",
    "fills": "filled = bytearray(10**10)",
    "kills": "os.kill(os.getppid(), signal.SIGKILL); os.kill(os.getpid(), signal.SIGKILL)",
    "lies": "open(sys.argv[1].replace('job.json', 'results.jsonl'), 'a').write('{}\\n')",
}


def test_what_fails_costs_one_model_and_is_told_as_alone(unit: Any) -> None:
    between = dict.fromkeys(WRONG, "pass")
    wrong = unit("plain", **bodies(**WRONG))
    good = unit("plain", **bodies(**{f"{name}_next": "pass" for name in between}))
    both = [folder for pair in zip(wrong, good, strict=True) for folder in pair]
    found = verified(both, RunOptions(memory=2**30))
    assert {each.disagreement for each in found.values()} == {""}
    assert {name for name, each in found.items() if not each.good} == set(WRONG)
    assert {found[folder.name].how for folder in wrong} == {"fresh"}
    # A process that served may end with a wrong one, and none is begun for one model that is left.
    assert [found[folder.name].how for folder in good].count("fork") >= len(good) - 2
    assert "SIGABRT" in str(found["aborts"].verdict)
    assert found["misses"].verdict is not None
    assert found["misses"].verdict.missing == ("absent_module",)
    assert all(0 < each.cpu < 30 for each in found.values())


def test_one_that_hangs_costs_one_model(unit: Any) -> None:
    hangs = unit("plain", **bodies(a="pass", hangs="import time; time.sleep(3600)", c="pass", d=""))
    found = verified(hangs[:3], RunOptions(timeout=4))
    assert [found[name].good for name in ("a", "hangs", "c")] == [True, False, True]
    assert "did not end within 4 s" in str(found["hangs"].verdict)


def test_a_changed_folder_is_told_as_alone(unit: Any) -> None:
    folders = unit("plain", **bodies(a="pass", b="pass", changed="pass"))
    with (folders[2] / "model.pkl").open("ab") as file:
        file.write(b"\0")
    found = verified(folders)
    assert found["changed"].verdict is None
    assert type(found["changed"].error).__name__ == "ChangedContentError"
    assert found["a"].good
    assert found["b"].good


FORKED = "any(type(each).__name__ == 'Offered' for each in sys.meta_path)"


def test_a_verdict_that_is_another_in_a_fork_is_told_loudly(unit: Any) -> None:
    folders = unit("plain", **bodies(a="pass", b=f"if {FORKED}: return [0, 0]"))
    found = verified(folders)
    assert found["b"].verdict is not None
    assert found["b"].verdict.status == "reproduces"
    assert "differs" in found["b"].disagreement
    assert not found["b"].good


def test_a_model_finds_no_module_that_it_did_not_ask_for(unit: Any) -> None:
    probing = NUMPY.replace("import numpy", "import sys; numpy = sys.modules['numpy']")
    found = verified(unit("numpy", asks=NUMPY, asks_too=NUMPY, probes=probing))
    assert found["asks"].good
    assert found["asks_too"].good
    assert "KeyError: 'numpy'" in str(found["probes"].verdict)
    assert not found["probes"].disagreement


def test_what_a_trace_has_and_no_run_asks_for_is_not_imported(unit: Any) -> None:
    without = "class Model:\n    def predict(self, data):\n        return list(data)\n"
    said: list[str] = []
    folders = unit("numpy", a=without, b=without, c=NUMPY, d=without, e=without)
    found = verified(folders, RunOptions(report=said.append))
    assert all(each.good for each in found.values()), [str(each.verdict) for each in found.values()]
    assert [each.how for each in found.values()].count("fork") >= 3, said


TOLD = """
        import gc, pickle, traceback
        lines = open('/proc/self/status').read().splitlines()
        status = dict(line.split(':', 1) for line in lines)
        above = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        tree = lambda folder: sorted(os.listdir(folder)) if os.path.isdir(folder) else None
        print('printed')
        return [{
            "modules": sorted(sys.modules),
            "path": sys.path, "argv": [os.path.basename(each) for each in sys.argv],
            "main": [sys.modules['__main__'].__file__, sys.modules['__main__'].__spec__],
            "flags": str(sys.flags), "prefix": [sys.prefix, sys.executable],
            "variables": {k: v for k, v in os.environ.items() if 'MODELENV' not in k},
            "cwd": tree('.'), "models": tree(above), "root": tree('/'), "tmp": len(tree('/tmp')),
            "run": tree('/run/modelenv'), "dev": tree('/dev'), "net": tree('/sys/class/net'),
            "processes": [name for name in tree('/proc') if name.isdigit()],
            "parent": os.getppid(), "leader": os.getsid(0) == os.getpid(),
            "open": tree('/proc/self/fd'),
            "capabilities": {k: v for k, v in status.items() if k.startswith('Cap')},
            "signals": {k: v for k, v in status.items() if k.startswith('Sig') and k != 'SigQ'},
            "privileges": status['NoNewPrivs'], "user": [os.getuid(), os.getgid()],
            "umask": status['Umask'], "score": open('/proc/self/oom_score_adj').read(),
            "threads": status['Threads'],
        }]
"""


def test_a_fork_finds_what_a_process_of_its_own_finds(unit: Any, tmp_path: Path) -> None:
    folders = unit("plain", **bodies(told=TOLD.strip(), other="pass"))
    options = RunOptions()
    models = [Preparing(options).prepared(folder) for folder in folders]
    with environment_for(models[0].wanted, options) as place, scratch_folder() as scratch:
        interpreter = place.interpreter
        told = []
        with ForkHost(interpreter, [each.job for each in models], (), (), scratch) as host:
            assert host.serves, host.reason
            for number in range(2):
                job = replace(models[0].job, expected=None, output=scratch / "host" / str(number))
                forked = host.run(job, 60)
                assert forked.ended.failure is None, forked.ended.failure
                assert forked.ended.output == "printed\n"
                told.append(_written(job.output))
        job = replace(models[0].job, expected=None, output=tmp_path / "alone" / "prediction")
        (tmp_path / "alone").mkdir()
        assert process.run_once(job, interpreter, timeout=60).failure is None
        alone = _written(job.output)
    for each in told:
        differing = {key: (each[key], alone[key]) for key in alone if each[key] != alone[key]}
        # The folder that is written to is another, and its name may be in the root.
        assert set(differing) <= {"root"}, differing


def _written(stem: Path | None) -> Any:
    assert stem is not None
    return json.loads(stem.with_suffix(".json").read_text("utf-8"))[0]


@pytest.mark.parametrize(
    "seal",
    ["landlock", *(pytest.param(each, marks=pytest.mark.slow) for each in ("watch", "off"))],
)
def test_other_seals(unit: Any, seal: Wanted) -> None:
    if seal == "landlock" and this_machine().why_no_landlock:
        pytest.skip("no Landlock")
    above = "os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))"
    other = f"open(os.path.join({above}, 'a', 'MLmodel'))"
    killing = "os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(3)"
    folders = unit("plain", **bodies(a="pass", reads=other, kills=killing, b="pass"))
    if seal != "landlock":
        folders = [folders[0], folders[3]]
    found = verified(folders, RunOptions(seal=SealRequest.read(seal)))
    assert found["a"].good
    assert found["b"].good
    assert {each.disagreement for each in found.values()} == {""}
    if seal == "landlock":
        assert "PermissionError" in str(found["reads"].verdict)
        assert not found["kills"].good
        assert found["b"].how == "fork"
    else:
        assert found["b"].how == "fresh"


def test_one_in_fifty_is_drawn_by_its_content() -> None:
    drawn = [_model(str(number)).is_drawn for number in range(2000)]
    assert 20 <= sum(drawn) <= 60
    assert drawn == [_model(str(number)).is_drawn for number in range(2000)]


def _model(content: str) -> PreparedModel:
    folder = ModelFolder(Path("any"), Fingerprint({"MLmodel": content}))
    nothing: Any = None
    return PreparedModel(folder=folder, wanted=nothing, needed=None, job=nothing)
