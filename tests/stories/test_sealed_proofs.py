"""A proof cannot be fooled by what is on the author's machine and does not travel.

Each story is told under every seal; where a machine lacks one, the test is skipped with the reason.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
import pytest

import modelenv
from modelenv.base.arguments import BadArgumentError
from modelenv.base.settings import Settings
from modelenv.seal.choose import this_machine
from modelenv.worker.errors import NotProvenError, RunFailedError

from ..modelenv.environments.conftest import Wheelhouse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelenv.seal.seals import Wanted

pytestmark = pytest.mark.skipif(os.name != "posix", reason="paths are POSIX's")

UV = Settings.from_environment().uv


KINDS: tuple[Wanted, ...] = ("namespaces", "landlock", "watch")


@pytest.fixture(params=KINDS)
def seal(request: pytest.FixtureRequest) -> Wanted:
    """Name a seal of each kind that this machine has."""
    machine = this_machine()
    refusals = {"namespaces": machine.namespaces, "landlock": machine.why_no_landlock}
    if refusals.get(request.param):
        pytest.skip(f"no {request.param} here: {refusals[request.param]}")
    kind: Wanted = request.param
    return kind


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the author's, which does not travel."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


def refused(model: object, target: Path, seal: Wanted, **options: Any) -> str:
    """Return why a model is not saved; nothing of it may be left."""
    with pytest.raises(NotProvenError) as caught:
        modelenv.save_model(model, target, input_example=1, seal=seal, **options)
    assert not target.exists()
    return str(caught.value).split("\n\n")[0]


# Which beside its own resolved place reads a table of another distribution.
ORCHARD = """
import json
from pathlib import Path

def grade(x):
    table = Path(__file__).resolve().parent.parent / "orchard_tables" / "grades.json"
    return json.loads(table.read_text())[str(x)]
"""


def test_a_file_of_a_distribution_is_evidence_of_it_and_missed_and_named_where_it_is_excluded(
    project, own_site, target: Path, seal: Wanted
) -> None:
    own_site.install("orchard", {"orchard/__init__.py": ORCHARD})
    tables = {"orchard_tables/grades.json": '{"1": "A"}'}
    own_site.install("orchard-tables", tables, version="3.0")
    model = project.model("import orchard; return orchard.grade(data)")
    said = refused(model, target, seal, exclude=["orchard-tables"])
    assert "orchard-tables==3.0, which is not pinned" in said
    account = modelenv.save_model(model, target, input_example=1, seal=seal)
    assert account.pins == ("orchard==1.0", "orchard-tables==3.0")
    reason = account.reasons["orchard-tables"]
    assert reason == "needed by the prediction (grades.json, read by orchard/__init__.py:7)"
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"


# How a model uses a file at a path that it holds, and what it says where that is not there.
HOLDING = {
    "Python says so": "return open({file!r}).read()",
    "a library says so": """
        try:
            return open({file!r}).read()
        except OSError:
            raise ValueError("no table: ..." + {file!r}[3:] + " (see VERBOSE)") from None
    """,
}
# Whoever only watches cannot tell the target of a link from a path that is held.
HIDING = ("namespaces", "landlock")
HELD = {("namespaces", "a library says so")}


# A pin of its owner is no way out, so it is pinned from the start.
@pytest.mark.parametrize(
    ("seal", "way"),
    [
        pytest.param(kind, way, marks=() if (kind, way) in HELD else pytest.mark.slow)
        for kind in HIDING
        for way in HOLDING
    ],
    indirect=["seal"],
)
def test_a_path_into_the_environment_is_told_as_one_that_no_pin_mends(
    project, own_site, target: Path, seal: Wanted, way: str
) -> None:
    own_site.install("orchard", {"orchard/__init__.py": "", "orchard/grades.txt": "A"})
    file = str(own_site.root / "orchard" / "grades.txt")
    model = project.model(HOLDING[way].format(file=file))
    said = refused(model, target, seal, extra_pip_requirements=["orchard"])
    assert f"{file} of orchard==1.0 at that path, which no other environment has" in said
    assert "pins it" not in said
    assert "something else" not in said


@pytest.mark.slow
@pytest.mark.skipif(UV is None, reason="uv is not here")
def test_a_held_path_is_told_as_one_in_a_built_environment_too(
    project, target: Path, seal: Wanted
) -> None:
    file = cloudpickle.__file__
    model = project.model(f"return open({file!r}).read()")
    pinned = f"cloudpickle=={cloudpickle.__version__}"
    modelenv.save_model(
        model, target, input_example=1, prove=False, extra_pip_requirements=["cloudpickle"]
    )
    verdict = modelenv.verify(target, env_manager="uv", seal=seal)
    assert not verdict
    assert f"{file} of {pinned} at that path, which no other environment has" in verdict.reason


# How a model comes by what stands outside its folder, at {file}.
WAYS = {
    "a file by its path": "return open({file!r}).read()",
    "a module by its path": """
        from importlib.util import module_from_spec, spec_from_file_location
        spec = spec_from_file_location("rules", {file!r})
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.RATE
    """,
    "runpy": "import runpy; return runpy.run_path({file!r})['RATE']",
    "exec": "names = {{}}; exec(open({file!r}).read(), names); return names['RATE']",
}


# Every way under one seal, and every seal with one way; the others are slow.
TELLING = {*((kind, "runpy") for kind in KINDS), *(("landlock", way) for way in WAYS)}


@pytest.mark.parametrize(
    ("seal", "way"),
    [
        pytest.param(kind, way, marks=() if (kind, way) in TELLING else pytest.mark.slow)
        for kind in KINDS
        for way in WAYS
    ],
    indirect=["seal"],
)
def test_a_file_of_the_author_s_is_named_with_the_way_out(
    project, outside: Path, target: Path, seal: Wanted, way: str
) -> None:
    file = outside / "rules.py"
    file.write_text("RATE = 3\n")
    model = project.model(WAYS[way].format(file=str(file)))
    said = refused(model, target, seal)
    assert f"it needs the file {file}: code_paths=" in said
    account = modelenv.save_model(
        model, target, input_example=1, seal=seal, allow_paths=file.parent
    )
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
    assert f"to be provided where it runs (allow_paths=): {outside}" in str(
        modelenv.inspect_model(target)
    )
    # What a folder says that it needs is given to it by who runs it, and by nobody else.
    assert not modelenv.verify(target, seal=seal).good
    assert modelenv.verify(target, seal=seal, allow_paths=outside).good


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")
def test_a_library_of_the_author_s_is_named(
    project, outside: Path, target: Path, seal: Wanted
) -> None:
    library = outside / "libscale.so"
    (outside / "scale.c").write_text("int scale(int x) { return 7 * x; }\n")
    build = ["cc", "-shared", "-fPIC", "-o", str(library), str(outside / "scale.c")]
    subprocess.run(build, check=True)
    model = project.model(f"import ctypes; return ctypes.CDLL({str(library)!r}).scale(data)")
    said = refused(model, target, seal)
    assert f"it needs the library {library}: allow_paths=" in said


def test_a_store_of_results_is_missed(project, outside: Path, target: Path, seal: Wanted) -> None:
    store = outside / "results.db"
    with sqlite3.connect(store) as connection:
        connection.execute("create table results (answer)")
        connection.execute("insert into results values (42)")
    connection.close()
    query = "select answer from results"
    body = (
        f"import sqlite3; return sqlite3.connect({str(store)!r}).execute({query!r}).fetchone()[0]"
    )
    assert "prediction is not reproduced" in refused(project.model(body), target, seal)


def test_a_setting_in_the_home_folder_is_missed_and_named(
    project, outside: Path, target: Path, seal: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(outside))
    (outside / ".ownrc").write_text("3")
    model = project.model("from pathlib import Path; return (Path.home() / '.ownrc').read_text()")
    assert f"it needs the file {outside / '.ownrc'}" in refused(model, target, seal)


def test_a_program_of_the_author_s_is_named(
    project, outside: Path, target: Path, seal: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = outside / "grindbin"
    program.write_text("#!/bin/sh\necho 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{outside}:{os.environ['PATH']}")
    model = project.model("import subprocess; return subprocess.check_output(['grindbin'])")
    assert f"it needs the program {program}: allow_paths=" in refused(model, target, seal)


def test_a_service_of_the_machine_is_not_reached(project, target: Path, seal: Wanted) -> None:
    if seal == "watch":
        pytest.skip("what is only watched may connect to its own machine")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        model = project.model(
            "import socket\n"
            f"connection = socket.create_connection(('127.0.0.1', {port}))\n"
            "return connection.getpeername()[1]"
        )
        said = refused(model, target, seal)
        # In namespaces nobody answers on its own loopback; Landlock denies the connection.
        assert "it needs a host: allow_hosts=" in said or "ConnectionRefusedError" in said
        account = modelenv.save_model(
            model, target, input_example=1, seal=seal, allow_hosts="127.0.0.1"
        )
    assert account.verdict is not None
    assert account.verdict.status == "reproduces"
    assert "allow_hosts" in (target / "MLmodel").read_text()


# Which imports its engine only where it has no result on disk.
PRESSER = """
import os

def press(x, where):
    file = os.path.join(where, f"{x}.txt")
    if os.path.exists(file):
        with open(file) as opened:
            return int(opened.read())
    import presser_engine
    os.makedirs(where, exist_ok=True)
    with open(file, "w") as opened:
        opened.write(str(presser_engine.run(x)))
    return presser_engine.run(x)
"""


def _install_presser(own_site) -> None:
    own_site.install("presser", {"presser.py": PRESSER})
    engine = {"presser_engine.py": "def run(x): return x + 100\n"}
    own_site.install("presser-engine", engine, version="5.0")


def test_a_cache_in_the_home_folder_is_cold_in_the_proof(
    project, own_site, outside: Path, target: Path, seal: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(outside))
    _install_presser(own_site)
    body = "import os, presser; return presser.press(data, os.path.expanduser('~/.cache/presser'))"
    account = modelenv.save_model(project.model(body), target, input_example=1, seal=seal)
    assert account.pins == ("presser==1.0", "presser-engine==5.0")
    assert (outside / ".cache" / "presser").is_dir()  # by the traced run


def test_a_cache_elsewhere_is_cold_or_named(
    project, own_site, outside: Path, target: Path, seal: Wanted
) -> None:
    _install_presser(own_site)
    cache = outside / "presscache"
    model = project.model(f"import presser; return presser.press(data, {str(cache)!r})")
    if seal == "namespaces":
        account = modelenv.save_model(model, target, input_example=1, seal=seal)
        assert account.pins == ("presser==1.0", "presser-engine==5.0")
    else:  # that it is there is seen
        assert f"it needs the file {cache / '1.txt'}" in refused(model, target, seal)


GRINDER = """
import shutil, subprocess

def grind(x):
    tool = shutil.which("grindbin")
    if tool is None:
        raise RuntimeError("grindbin is required to grind")
    return int(subprocess.check_output([tool, str(x)]))
"""


@pytest.mark.skipif(UV is None, reason="uv is not here")
@pytest.mark.parametrize(
    "seal",
    ["namespaces", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS[1:])],
    indirect=True,
)
def test_one_folder_has_one_verdict_wherever_it_is_proven(
    project,
    own_site,
    tmp_path: Path,
    target: Path,
    seal: Wanted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wheels = Wheelhouse(tmp_path / "wheelhouse")
    wheels.add("grinder", "1.0", source=GRINDER)
    for name, value in _offline(wheels).items():
        monkeypatch.setenv(name, value)
    own_site.install("grinder", {"grinder.py": GRINDER})
    programs = _activated(tmp_path / "environment", monkeypatch)
    model = project.model("import grinder; return grinder.grind(data)")
    modelenv.save_model(model, target, input_example=1, prove=False)
    said = set()
    for manager in ("replica", "uv", "virtualenv"):
        for path in (f"{programs}:/usr/bin:/bin", "/usr/bin:/bin"):
            monkeypatch.setenv("PATH", path)
            verdict = modelenv.verify(target, env_manager=manager, seal=seal)
            assert verdict.seal is not None
            assert verdict.seal.kind == seal
            said.add((verdict.status, verdict.reason))
    assert said == {("fails", "RuntimeError: grindbin is required to grind")}


def _offline(wheels: Wheelhouse) -> Mapping[str, str]:
    folder = str(wheels.folder)
    options = {"PIP_FIND_LINKS": folder, "UV_FIND_LINKS": folder}
    return {**options, "PIP_NO_INDEX": "1", "UV_NO_INDEX": "1"}


def _activated(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Activate an environment of the author's with a program; return the folder of that."""
    programs = root / "bin"
    programs.mkdir(parents=True)
    (root / "pyvenv.cfg").write_text("home = /usr/bin\n")
    program = programs / "grindbin"
    program.write_text("#!/bin/sh\necho $(($1 * 3))\n")
    program.chmod(0o755)
    monkeypatch.setenv("VIRTUAL_ENV", str(root))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return programs


def test_a_seal_that_is_not_asked_for_is_said(project, target: Path) -> None:
    account = modelenv.save_model(project.model("return data"), target, input_example=1)
    assert account.verdict is not None
    assert account.verdict.seal is not None
    assert f"proven in a replica, {account.verdict.seal}: the prediction equals" in str(account)
    assert f"in a replica, {account.verdict.seal}" in str(modelenv.inspect_model(target))
    local = modelenv.verify(target, env_manager="local")
    assert str(local).startswith("reproduces in this interpreter, not sealed: ")


def test_a_prediction_is_sealed_too(project, outside: Path, target: Path, seal: Wanted) -> None:
    file = outside / "words.txt"
    file.write_text("three")
    model = project.model(f"return open({str(file)!r}).read()")
    modelenv.save_model(model, target, input_example=1, prove=False)
    if seal == "watch":
        with pytest.warns(UserWarning, match=f"it needs the file {file}"):
            assert modelenv.predict(target, 1, seal=seal) == "three"
        return
    with pytest.raises(RunFailedError, match=f"it needs the file {file}: artifacts="):
        modelenv.predict(target, 1, seal=seal)
    assert modelenv.predict(target, 1, seal=seal, allow_paths=file) == "three"


def test_what_is_missed_of_a_distribution_is_mended(
    project, own_site, target: Path, seal: Wanted
) -> None:
    own_site.install("orchard", {"orchard/__init__.py": ORCHARD})
    own_site.install("orchard-tables", {"orchard_tables/grades.json": '{"1": "A"}'}, version="3.0")
    model = project.model("import orchard; return orchard.grade(data)")
    without = ["orchard-tables"]
    modelenv.save_model(model, target, input_example=1, prove=False, exclude=without)
    verdict = modelenv.verify(target, seal=seal)
    assert modelenv.diagnose(verdict, target).subject == "orchard-tables"
    fixed = modelenv.fix(target, seal=seal, write=True)
    assert fixed.good
    assert "orchard-tables==3.0" in fixed.pins
    assert modelenv.verify(target, seal=seal).good
    assert "sealed by" in str(modelenv.inspect_model(target)) or seal == "watch"


def test_a_path_with_dots_leads_where_it_did(
    project, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seal: Wanted
) -> None:
    modelenv.save_model(project.model("return data"), target, input_example=[1], seal=seal)
    beside = tmp_path / "beside" / "deeper"
    beside.mkdir(parents=True)
    monkeypatch.chdir(beside)
    (beside.parent / "rows.json").write_text('{"instances": [4]}')
    folder = Path(os.path.relpath(target))
    assert ".." in folder.parts
    assert modelenv.verify(folder, seal=seal).good


def test_the_whole_machine_is_no_path_to_allow(project, target: Path) -> None:
    with pytest.raises(BadArgumentError, match="allow_paths"):
        modelenv.save_model(project.model("return 1"), target, input_example=[1], allow_paths="/")
