"""Edited files that ran are reported, whatever changed them; and they can travel."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from resolver import Edits, NotBundledError, bundle_installed
from resolver.bundle.edited_contents import edited_version
from resolver.bundle.system_packages import SystemPackages
from resolver.installed.record import read_record
from resolver.sources.wheels import WheelFolder

LARGE = 300_000


def edits(world, *files: str, name: str = "a") -> list[str]:
    """Return the names of what was edited, "+" before those that were added."""
    found = Edits(paths(world, files), world.installed()).of(name)
    return ["+" * each.added + each.name for each in found]


def paths(world, files) -> list[str]:
    return [os.path.normpath(world.site / file) for file in files]


def record(info: Path, rows: str) -> None:
    (info / "RECORD").write_text(f"{rows}\n{info.name}/RECORD,,\n")


def age(file: Path | str, seconds: float) -> None:
    """Set the time of a file so long before now."""
    about = Path(file).stat()
    os.utime(file, (about.st_atime, about.st_mtime - seconds))


@pytest.mark.parametrize(
    "file", ["a/core.py", "a/data/table.csv", "a.libs/libdeep.so.1", "a/_fast.so"]
)
def test_a_function_data_and_libraries_that_were_edited_are_told(world, file):
    world.add("a", files={"a/__init__.py": "", file: "as it was"})
    assert edits(world, "a/__init__.py", file) == []
    world.file(file, "as it is!")
    assert edits(world, "a/__init__.py", file) == [file]


def test_what_was_edited_and_did_not_run_is_not_looked_at(world):
    world.add("a", files={"a/__init__.py": "", "a/core.py": "as it was"})
    world.file("a/core.py", "as it is!")
    assert edits(world, "a/__init__.py") == []


def test_a_file_that_was_added_to_a_package_is_told_and_one_of_a_namespace_is_not(world):
    world.add("a", files={"a/__init__.py": "", "a/data/t.csv": "", "space/a/__init__.py": ""})
    world.add("b", files={"space/b/__init__.py": ""})
    added = ["a/more.py", "a/data/more.csv", "a/new/deep.py"]
    others = ["space/more.py", "space/c/more.py", "more.py", "a/__pycache__/a.nbi"]
    for file in (*added, *others):
        world.file(file)
    assert sorted(edits(world, *added, *others)) == sorted(f"+{file}" for file in added)
    assert edits(world, *added, *others, name="b") == []


def test_a_file_of_two_is_as_it_was_if_it_is_as_one_of_them_brought_it(world):
    world.add("a", files={"both.py": "of a"})
    world.add("b", files={"both.py": "of b, the last to be installed"})
    assert edits(world, "both.py") == edits(world, "both.py", name="b") == []
    world.file("both.py", "of nobody")
    assert edits(world, "both.py") == edits(world, "both.py", name="b") == ["both.py"]


def test_a_large_file_is_hashed_where_its_size_or_its_time_speak_for_it(world):
    info = world.add("a", files={"a.so": "1" * LARGE})
    file = Path(world.file("a.so", "2" * LARGE))
    age(file, 60)
    assert edits(world, "a.so") == []  # neither does
    age(info / "RECORD", 120)
    assert edits(world, "a.so") == ["a.so"]
    file.write_text("1" * LARGE)
    assert edits(world, "a.so") == []
    age(info / "RECORD", -120)
    file.write_text("1" * (LARGE - 1))
    assert edits(world, "a.so") == ["a.so"]


def digest(text: str, algorithm: str, *, how: str) -> str:
    value = hashlib.new(algorithm, text.encode()).digest()
    padded = base64.urlsafe_b64encode(value).decode()
    said = {"padded": padded, "plain": padded.rstrip("="), "hex": value.hex()}[how]
    return f"{algorithm}={said}"


@pytest.mark.parametrize("how", ["padded", "plain", "hex"])
@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512", "md5"])
def test_each_hash_and_each_spelling_of_it_is_read(world, algorithm, how):
    info = world.add("a", files={"a.py": "it"})
    record(info, f"a.py,{digest('it', algorithm, how=how)},2")
    assert edits(world, "a.py") == []
    world.file("a.py", "us")
    assert edits(world, "a.py") == ["a.py"]


@pytest.mark.parametrize("row", ["a.py,,", "a.py,crc=12,2", "a.py,shake_128=12,2"])
def test_where_no_hash_can_be_computed_nothing_is_said(world, row):
    record(world.add("a", files={"a.py": "it"}), row)
    assert edits(world, "a.py") == []


def test_line_ends_count_in_data_and_not_in_source(world):
    text = "a = 1\nb = 2\n"
    world.add("a", files={"a.py": text, "a.csv": text})
    for name in ("a.py", "a.csv"):
        (world.site / name).write_bytes(text.replace("\n", "\r\n").encode())
    assert edits(world, "a.py", "a.csv") == ["a.csv"]


def test_editable_installs_and_what_is_gone_are_not_looked_at(world):
    project = world.folder("project")
    direct = {"url": project.as_uri(), "dir_info": {"editable": True}}
    world.add("a", files={"a_finder.py": "as it was"}, direct_url=direct)
    world.add("b", files={"b.py": ""})
    world.file("a_finder.py", "as it is!")
    (world.site / "b.py").unlink()
    assert edits(world, "a_finder.py") == edits(world, "b.py", name="b") == []


def test_debians_lists_say_how_it_was_after_record(world):
    site = world.folder("python3/dist-packages")
    world.add("a", files={"a.so": "unstripped", "b.so": "unstripped", "c.py": ""}, site=site)
    lists = world.folder("dpkg")
    files = [Path(world.file(name, "stripped", site=site)) for name in ("a.so", "b.so")]
    world.file("c.py", "edited", site=site)
    rows = (f"{hashlib.md5(b'stripped').hexdigest()}  {str(file)[1:]}" for file in files)
    # Compiled modules may come in a package of their own, which has no metadata.
    (lists / "python3-a-lib:amd64.list").write_text("".join(f"{file}\n" for file in files))
    (lists / "python3-a-lib:amd64.md5sums").write_text("".join(f"{row}\n" for row in rows))
    installed = world.installed(site)

    def found() -> list[str]:
        ran = [*map(str, files), str(site / "c.py")]
        return [each.name for each in Edits(ran, installed, SystemPackages(str(lists))).of("a")]

    assert found() == ["c.py"]
    files[1].write_text("edited")
    assert found() == ["b.so", "c.py"]


def test_condas_lists_say_how_it_was_with_its_prefix(world):
    site = world.folder("env/lib/python3.11/site-packages")
    program = "../../../bin/a"
    info = world.add("a", files={"a.py": "/old/prefix", program: "#!/old/prefix"}, site=site)
    world.file("a.py", "/new/prefix", site=site)
    world.file(program, "#!/new/prefix", site=site)
    below = "lib/python3.11/site-packages"
    in_prefix = hashlib.sha256(b"/new/prefix").hexdigest()
    about = {
        "name": "a",
        "files": [f"{below}/a.py", f"{below}/{info.name}/METADATA", "bin/a"],
        "paths_data": {
            "paths": [
                {"_path": f"{below}/a.py", "sha256": "00", "sha256_in_prefix": in_prefix},
                {"_path": "bin/a", "path_type": "unix_python_entry_point"},
            ]
        },
    }
    meta = world.folder("env/conda-meta") / "a-1.0-0.json"
    meta.write_text(json.dumps(about))
    installed = world.installed(site)
    ran = [str(site / "a.py"), os.path.normpath(site / program)]
    assert Edits(ran, installed).of("a") == ()
    world.file("a.py", "/other/prefix", site=site)
    assert [each.name for each in Edits(ran, installed).of("a")] == ["a.py"]


def test_what_debian_brought_in_a_package_apart_was_not_added(world):
    site = world.folder("python3/dist-packages")
    tops = {"top_level.txt": "a\npkg_a\n"}
    world.add("a", files={"a/__init__.py": ""}, beside=tops, site=site)
    ran = [world.file(name, site=site) for name in ("pkg_a/__init__.py", "a/added.py")]
    lists = world.folder("dpkg")
    (lists / "python3-pkg-a.list").write_text(f"/.\n{ran[0]}\n")
    found = Edits(ran, world.installed(site), SystemPackages(str(lists))).of("a")
    assert [(each.name, each.added) for each in found] == [("a/added.py", True)]


def test_what_condas_lists_have_and_record_lacks_was_not_added(world):
    site = world.folder("env/lib/python3.11/site-packages")
    world.add("a", files={"a/__init__.py": ""}, site=site)
    ran = [world.file(f"a/{name}.py", site=site) for name in ("built", "added")]
    listed = {"files": ["lib/python3.11/site-packages/a/built.py"]}
    (world.folder("env/conda-meta") / "a-parts-1.0-0.json").write_text(json.dumps(listed))
    found = Edits(ran, world.installed(site)).of("a")
    assert [(each.name, each.added) for each in found] == [("a/added.py", True)]


@pytest.fixture
def edited(world):
    """A distribution with an edited and an added file; return a function that bundles it."""
    world.add("a-b", "1.2", files={"a/__init__.py": "", "a/core.py": "V = 1\n"}, requires=["six"])
    world.file("a/core.py", "V = 2\n")
    world.file("a/more.py", "W = 3\n")

    def bundle(folder: str = "wheels"):
        installed = world.installed()
        ran = paths(world, ["a/__init__.py", "a/core.py", "a/more.py"])
        found = Edits(ran, installed).of("A_B")
        into = world.folder(folder)
        return bundle_installed(installed.get("a-b"), into, world.target(), edits=found)

    return bundle


def test_it_travels_as_it_ran_under_a_version_of_its_content(world, edited):
    made = edited()
    assert str(made.version).startswith("1.2+edited.")
    assert [each.name for each in made.edits] == ["a/core.py", "a/more.py"]
    assert made.file.name == f"a_b-{made.version}-1-py3-none-any.whl"
    with zipfile.ZipFile(made.file) as wheel:
        info = f"a_b-{made.version}.dist-info"
        assert wheel.read("a/core.py") == b"V = 2\n"
        assert wheel.read("a/more.py") == b"W = 3\n"
        assert f"\nVersion: {made.version}\n" in wheel.read(f"{info}/METADATA").decode()
        assert "\nRequires-Dist: six\n" in wheel.read(f"{info}/METADATA").decode()
        listed = read_record(wheel.read(f"{info}/RECORD").decode().splitlines())
        assert listed.keys() == set(wheel.namelist())
    (candidate,) = WheelFolder(world.folder("wheels"), world.target()).candidates("a-b")
    assert candidate.version == made.version


def test_the_same_content_has_the_same_version_and_another_another(world, edited):
    first, second = edited(), edited("again")
    assert (first.version, first.sha256) == (second.version, second.sha256)
    world.file("a/core.py", "V = 4\n")
    assert edited("other").version != first.version


def test_a_local_label_is_kept_and_extended():
    extended = edited_version(Version("1!2.5rc1+cu121"), "0a1b2c3d4e5f")
    assert str(extended) == "1!2.5rc1+cu121.edited.0a1b2c3d"
    assert extended > Version("1!2.5rc1+cu121")


def test_an_edited_program_travels_unless_an_installer_makes_it_anew(world):
    programs = {"../../bin/own": "#!/x/python\nV = 1\n", "../../bin/point": "#!/x/python\n"}
    points = {"entry_points.txt": "[console_scripts]\npoint = a:main\n"}
    world.add("a", files={"a.py": "", **programs}, beside=points)

    def bundle():
        installed = world.installed()
        found = Edits(paths(world, programs), installed).of("a")
        into = world.folder("wheels")
        return bundle_installed(installed.get("a"), into, world.target(), edits=found)

    world.file("../../bin/own", "#!/x/python\nV = 2\n")
    made = bundle()
    with zipfile.ZipFile(made.file) as wheel:
        assert wheel.read(f"a-{made.version}.data/scripts/own") == b"#!python\nV = 2\n"
    world.file("../../bin/point", "#!/x/python\nedited\n")
    with pytest.raises(NotBundledError, match=r"point: .* makes that program anew; reinstall a$"):
        bundle()


def test_pip_installs_it(world, edited):
    pytest.importorskip("pip")
    made = edited()
    into = world.folder("into")
    command = [sys.executable, "-I", "-m", "pip", "install", "--no-index", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--find-links", str(made.file.parent)]
    subprocess.run(
        [*command, "--target", str(into), f"a-b=={made.version}"], check=True, capture_output=True
    )
    assert (into / "a/core.py").read_text() == "V = 2\n"
    assert (into / "a/more.py").read_text() == "W = 3\n"


def test_what_was_looked_at_before_is_read_again_only_where_it_has_changed(world):
    world.add("a", files={"a/__init__.py": "", "a/core.py": "as it was", "a/other.py": "as it was"})
    files = paths(world, ["a/__init__.py", "a/core.py", "a/other.py"])
    early = Edits([], world.installed())
    for file in files:
        early.look(file)
    world.file("a/core.py", "as it is!")  # of the same size
    assert [each.name for each in early.among(files).of("a")] == ["a/core.py"]


def test_what_was_edited_before_it_was_looked_at_is_told(world):
    world.add("a", files={"a/core.py": "as it was"})
    world.file("a/core.py", "as it is!")
    (file,) = paths(world, ["a/core.py"])
    early = Edits([], world.installed())
    early.look(file)
    assert [each.name for each in early.among([file]).of("a")] == ["a/core.py"]
