"""The part that travels, run by each interpreter of this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import Trace, probe_folder, read_spool

World = Callable[[Mapping[str, str]], Path]

DRIVER = """
import os, sys

def main():
    package = type(sys)("_private_probe")
    package.__path__ = [sys.argv[1]]
    sys.modules["_private_probe"] = package
    from _private_probe.start import start
    recorder = start(sys.argv[2], own=(os.path.abspath(__file__),), private="_private_")
    recorder.phase("load")
    import model
    recorder.phase("predict")
    model.predict()
    if len(sys.argv) > 3:
        os._exit(7)
    recorder.stop()
    print([name for name in sys.meta_path if "Observer" in repr(name)])
    print(sorted(name for name in os.environ if "MODELENV" in name or name == "PYTHONPATH"))

if __name__ == "__main__":
    main()
"""
MODEL = {
    "model.py": (
        "import wanted\n"
        "try:\n    import never_there\nexcept ImportError:\n    pass\n"
        "def predict():\n    import later\n    open('words.txt').read()\n    return wanted.make()\n"
    ),
    "wanted.py": "def make():\n    return 1\n",
    "later.py": "import colorsys\n",
    "words.txt": "a",
    "driver.py": DRIVER,
}


DYING_EXTENSION = """
#include <unistd.h>
__attribute__((constructor)) static void end(void) { _exit(7); }
"""


def traced(world: World, python: Path, files: Mapping[str, str], *more: str) -> Trace:
    folder = world({**MODEL, **files})
    command = [
        str(python),
        str(folder / "driver.py"),
        str(probe_folder()),
        str(folder / "spool"),
        *more,
    ]
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env=environment
    )
    assert done.returncode == (7 if more else 0), done.stderr
    assert done.stderr == ""
    if not more:
        assert done.stdout == "[]\n[]\n"
    return read_spool(folder / "spool")


def test_imports_are_recorded_by_phase_on_every_python(world: World, python: Path) -> None:
    seen = traced(world, python, {})
    phases = {r.name: (r.phase, r.importer, r.loaded) for r in seen.records if r.how == "imported"}
    assert phases["model"] == ("load", None, True)
    assert phases["wanted"] == ("load", "model", True)
    assert phases["never_there"] == ("load", "model", False)
    assert phases["later"] == ("predict", "model", True)
    assert not [name for name in seen.modules if name.startswith("_private_")]
    assert seen.notes == ()


def test_data_files_are_recorded_on_every_python(world: World, python: Path) -> None:
    seen = traced(world, python, {})
    assert [Path(name).name for name in seen.touched("file")] == ["words.txt"]


def test_what_is_touched_is_recorded_with_who_asked_on_every_python(
    world: World, python: Path
) -> None:
    model = (
        "import sys\nsys.path.append('site-packages')\nimport lathe\n"
        "def predict():\n    lathe.turn()\n"
    )
    lathe = (
        "import ctypes, os, runpy, subprocess\n"
        "from importlib import metadata\n"
        "def turn():\n"
        "    open('site-packages/tables/grades.json').close()\n"
        "    runpy.run_path('rules.py')\n"
        "    subprocess.check_call('uname >/dev/null', shell=True)\n"
        "    assert metadata.version('Fruit-Knife') == '1.0'\n"
        "    assert list(metadata.distributions())\n"
    )
    knife = "Metadata-Version: 2.1\nName: fruit-knife\nVersion: 1.0\n"
    files = {
        "model.py": model,
        "rules.py": "",
        "site-packages/lathe.py": lathe,
        "site-packages/tables/grades.json": "{}",
        "site-packages/fruit_knife-1.0.dist-info/METADATA": knife,
    }
    seen = traced(world, python, files)
    own = {t.name: t for t in seen.touches if t.kind != "library"}
    asked = {Path(name).name: (t.kind, t.importer, t.line, t.phase) for name, t in own.items()}
    shell = asked.pop("sh", None)
    assert shell == ("program", "lathe", 6, "predict")
    assert asked == {
        "grades.json": ("file", "lathe", 4, "predict"),
        "rules.py": ("file", "lathe", 5, "predict"),
        "uname": ("program", "lathe", 6, "predict"),
        "fruit-knife": ("metadata", "lathe", 7, "predict"),
    }


def test_a_process_that_exits_at_once_keeps_all_files_on_every_python(
    world: World, python: Path
) -> None:
    seen = traced(world, python, {}, "exit")
    assert {"model.py", "wanted.py", "later.py"} <= {Path(file).name for file in seen.files}


DYING_LOADER = """
import importlib.machinery, os, sys

class Fetching:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("fetched_"):
            return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        if spec.name == "fetched_create":
            os._exit(7)

    def exec_module(self, module):
        if module.__name__ == "fetched_exec":
            os._exit(7)

sys.meta_path.append(Fetching())
import fetched_well
"""


@pytest.mark.parametrize("method", ["create", "exec"])
def test_what_was_asked_for_is_recorded_where_its_loader_ends_the_process(
    world: World, python: Path, method: str
) -> None:
    model = f"import fetching\ndef predict():\n    import fetched_{method}\n"
    seen = traced(world, python, {"model.py": model, "fetching.py": DYING_LOADER}, "killed")
    asked = {r.name: (r.importer, r.line, r.phase) for r in seen.records if r.how == "imported"}
    assert asked["fetched_well"] == ("fetching", 18, "load")
    assert asked[f"fetched_{method}"] == ("model", 3, "predict")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler of C is here")
@pytest.mark.parametrize("before", ["", "import dying\nsys.path.insert(0, 'built')\n"])
def test_what_was_asked_for_is_recorded_where_an_extension_ends_the_process(
    world: World, python: Path, before: str
) -> None:
    model = (
        f"import sys\nsys.path.append('built')\n{before}sys.modules.pop('dying', None)\n"
        "def predict():\n    import dying\n"
    )
    files = {"model.py": model, "built/dying.c": DYING_EXTENSION}
    folder = world({**files, **({"dying.py": ""} if before else {})})
    command = ["gcc", "-shared", "-fPIC", "-o", "dying.so", "dying.c"]
    subprocess.run(command, cwd=folder / "built", check=True)
    seen = traced(world, python, files, "killed")
    places = [(r.importer, r.phase) for r in seen.records if r.name == "dying"]
    assert places[-1] == ("model", "predict")


def test_children_are_entered_on_every_python(world: World, python: Path) -> None:
    model = (
        "import subprocess, sys, os\n"
        "def predict():\n"
        "    subprocess.check_call([sys.executable, '-c', 'import later'])\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        import wanted\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
    )
    seen = traced(world, python, {"model.py": model})
    edges = {(r.name, r.importer, r.phase) for r in seen.records if r.loaded}
    assert ("later", None, "predict") in edges
    assert ("wanted", "model", "predict") in edges


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_are_entered_on_every_python(
    world: World, python: Path, method: str
) -> None:
    model = (
        "import multiprocessing, jobs\n"
        "def predict():\n"
        f"    context = multiprocessing.get_context({method!r})\n"
        "    process = context.Process(target=jobs.work)\n"
        "    process.start()\n"
        "    process.join()\n"
        "    assert process.exitcode == 5, process.exitcode\n"
    )
    jobs = "def work():\n    import os, later\n    os._exit(5)\n"
    seen = traced(world, python, {"model.py": model, "jobs.py": jobs})
    (later,) = (record for record in seen.records if record.name == "later")
    assert (later.importer, later.phase, later.loaded) == ("jobs", "predict", True)
    assert str(later.file).endswith("later.py")


@pytest.mark.parametrize("own", ["import plain_one\n", "raise RuntimeError('sick')\n"])
def test_a_sitecustomize_that_was_there_runs_on_every_python(
    world: World, python: Path, own: str
) -> None:
    model = (
        "import os, subprocess, sys\n"
        "def predict():\n"
        "    code = 'import sys, later; print(\"sitecustomize\" in sys.modules)'\n"
        "    here = os.path.dirname(os.path.abspath(__file__)) + '/site'\n"
        "    path = os.environ['PYTHONPATH'] + os.pathsep + here\n"
        "    environment = dict(os.environ, PYTHONPATH=path)\n"
        "    done = subprocess.run([sys.executable, '-c', code], env=environment,\n"
        "        stdout=subprocess.PIPE, stderr=subprocess.PIPE)\n"
        "    open('said.txt', 'wb').write(done.stdout + done.stderr)\n"
    )
    seen = traced(
        world, python, {"model.py": model, "site/sitecustomize.py": own, "site/plain_one.py": ""}
    )
    assert "later" in seen.modules
    assert "plain_one" not in seen.modules
    said = Path("said.txt").read_text()
    assert ("True" in said) is ("plain" in own)
    assert ("Error in sitecustomize" in said) is ("sick" in own)


def test_a_cached_import_of_the_models_own_is_an_edge_on_every_python(
    world: World, python: Path
) -> None:
    files = {
        "model.py": "import sys\nsys.path.append('site-packages')\nimport library, mine\n"
        "def predict():\n    mine.predict()\n",
        "mine.py": "from pandas_like import make\ndef predict():\n    import deep_one\n",
        "site-packages/library.py": "import pandas_like, deep_one\n",
        "site-packages/pandas_like.py": "def make():\n    return 1\n",
        "site-packages/deep_one.py": "",
    }
    seen = traced(world, python, files)
    edges = {(r.name, r.importer) for r in seen.records}
    assert {("pandas_like", "library"), ("pandas_like", "mine")} <= edges
    assert ("deep_one", "mine") in edges


@pytest.mark.parametrize(
    "mine",
    [
        "import __main__\ndef predict():\n    return __main__\n",
        "scope = {'__name__': '__main__'}\n"
        "exec('def helper():\\n    return 1', scope)\n"
        "helper = scope['helper']\n"
        "def predict():\n    return helper()\n",
    ],
    ids=["module", "by value"],
)
def test_a_reference_to_the_program_that_runs_is_no_import_on_every_python(
    world: World, python: Path, mine: str
) -> None:
    model = "import mine\ndef predict():\n    mine.predict()\n"
    seen = traced(world, python, {"model.py": model, "mine.py": mine})
    assert "mine" in seen.modules
    assert "__main__" not in {r.name for r in seen.records if r.importer == "mine"}


def test_a_module_that_fails_half_way_is_not_loaded_on_every_python(
    world: World, python: Path
) -> None:
    model = "try:\n    import broken\nexcept ValueError:\n    pass\ndef predict(): pass\n"
    seen = traced(world, python, {"model.py": model, "broken.py": "import later\n1 + int('x')\n"})
    broken = next(record for record in seen.records if record.name == "broken")
    assert (broken.loaded, broken.caught) == (False, True)
