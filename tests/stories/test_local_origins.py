"""Local distributions travel: as wheels, or as code under development."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.environments.errors import NotUnpackedError
from modelenv.environments.interpreter import Python
from modelenv.environments.replica import unpack
from modelenv.environments.spec import EnvironmentContents, request_environment

NUMBERS = [1, 2, 3]


@pytest.fixture
def model(project: Any) -> Any:
    """Return a model that imports `greenhouse` when it predicts."""
    return project.model("import greenhouse\nreturn [greenhouse.grow(each) for each in data]")


METADATA = "Metadata-Version: 2.1\nName: greenhouse\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
GROW = "def grow(each):\n    return each + 1\n"


def save(model: Any, folder: Path, **options: Any) -> Any:
    return modelenv.save_model(model, folder, input_example=NUMBERS, **options)


def direct(info: Path, url: str, **about: Any) -> None:
    (info / "direct_url.json").write_text(json.dumps({"url": url, **about}))


def lines(folder: Path) -> list[str]:
    texts = (folder / "requirements.txt").read_text().splitlines()
    said = (line for line in texts if not line.startswith(("#", " ")))
    return [line.partition("  #")[0].removesuffix(" \\") for line in said]


def predict_elsewhere(folder: Path, *paths: Path) -> Any:
    """Predict in an interpreter that has nothing but the folder and these paths."""
    script = f"""
import sys
sys.path[:0] = {[str(folder / "code"), *map(str, paths)]!r}
from modelenv_pyfunc_loader import load_model
print(load_model({str(folder)!r}).predict([1, 2, 3]))
"""
    command = [sys.executable, "-I", "-S", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_what_was_installed_from_a_folder_travels_as_a_wheel(own_site, model, tmp_path):
    info = own_site.install("greenhouse", {"greenhouse.py": GROW})
    direct(info, (tmp_path / "sources").as_uri(), dir_info={})
    account = save(model, tmp_path / "out")
    assert account.verdict.good
    assert lines(tmp_path / "out") == ["--find-links wheels", "greenhouse==1.0"]
    wheel = tmp_path / "out/wheels/greenhouse-1.0-1-py3-none-any.whl"
    assert any(f"travels as wheels/{wheel.name}" in note for note in account.resolution.notes)
    unpack(wheel, tmp_path / "unpacked")
    assert predict_elsewhere(tmp_path / "out", tmp_path / "unpacked/purelib") == [2, 3, 4]


def test_what_only_a_folder_of_the_users_lines_has_travels(project, tmp_path):
    wheel = tmp_path / "links/greenhouse-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("greenhouse.py", GROW)
        for name, text in {"METADATA": METADATA, "WHEEL": WHEEL, "RECORD": ""}.items():
            archive.writestr(f"greenhouse-1.0.dist-info/{name}", text)
    asked = [f"--find-links {wheel.parent}", "greenhouse"]
    model = project.model("return [each + 1 for each in data]")
    account = save(model, tmp_path / "out", extra_pip_requirements=asked)
    assert account.verdict.good
    assert lines(tmp_path / "out")[0] == "--find-links wheels"
    assert (tmp_path / "out/wheels" / wheel.name).read_bytes() == wheel.read_bytes()


def test_verify_runs_what_the_wheel_holds_not_what_is_installed_since(own_site, model, tmp_path):
    info = own_site.install("greenhouse", {"greenhouse.py": GROW})
    direct(info, (tmp_path / "sources").as_uri(), dir_info={})
    save(model, tmp_path / "out")
    (own_site.root / "greenhouse.py").write_text(GROW.replace("1", "2"))
    assert modelenv.verify(tmp_path / "out").good


def test_a_version_with_a_local_label_keeps_it_and_its_wheel(own_site, model, tmp_path):
    own_site.install("greenhouse", {"greenhouse.py": GROW}, version="1.2.0+cpu")
    save(model, tmp_path / "out")
    assert lines(tmp_path / "out") == ["--find-links wheels", "greenhouse==1.2.0+cpu"]
    assert (tmp_path / "out/wheels/greenhouse-1.2.0+cpu-1-py3-none-any.whl").is_file()


def test_what_an_index_has_is_not_bundled(own_site, model, tmp_path):
    own_site.install("greenhouse", {"greenhouse.py": GROW})
    account = save(model, tmp_path / "out")
    assert lines(tmp_path / "out") == ["greenhouse==1.0"]
    assert not (tmp_path / "out/wheels").exists()
    assert account.resolution.notes == ()


def test_a_commit_is_pinned_as_it_is_and_proven_without_network(own_site, model, tmp_path):
    info = own_site.install("greenhouse", {"greenhouse.py": GROW})
    direct(info, "https://host/r.git", vcs_info={"vcs": "git", "commit_id": "ab12"})
    account = save(model, tmp_path / "out")
    assert lines(tmp_path / "out") == ["greenhouse @ git+https://host/r.git@ab12"]
    assert account.verdict.where == "a replica"


def test_a_file_that_the_user_names_is_bundled_too(own_site, model, tmp_path):
    info = own_site.install("greenhouse", {"greenhouse.py": GROW})
    url = (tmp_path / "sources").as_uri()
    direct(info, url, dir_info={})
    save(model, tmp_path / "out", extra_pip_requirements=[f"greenhouse @ {url}"])
    assert lines(tmp_path / "out") == ["--find-links wheels", "greenhouse==1.0"]


def test_a_wheel_of_an_optional_one_that_is_left_out_is_not_kept(own_site, project, tmp_path):
    own_site.install("host", {"host.py": "try:\n    import greenhouse\nexcept ImportError: ...\n"})
    info = own_site.install("greenhouse", {"greenhouse.py": GROW})
    direct(info, (tmp_path / "sources").as_uri(), dir_info={})
    account = save(project.model("import host\nreturn data"), tmp_path / "out")
    assert [item.name for item in account.left_out] == ["greenhouse"]
    assert not (tmp_path / "out/wheels").exists()


class Editable:
    """A project `greenhouse` that is being written, in a folder of another name."""

    def __init__(self, site, root):
        self.site = site
        self.package = root / "sources"
        self.package.mkdir()
        (self.package / "__init__.py").write_text("from .growth import grow\n")
        (self.package / "growth.py").write_text("def grow(each):\n    return each + 1\n")
        self.mapping = f"MAPPING = {{'greenhouse': {str(self.package)!r}}}\n"

    def install(self, **options):
        # The path of this process is set: the hook itself is what its `.pth` would run.
        finder = self.mapping + FINDER
        files = {"_greenhouse.pth": "import _greenhouse_finder\n", "_greenhouse_finder.py": finder}
        info = self.site.install("greenhouse", files, **options)
        direct(info, self.package.as_uri(), dir_info={"editable": True})
        exec(finder, {})


FINDER = """
import importlib.util, os, sys
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            file = os.path.join(MAPPING[name], "__init__.py")
            return importlib.util.spec_from_file_location(name, file)
sys.meta_path.append(Finder)
"""


@pytest.fixture
def editable(own_site, tmp_path):
    before = list(sys.meta_path)
    # The fresh interpreter has the hook by a name that it imports when it starts.
    yield Editable(own_site, tmp_path)
    sys.meta_path[:] = before


@pytest.fixture
def entering(project):
    """Return a model that finds what it needs by an entry point, after the hook is in place."""
    return project.model(
        """
        import importlib.util, sys
        if importlib.util.find_spec("_greenhouse_finder"):
            import _greenhouse_finder
        from importlib.metadata import entry_points, version
        (point,) = entry_points(group="growers")
        assert version("greenhouse") == "1.0"
        return [point.load()(each) for each in data]
        """
    )


POINTS = "[growers]\ngrow = greenhouse:grow\n"


def test_an_editable_install_travels_as_code_with_its_metadata(
    editable, own_site, entering, tmp_path
):
    own_site.install("water")
    editable.install(requires=["water>=1"], entry_points=POINTS)
    account = save(entering, tmp_path / "out")
    assert account.verdict.good
    assert "greenhouse" in account.first_party
    assert lines(tmp_path / "out") == ["water==1.0"]
    code = tmp_path / "out/code"
    assert (code / "greenhouse/growth.py").is_file()
    assert sorted(path.name for path in (code / "greenhouse-1.0.dist-info").iterdir()) == [
        "METADATA",
        "entry_points.txt",
    ]
    assert predict_elsewhere(tmp_path / "out") == [2, 3, 4]


def test_an_editable_install_that_another_requires_travels_as_a_wheel(
    editable, own_site, project, tmp_path
):
    editable.install()
    own_site.install("host", {"host.py": "import greenhouse\n"}, requires=["greenhouse"])
    model = project.model("import _greenhouse_finder, host\nreturn data")
    save(model, tmp_path / "out", prove=False)
    assert lines(tmp_path / "out") == ["--find-links wheels", "greenhouse==1.0", "host==1.0"]


def test_without_carried_code_an_editable_install_is_a_wheel(editable, entering, project, tmp_path):
    editable.install(entry_points=POINTS)
    save(entering, tmp_path / "out", code_paths=[], prove=False)
    assert lines(tmp_path / "out") == ["--find-links wheels", "greenhouse==1.0"]
    with zipfile.ZipFile(tmp_path / "out/wheels/greenhouse-1.0-1-py3-none-any.whl") as wheel:
        assert sorted(wheel.namelist())[-2:] == ["greenhouse/__init__.py", "greenhouse/growth.py"]


def wheel_with(folder, *names):
    wheel = folder / "a-1-py3-none-any.whl"
    metadata = {
        "METADATA": "Metadata-Version: 2.1\nName: a\nVersion: 1\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
        for name, text in metadata.items():
            archive.writestr(f"a-1.dist-info/{name}", text)
    return wheel


def test_each_scheme_of_a_wheel_goes_to_a_folder_of_its_own(tmp_path):
    inside = ("purelib/b.py", "platlib/c.so", "data/share/d", "scripts/e", "headers/f.h")
    wheel = wheel_with(tmp_path, "a.py", *(f"a-1.data/{name}" for name in inside))
    unpack(wheel, tmp_path / "to")
    files = [file for file in (tmp_path / "to").rglob("*") if file.is_file()]
    places = {str(file.relative_to(tmp_path / "to")) for file in files}
    assert {place for place in places if "dist-info" not in place} == {
        "purelib/a.py",
        "purelib/b.py",
        "purelib/c.so",
        "data/share/d",
        "scripts/e",
        "headers/f.h",
    }
    record = (tmp_path / "to/purelib/a-1.dist-info/RECORD").read_text()
    listed = {os.path.normpath(line.partition(",")[0]) for line in record.splitlines()}
    assert {os.path.normpath(f"purelib/{name}") for name in listed} == places


@pytest.mark.parametrize(
    "name",
    [
        "../b.py",
        "/b.py",
        "a/../../b.py",
        "a-1.data/data/../../b",
        "a-1.data/../b",
        "a-1.data/odd/b",
    ],
)
def test_a_wheel_that_would_write_elsewhere_is_refused(tmp_path, name):
    wheel = wheel_with(tmp_path, name)
    with pytest.raises(NotUnpackedError, match=r"a-1-py3-none-any\.whl"):
        unpack(wheel, tmp_path / "to")
    assert not [*tmp_path.rglob("b"), *tmp_path.rglob("b.py")]


@pytest.mark.parametrize("points", ["tool = a:", "tool", "../tool = a:main"])
def test_a_wheel_that_declares_nonsense_is_refused(tmp_path, points):
    wheel = wheel_with(tmp_path)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("a-1.dist-info/entry_points.txt", f"[console_scripts]\n{points}\n")
    with pytest.raises(NotUnpackedError):
        unpack(wheel, tmp_path / "to")


@pytest.mark.parametrize("name", ["a.whl", "a-1-py3-none-any.whl"])
def test_what_is_no_wheel_is_an_error_with_its_name(tmp_path, name):
    (tmp_path / name).write_text("")
    with pytest.raises(NotUnpackedError, match=re.escape(name)):
        unpack(tmp_path / name, tmp_path / "to")


def test_a_wheel_beside_the_model_stands_for_what_is_not_installed(tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "green_house-1.0-py3-none-any.whl").write_text("")
    python = Python.current()
    contents = EnvironmentContents(requirements=("green-house==1.0",), wheels=wheels)
    wanted = request_environment(contents, python, python.installed())
    assert wanted.distributions == ()
    assert [wheel.name for wheel in wanted.wheels] == ["green_house-1.0-py3-none-any.whl"]
