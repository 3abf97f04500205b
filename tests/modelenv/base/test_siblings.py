"""Modules of the user's that bear our packages' names stay theirs, and we work all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import installer
import pytest
import yaml
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile

import modelenv
from modelenv.base import VERSION
from modelenv.base.errors import SiblingMissingError, SiblingOverwrittenError
from modelenv.base.siblings import check_files, load

MARK = "__distribution__ = 'modelenv'\n"
NAMES = ("tracer", "resolver", "envfiles")
SCRIPT = """
import json, sys
{imports}
class Model:
    def predict(self, data):
        import tracer, resolver, envfiles
        return [tracer.MINE, resolver.MINE, envfiles.MINE]
account = modelenv.save_model(Model(), sys.argv[1], input_example=[1])
import tracer, resolver, envfiles
print(json.dumps([tracer.MINE, resolver.MINE, envfiles.MINE, list(account.first_party)]))
"""


@pytest.mark.parametrize(
    "imports",
    ["import tracer, resolver, envfiles, modelenv", "import modelenv"],
    ids=["theirs first", "ours first"],
)
def test_a_script_beside_such_modules_saves_and_keeps_them(
    imports: str, tmp_path: Path, target: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name in NAMES:
        (home / f"{name}.py").write_text(f"MINE = 'my {name}'\n")
    (home / "train.py").write_text(SCRIPT.format(imports=imports))
    environment = {**os.environ, "PYTHONPATH": str(Path(modelenv.__file__).parent.parent)}
    ended = subprocess.run(
        [sys.executable, str(home / "train.py"), str(target)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told == ["my tracer", "my resolver", "my envfiles", sorted(NAMES)]


def test_ours_is_loaded_under_a_private_name_where_the_name_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "__init__.py").write_text(f"{MARK}from .inner import VALUE\n")
    (tmp_path / "twin" / "inner.py").write_text("VALUE = 'ours'\n")
    theirs = type(sys)("twin")
    monkeypatch.setitem(sys.modules, "twin", theirs)
    for name in ("_modelenv_twin", "_modelenv_twin.inner"):
        monkeypatch.setitem(sys.modules, name, theirs)  # so that it is removed afterwards
        del sys.modules[name]
    ours = load("twin", tmp_path)
    assert (ours.VALUE, ours.__name__) == ("ours", "_modelenv_twin")
    assert load("twin", tmp_path) is ours
    assert sys.modules["twin"] is theirs


def test_one_that_is_not_there_is_named_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(SiblingMissingError) as raised:
        load("no_such_package", tmp_path)
    assert str(tmp_path / "no_such_package" / "__init__.py") in str(raised.value)


def test_one_that_is_not_ours_is_an_error_where_nobody_recorded_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd_twin").mkdir()
    (tmp_path / "odd_twin" / "__init__.py").write_text("VALUE = 'theirs'\n")
    monkeypatch.delitem(sys.modules, "_modelenv_odd_twin", raising=False)
    install(tmp_path, "odd_project", {"odd_twin/__init__.py": "VALUE = 'theirs'\n"})
    with pytest.raises(SiblingOverwrittenError) as raised:
        load("odd_twin", tmp_path)
    assert raised.value.files == {"odd_project": ("odd_twin/__init__.py",)}
    del sys.modules["_modelenv_odd_twin"]


OURS = {
    f"{name}/{file}": f"{MARK}# {name}\n"
    for name in NAMES
    for file in ("__init__.py", "errors.py", "inner/deep.py")
}


def wheel(folder: Path, name: str, files: Mapping[str, str], version: str = "1.0") -> Path:
    """Write a wheel of some modules."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents = {**files, **metadata}
    with zipfile.ZipFile(file, "w") as archive:
        for place, text in contents.items():
            archive.writestr(place, text)
        listed = [f"{place},,{len(text.encode())}" for place, text in contents.items()]
        archive.writestr(f"{info}/RECORD", "\n".join([*listed, f"{info}/RECORD,,"]))
    return file


def install(home: Path, name: str, files: Mapping[str, str], version: str = "1.0") -> None:
    """Install a distribution of some modules into the folder `home`, as an installer does."""
    everywhere = dict.fromkeys(("purelib", "platlib", "headers", "data", "scripts"), str(home))
    destination = SchemeDictionaryDestination(
        everywhere, sys.executable, "posix", overwrite_existing=True
    )
    with WheelFile.open(wheel(home, name, files, version)) as source:
        installer.install(source, destination, {})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with something like us installed in it."""
    install(tmp_path, "modelenv", OURS, VERSION)
    return tmp_path


def test_what_was_installed_passes_and_so_does_what_is_beside_it(home: Path) -> None:
    install(home, "resolver", {"resolver.py": "THEIRS = 1\n", "resolver/more.py": ""})
    check_files(home)


def test_what_another_distribution_overwrote_is_named_with_it(home: Path) -> None:
    theirs = {"tracer/__init__.py": "", "tracer/theirs.py": "", "envfiles/errors.py": "0"}
    install(home, "tracer", theirs)
    with pytest.raises(SiblingOverwrittenError) as raised:
        check_files(home)
    assert raised.value.files == {"tracer": ("envfiles/errors.py", "tracer/__init__.py")}
    assert "`pip uninstall tracer`" in str(raised.value)
    assert "`pip install --force-reinstall --no-deps modelenv`" in str(raised.value)


def test_all_distributions_that_overwrote_something_are_named(home: Path) -> None:
    install(home, "py_tracer", {"tracer/inner/deep.py": ""})
    install(home, "envfiles", {"envfiles/__init__.py": ""})
    with pytest.raises(SiblingOverwrittenError) as raised:
        check_files(home)
    assert raised.value.files == {
        "envfiles": ("envfiles/__init__.py",),
        "py_tracer": ("tracer/inner/deep.py",),
    }
    assert "`pip uninstall envfiles py_tracer`" in str(raised.value)


def test_where_ours_was_installed_last_all_is_well(home: Path) -> None:
    install(home, "tracer", {"tracer/__init__.py": "", "tracer/theirs.py": ""})
    install(home, "modelenv", OURS, VERSION)
    check_files(home)


@pytest.mark.parametrize("gone", ["tracer", "envfiles/inner/deep.py", "resolver/__init__.py"])
def test_what_is_gone_is_named(home: Path, gone: str) -> None:
    place = home / gone
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()
    with pytest.raises(SiblingMissingError) as raised:
        check_files(home)
    assert raised.value.files
    assert all(file == place or place in file.parents for file in raised.value.files)
    assert "`pip install --force-reinstall --no-deps modelenv`" in str(raised.value)


def test_a_file_that_the_user_changed_is_the_users_business(home: Path) -> None:
    with (home / "tracer" / "errors.py").open("a") as file:
        file.write("print('here')\n")
    check_files(home)


@pytest.mark.slow
def test_overwritten_then_taken_away_then_repaired(tmp_path: Path) -> None:
    """Follow pip through a real installation, and the way out that the error names."""
    source = Path(modelenv.__file__).parent.parent
    files = {
        str(file.relative_to(source)): file.read_text("utf-8")
        for name in (*NAMES, "modelenv")
        for file in (source / name).rglob("*.*")
        if file.suffix != ".pyc" and file.is_file()
    }
    ours = str(wheel(tmp_path, "modelenv", files, VERSION))
    theirs = str(wheel(tmp_path, "envfiles", {"envfiles/__init__.py": "def load(): ...\n"}))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / ("bin/python" if os.name == "posix" else "Scripts/python.exe"))
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    libraries = Path(yaml.__file__).parent.parent
    (Path(site) / "libraries.pth").write_text(f"{libraries}\n")

    def pip(*arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", python, "--quiet", *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def saved() -> str:
        call = "modelenv.save_model(lambda data: data, 'out', input_example=[1], prove=False)"
        code = f"import modelenv; {call}"
        command = [python, "-c", code]
        ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        return ended.stderr

    def verified() -> subprocess.CompletedProcess[str]:
        command = [python, "-m", "modelenv", "verify", "-m", "out"]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    here = ("--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check")
    pip("install", *here, ours)
    pip("install", *here, theirs)
    assert "SiblingOverwrittenError: envfiles overwrote" in saved()
    assert verified().returncode == 3
    assert "`pip uninstall envfiles`" in verified().stderr
    assert "Traceback" not in verified().stderr
    pip("uninstall", "-y", "envfiles")
    assert "SiblingMissingError" in saved()
    pip("install", *here, "--force-reinstall", ours)
    assert saved() == ""
    assert (tmp_path / "out" / "MLmodel").is_file()
