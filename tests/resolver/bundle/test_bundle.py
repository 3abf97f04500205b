"""Wheels of what exists only here: the original where it is unchanged, else one made of it."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from resolver.bundle.bundle import bundle_installed as bundle
from resolver.bundle.bundle import bundle_wheel, original
from resolver.errors import NotBundledError
from resolver.installed.record import read_record
from resolver.sources.wheels import WheelFolder


@pytest.fixture
def wheels(world):
    return world.folder("wheels")


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


def text(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode()


WHEEL = """Wheel-Version: 1.0
Generator: x
Root-Is-Purelib: true
Tag: py2-none-any
Tag: py3-none-any
"""


def test_a_wheel_is_made_of_the_files_that_record_lists(world, wheels):
    world.add(
        "Green-House",
        "0.5.1",
        requires=["six>=1"],
        files={"greenhouse/__init__.py": "A = 1\n", "greenhouse/data.txt": "x"},
        beside={"WHEEL": WHEEL, "INSTALLER": "pip", "entry_points.txt": "[a.b]\nc = greenhouse\n"},
        direct_url={"url": "file:///nowhere/greenhouse", "dir_info": {}},
    )
    world.file("greenhouse/__pycache__/__init__.cpython-311.pyc")
    found = bundle(world.get("green-house"), wheels, world.target())
    assert (found.name, found.original) == ("green-house", False)
    assert found.file == wheels / "green_house-0.5.1-1-py2.py3-none-any.whl"
    assert found.sha256 == hashlib.sha256(found.file.read_bytes()).hexdigest()
    info = "green_house-0.5.1.dist-info"
    assert names(found.file) == [
        *[f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")],
        "greenhouse/__init__.py",
        "greenhouse/data.txt",
    ]
    assert text(found.file, f"{info}/WHEEL").splitlines() == [
        "Wheel-Version: 1.0",
        "Generator: modelenv",
        "Root-Is-Purelib: true",
        "Build: 1",
        "Tag: py2-none-any",
        "Tag: py3-none-any",
    ]


def test_the_same_files_give_the_same_bytes(world, wheels):
    world.add("a")
    first = bundle(world.get("a"), wheels, world.target()).file.read_bytes()
    (world.site / "a/__init__.py").touch()
    assert bundle(world.get("a"), wheels, world.target()).file.read_bytes() == first


def test_the_record_of_a_made_wheel_is_true(world, wheels):
    world.add("a", files={"a/b,c.py": "x", "a/__init__.py": ""})
    wheel = bundle(world.get("a"), wheels, world.target()).file
    record = read_record(text(wheel, "a-1.0.dist-info/RECORD").splitlines())
    assert sorted(record) == names(wheel)
    files = [name for name in names(wheel) if not name.endswith("/RECORD")]
    hashed = {name: hashlib.sha256(text(wheel, name).encode()).digest() for name in files}
    spelled = {name: base64.urlsafe_b64encode(value).rstrip(b"=") for name, value in hashed.items()}
    assert {name: record[name] for name in files} == {
        name: f"sha256={value.decode()}" for name, value in spelled.items()
    }


def test_what_was_edited_after_the_installation_is_packed_as_it_ran(world, wheels):
    world.add("a", files={"a.py": "V = 1\n"})
    world.file("a.py", "V = 2\n")
    assert text(bundle(world.get("a"), wheels, world.target()).file, "a.py") == "V = 2\n"


def test_what_stands_outside_goes_where_installers_take_it_from(world, wheels):
    info = world.add(
        "a",
        files=["a.py"],
        beside={"entry_points.txt": "[console_scripts]\nrun-a = a:main\n", "WHEEL": WHEEL},
    )
    for path in ("share/a/x.txt", "bin/run-a", "bin/own"):
        world.file(path, "#!/old/bin/python3.11\nx", site=world.root)
    (info / "RECORD").write_text(
        "a.py,,\n../share/a/x.txt,,\n../bin/run-a,,\n../bin/own,,\n/elsewhere/y,,\n"
    )
    wheel = bundle(world.get("a"), wheels, world.target()).file
    data = [name for name in names(wheel) if ".data/" in name]
    assert data == ["a-1.0.data/data/share/a/x.txt", "a-1.0.data/scripts/own"]
    assert text(wheel, "a-1.0.data/scripts/own") == "#!python\nx"


def test_one_with_an_extension_module_is_for_the_platform_it_ran_on(world, wheels):
    world.add("a", files=["a.cpython-311-x86_64-linux-gnu.so"])
    target = type(world.target())(world.target().markers, ("cp311-cp311-linux_x86_64",))
    wheel = bundle(world.get("a"), wheels, target).file
    assert wheel.name == "a-1.0-1-cp311-cp311-linux_x86_64.whl"
    assert "Root-Is-Purelib: false" in text(wheel, "a-1.0.dist-info/WHEEL")


def test_a_local_label_stays_in_the_name_of_the_file(world, wheels):
    world.add("fastsum", "1.2.0+cpu", files=["fastsum.py"])
    wheel = bundle(world.get("fastsum"), wheels, world.target()).file
    assert wheel.name == "fastsum-1.2.0+cpu-1-py3-none-any.whl"
    (found,) = WheelFolder(wheels, world.target()).candidates("fastsum")
    assert str(found.version) == "1.2.0+cpu"


def test_without_a_list_of_files_a_wheel_holds_what_bears_its_names(world, wheels):
    files = ["yaml/__init__.py", "yaml/deep/data.bin", "_yaml.py"]
    names = {"top_level.txt": "yaml\n_yaml\n"}
    world.add("PyYAML", files=files, record=False, beside=names)
    world.add("other", files=["yaml/plugin.py"])
    wheel = bundle(world.get("pyyaml"), wheels, world.target()).file
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if "dist-info" not in name}
    assert inside == set(files)


def test_where_no_file_bears_its_name_it_is_an_error_that_says_so(world, wheels):
    world.add("a", record=False, files=["b.py"])
    with pytest.raises(NotBundledError, match=r"a-1\.0\.dist-info: .*its files are not recorded"):
        bundle(world.get("a"), wheels, world.target())


def test_metadata_of_an_egg_info_is_written_as_a_wheel_has_it(world, wheels):
    world.file("a.py")
    world.file("a-1.0-py3.11.egg-info/PKG-INFO", "Metadata-Version: 1.2\nName: a\nVersion: 1.0\n")
    world.file("a-1.0-py3.11.egg-info/requires.txt", "six\n")
    world.file("a-1.0-py3.11.egg-info/installed-files.txt", "../a.py\nPKG-INFO\nrequires.txt\n")
    wheel = bundle(world.get("a"), wheels, world.target()).file
    assert names(wheel) == sorted(
        ["a.py", *(f"a-1.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL"))]
    )
    assert "Requires-Dist: six" in text(wheel, "a-1.0.dist-info/METADATA")
    folder = WheelFolder(wheels, world.target())
    (candidate,) = folder.candidates("a")
    assert [str(need) for need in folder.metadata(candidate).needs(world.target())] == ["six"]


class Installed:
    """A wheel that is installed, as pip or uv records it."""

    def __init__(self, world):
        self.world = world
        world.add("a", files={"a.py": "V = 1\n"}, beside={"WHEEL": WHEEL})
        self.file = bundle(world.get("a"), world.folder("dist"), world.target()).file

    def record(self, **about):
        direct = {"url": self.file.as_uri(), "archive_info": about}
        self.world.add("a", files={"a.py": "V = 1\n"}, beside={"WHEEL": WHEEL}, direct_url=direct)
        rows = text(self.file, "a-1.0.dist-info/RECORD")
        (self.world.site / "a-1.0.dist-info/RECORD").write_text(rows)
        return self.world.get("a")

    @property
    def sha256(self):
        return hashlib.sha256(self.file.read_bytes()).hexdigest()


def test_the_original_is_taken_by_its_hash(world, wheels):
    installed = Installed(world)
    found = bundle(installed.record(hashes={"sha256": installed.sha256}), wheels, world.target())
    assert found.original
    assert found.file.read_bytes() == installed.file.read_bytes()
    assert original(installed.record(hash=f"sha256={installed.sha256}")) == installed.file


def test_one_that_changed_since_is_not_the_original(world, wheels):
    installed = Installed(world)
    distribution = installed.record(hashes={"sha256": installed.sha256})
    with zipfile.ZipFile(installed.file, "a") as archive:
        archive.writestr("b.py", "")
    assert original(distribution) is None
    assert not bundle(distribution, wheels, world.target()).original


def test_without_a_hash_the_original_is_known_by_its_files(world):
    installed = Installed(world)
    assert original(installed.record()) == installed.file
    (world.site / "a-1.0.dist-info/RECORD").write_text("a.py,sha256=another,6\n")
    assert original(world.get("a")) is None


def test_an_original_of_another_version_or_that_is_gone_is_none(world):
    installed = Installed(world)
    distribution = installed.record(hashes={"sha256": installed.sha256})
    installed.file.rename(installed.file.with_name("b-1.0-py3-none-any.whl"))
    assert original(distribution) is None


def test_a_wheel_that_the_user_names_is_copied(world, wheels):
    installed = Installed(world)
    found = bundle_wheel(installed.file.as_uri(), "a", wheels)
    assert (found.name, found.original, found.sha256) == ("a", True, installed.sha256)
    assert found.file == wheels / installed.file.name
    with pytest.raises(NotBundledError, match="it is no wheel"):
        bundle_wheel(world.root.as_uri(), "a", wheels)


def test_pip_installs_what_was_made(world, wheels):
    pytest.importorskip("pip")
    world.add("a", files={"a.py": "V = 1\n"}, requires=["six; extra == 'x'"])
    bundle(world.get("a"), wheels, world.target())
    into = world.folder("into")
    command = [sys.executable, "-I", "-m", "pip", "install", "--no-index", "--quiet"]
    command += ["--disable-pip-version-check", "--find-links", str(wheels), "--target", str(into)]
    subprocess.run([*command, "a==1.0"], check=True, capture_output=True)
    assert (into / "a.py").read_text() == "V = 1\n"
