"""The distributions on a path, read raw and lazily."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from resolver import Installed, MetadataError, Target


def test_a_distribution_is_found_by_any_spelling_of_its_name(world):
    world.add("Ruamel.Yaml", "0.18.1")
    found = world.installed().get("ruamel_YAML")
    assert found.name == "ruamel-yaml"
    assert found.label == "Ruamel.Yaml"
    assert found.version == Version("0.18.1")
    assert found.location == str(world.site)
    assert found.info == str(world.site / "Ruamel_Yaml-0.18.1.dist-info")


def test_what_is_not_installed_is_none(world):
    assert world.installed().get("numpy") is None


def test_headers_end_at_the_first_blank_line(world):
    world.add("a", requires=["b>=1", "c[x]; extra == 'more'"], extras=["More_Still"])
    found = world.get("a")
    assert found.requires == (Requirement("b>=1"), Requirement("c[x]; extra == 'more'"))
    assert found.extras == {"more-still"}


def test_windows_line_ends_and_folded_headers_are_read(world):
    info = world.add("a")
    (info / "METADATA").write_bytes(
        b"Name: a\r\nVersion: 2.0\r\nSummary: x\r\n  y\r\nRequires-Dist: b\r\n\r\nRequires-Dist: c"
    )
    assert world.get("a").requires == (Requirement("b"),)
    assert world.get("a").version == Version("2.0")


def test_requires_python_is_a_specifier_set_and_empty_where_nothing_is_said(world):
    world.add("a", requires_python=">=3.9,<4")
    world.add("b")
    assert world.get("a").requires_python == SpecifierSet(">=3.9,<4")
    assert world.get("b").requires_python == SpecifierSet()


@pytest.mark.parametrize(
    ("extra", "names"),
    [("", ["b", "or-b"]), ("plot", ["b", "m", "or-b"]), ("Big_Data", ["b", "d", "or-b"])],
)
def test_needs_are_those_whose_marker_holds(world, extra, names):
    lines = [
        "b",
        "m; extra=='plot'",
        "w; sys_platform == 'win32'",
        "d>=1 ; python_version > '3' and extra == \"big-data\"",
        "or-b; extra == 'x' or os_name == 'posix'",
    ]
    world.add("a", requires=lines)
    needs = world.get("a").needs(world.target(), extra)
    assert sorted(need.name for need in needs) == names


def test_needs_are_those_of_the_target(world):
    world.add("a", requires=["tomli; python_version < '3.11'"])
    assert not world.get("a").needs(world.target())
    assert world.get("a").needs(world.target(python_version="3.10"))


def test_needs_never_parse_what_is_for_another_extra(world):
    world.add("a", requires=["b", "!!; extra == 'odd'"])
    assert world.get("a").needs(world.target()) == (Requirement("b"),)
    with pytest.raises(MetadataError, match="METADATA: Requires-Dist"):
        _ = world.get("a").requires


def test_a_version_that_is_none_is_an_error_with_its_address(world):
    world.add("a", "whatever")
    with pytest.raises(MetadataError) as caught:
        _ = world.get("a").version
    assert caught.value.field == "Version"
    assert caught.value.file.endswith("METADATA")
    assert "reinstall" in str(caught.value)


def test_files_are_those_of_record_as_written(world):
    info = world.add("a")
    (info / "RECORD").write_text(
        'a/__init__.py,sha256=x,1\r\n"a/b,c.py",sha256=y,2\r\n../../bin/a,,\r\n\r\n'
    )
    assert world.get("a").files == ("a/__init__.py", "a/b,c.py", "../../bin/a")
    assert world.get("a").record["a/b,c.py"] == "sha256=y"


def test_without_record_its_files_are_what_bears_its_name(world):
    world.add(
        "a", record=False, files=["a/__init__.py", "a/b/c.so", "a/__pycache__/x.pyc", "ab.py"]
    )
    assert world.get("a").files == ("a-1.0.dist-info/METADATA", "a/__init__.py", "a/b/c.so")


def test_without_record_and_modules_of_its_name_there_are_no_files(world):
    world.add("a", record=False, files=["b.py"])
    assert world.get("a").files == ()


def test_one_that_says_it_has_no_modules_has_its_metadata_alone(world):
    world.add("a", record=False, files=["a.py"], beside={"top_level.txt": "\n"})
    assert world.get("a").files == ("a-1.0.dist-info/METADATA", "a-1.0.dist-info/top_level.txt")


def test_a_module_that_is_stated_and_in_no_list_is_among_its_files(world):
    names = {"top_level.txt": "kiln\nkiln_gen\nelsewhere\n_kiln\n"}
    files = ["kiln/__init__.py", "_kiln.cpython-311-x86_64-linux-gnu.so"]
    world.add("kiln", files=files, beside=names)
    world.file("kiln_gen/__init__.py")
    world.file("kiln/later.py")
    listed = [*files, "kiln-1.0.dist-info/METADATA", "kiln-1.0.dist-info/RECORD"]
    assert world.get("kiln").files == (*listed, "kiln_gen/__init__.py")


def test_what_others_list_is_no_file_of_one_without_record(world):
    world.add("g", record=False, files=["g/__init__.py"])
    world.add("g-plugin", files=["g/plugin.py"])
    world.add("ga", files=["ga/__init__.py"])
    assert world.get("g").files == ("g-1.0.dist-info/METADATA", "g/__init__.py")


def test_an_editable_install_names_its_project(world):
    url = {"url": "file:///home/me/my%20project", "dir_info": {"editable": True}}
    world.add("mine", direct_url=url)
    world.add("copied", direct_url={"url": "file:///home/me/x", "dir_info": {}})
    world.add("odd", direct_url={"url": "https://x.test/odd", "dir_info": {"editable": True}})
    world.add("plain")
    assert world.get("mine").direct_url == url
    assert world.get("mine").editable == os.path.normpath("/home/me/my project")
    assert world.get("copied").editable is None
    assert world.get("odd").editable is None
    assert world.get("plain").editable is None
    assert world.get("plain").direct_url is None


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_direct_url_that_is_none_is_an_error_with_its_address(world, text):
    world.add("a", beside={"direct_url.json": text})
    with pytest.raises(MetadataError, match=r"direct_url\.json"):
        _ = world.get("a").direct_url


def test_the_first_of_two_on_the_path_wins(world):
    other = world.folder("other")
    world.add("a", "1.0")
    world.add("a", "2.0", site=other)
    assert world.installed(world.site, other).get("a").version == Version("1.0")
    assert world.installed(other, world.site).get("a").version == Version("2.0")


@pytest.mark.parametrize("other", ["9.0", "1.0"])
def test_of_two_in_one_folder_the_newer_one_wins(world, other):
    world.add("a", other)
    world.add("a", "10.0")
    assert [str(found.version) for found in world.installed()] == ["10.0"]


def test_what_a_broken_uninstall_left_is_not_installed(world):
    (world.site / "a-1.0.dist-info").mkdir()
    assert list(world.installed()) == []


def test_path_entries_that_do_not_exist_or_are_files_hold_nothing(world):
    archive = Path(world.file("library.zip"))
    assert list(world.installed(world.root / "missing", archive)) == []


def test_a_folder_that_stands_on_the_path_twice_is_read_once(world):
    world.add("a")
    link = world.root / "lib64"
    link.symlink_to(world.site)
    both = world.installed(link, world.site)
    assert [found.location for found in both] == [str(link)]
    assert both.owners(str(world.site / "a/__init__.py")) == (both.get("a"),)


def test_an_egg_info_states_what_it_needs_in_requires_txt(world):
    info = world.folder("site-packages/Old_Thing-1.2-py3.11.egg-info")
    (info / "PKG-INFO").write_text("Name: Old.Thing\nVersion: 1.2\n")
    (info / "requires.txt").write_text(
        "six\n\n[plot]\nmatplotlib>=2\n\n[:sys_platform == 'linux']\npyudev\n\n"
        "[plot:sys_platform == 'win32']\nwinplot\n"
    )
    found = world.get("old-thing")
    assert found.version == Version("1.2")
    assert found.extras == {"plot"}
    assert [need.name for need in found.needs(world.target())] == ["six", "pyudev"]
    assert {need.name for need in found.needs(world.target(), "plot")} == {
        "six",
        "pyudev",
        "matplotlib",
    }


def test_an_egg_info_may_be_one_file(world):
    world.file("thing-3.0.egg-info", "Name: thing\nVersion: 3.0.1\n")
    assert world.get("thing").version == Version("3.0.1")
    assert world.get("thing").files == ()


def test_installed_files_txt_is_relative_to_the_egg_info(world):
    info = world.folder("site-packages/thing-3.0.egg-info")
    (info / "PKG-INFO").write_text("Name: thing\nVersion: 3.0\n")
    (info / "installed-files.txt").write_text("../thing/__init__.py\nPKG-INFO\n../../../bin/t\n")
    assert world.get("thing").files == (
        "thing/__init__.py",
        "thing-3.0.egg-info/PKG-INFO",
        "../../bin/t",
    )


def test_the_egg_info_of_a_project_stands_behind_what_is_installed(world):
    project = world.folder("project")
    world.file("mine.egg-info/PKG-INFO", "Name: mine\nVersion: 0.0\n", site=project)
    assert world.installed(project).get("mine").editable == str(project)
    world.add("mine", "1.0", files=[], direct_url={"url": project.as_uri(), "dir_info": {}})
    assert world.installed(project, world.site).get("mine").version == Version("1.0")


def test_an_egg_info_without_a_version_is_no_project_where_things_are_installed(world):
    site = world.folder("usr/lib/python3/dist-packages")
    world.file("drivers.egg-info/PKG-INFO", "Name: drivers\nVersion: 0.9\n", site=site)
    code = world.file("drivers/__init__.py", site=site)
    here = world.installed(site)
    found = here.get("drivers")
    assert (str(found.version), found.editable, found.provenance) == ("0.9", None, "index")
    assert here.owners(code) == (found,)


def test_a_file_is_written_as_seen_from_its_path_entry(world):
    inner = world.folder("site-packages/inner")
    here = world.installed(world.site, inner)
    assert here.relative(str(world.site / "a/b.py")) == "a/b.py"
    assert here.relative(str(inner / "b.py")) == "b.py"
    assert here.relative("/else/where.py") == "/else/where.py"


def test_only_the_current_one_looks_at_this_interpreter():
    assert Installed.current().paths == tuple(dict.fromkeys(map(os.path.abspath, sys.path)))
    assert Installed([], Target.current()).paths == ()


def test_distributions_are_equal_by_their_folder(world):
    world.add("a")
    world.add("b")
    assert world.get("a") == world.get("a")
    assert len({world.get("a"), world.get("a"), world.get("b")}) == 2
    assert repr(world.get("a")) == f"<Distribution a in {world.site}>"


def test_raw_reading_agrees_with_the_standard_library():
    ours = {found.name: found for found in Installed.current()}
    for theirs in importlib.metadata.distributions():
        found = ours[canonicalize_name(theirs.metadata["Name"])]
        if Path(str(theirs.locate_file(""))) != Path(found.location):
            continue
        assert found.version == Version(theirs.version)
        assert found.requires == tuple(map(Requirement, theirs.requires or ()))
        extras = theirs.metadata.get_all("Provides-Extra") or ()
        assert found.extras == set(map(canonicalize_name, extras))
        if found.record_text is not None:
            assert set(found.files) >= {str(file) for file in theirs.files or ()}
