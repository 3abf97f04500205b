"""The owner of a file."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import sysconfig

import pytest

from resolver import Installed
from resolver.attribution.modules import own_stdlib


def owners(world, file, *paths):
    return [owner.name for owner in world.installed(*paths).owners(str(world.site / file))]


def test_a_file_belongs_to_who_lists_it_whatever_its_name(world):
    world.add("pyyaml", files=["yaml/__init__.py", "_yaml/__init__.py"])
    world.add("six", files=["six.py"])
    world.add("fast", files=["_fast.cpython-311-x86_64-linux-gnu.so"])
    assert owners(world, "yaml/__init__.py") == ["pyyaml"]
    assert owners(world, "six.py") == ["six"]
    assert owners(world, "_fast.cpython-311-x86_64-linux-gnu.so") == ["fast"]


def test_a_file_that_nobody_lists_is_nobodys(world):
    world.add("a")
    assert owners(world, "alone.py") == []
    assert owners(world, "../elsewhere/alone.py") == []


def test_a_namespace_is_shared_and_its_files_are_not(world):
    world.add("protobuf", files=["google/protobuf/__init__.py"])
    world.add("google-auth", files=["google/auth/__init__.py"])
    assert owners(world, "google/protobuf/__init__.py") == ["protobuf"]
    assert owners(world, "google/auth/__init__.py") == ["google-auth"]
    here = world.installed()
    assert here.sharers(str(world.site), "google") == (
        here.get("google-auth"),
        here.get("protobuf"),
    )


def test_sharers_are_those_of_one_folder(world):
    world.add("six", files=["six.py"])
    here = world.installed()
    assert here.sharers(str(world.site), "six.py") == (here.get("six"),)
    assert here.sharers(str(world.site), "six") == ()
    assert here.sharers(str(world.root), "six.py") == ()


def test_all_who_list_a_file_own_it(world):
    world.add("mlflow", files={"mlflow/__init__.py": "same"})
    world.add("mlflow-skinny", files={"mlflow/__init__.py": "same"})
    assert owners(world, "mlflow/__init__.py") == ["mlflow", "mlflow-skinny"]


def test_of_several_owners_those_whose_hash_fits_have_it(world):
    world.add("opencv-python", files={"cv2/__init__.py": "plain"})
    world.add("opencv-python-headless", files={"cv2/__init__.py": "headless"})
    assert owners(world, "cv2/__init__.py") == ["opencv-python-headless"]


def test_where_no_hash_fits_all_who_list_the_file_keep_it(world):
    world.add("a", files={"shared.py": "1"})
    world.add("b", files={"shared.py": "2"})
    world.file("shared.py", "changed by hand")
    assert owners(world, "shared.py") == ["a", "b"]
    (world.site / "shared.py").unlink()
    assert owners(world, "shared.py") == ["a", "b"]


def test_a_hash_of_an_unknown_kind_fits_nothing(world):
    world.add("a", files={"shared.py": "text"})
    info = world.add("b", files={"shared.py": "text"})
    (info / "RECORD").write_text("shared.py,rot13=abc,4\n")
    assert owners(world, "shared.py") == ["a"]


def test_files_outside_of_the_folder_are_found(world):
    info = world.add("tool", files=[])
    script = world.root / "bin" / "tool,er"
    (info / "RECORD").write_text(f'../bin/tool,,\n"../bin/tool,er",,\n{world.root}/share/x.py,,\n')
    here = world.installed()
    assert here.owners(str(world.root / "bin" / "tool")) == (here.get("tool"),)
    assert here.owners(str(script)) == (here.get("tool"),)
    assert here.owners(str(world.root / "share" / "x.py")) == (here.get("tool"),)


def test_a_quoted_path_is_found(world):
    info = world.add("a", files=["a/b,c.py"])
    (info / "RECORD").write_text('"a/b,c.py",,\n')
    assert owners(world, "a/b,c.py") == ["a"]


def test_a_symlinked_folder_is_seen_from_both_sides(world):
    world.add("a")
    link = world.root / "linked"
    link.symlink_to(world.site)
    through = world.installed(link)
    assert through.owners(str(world.site / "a/__init__.py")) == (through.get("a"),)
    direct = world.installed()
    assert direct.owners(str(link / "a/__init__.py")) == (direct.get("a"),)


def test_a_path_entry_inside_another_does_not_hide_it(world):
    world.add("pywin32", files=["win32/lib/service.py", "pywin32.pth"])
    inner = world.site / "win32" / "lib"
    assert owners(world, "win32/lib/service.py", inner, world.site) == ["pywin32"]


def test_without_record_the_top_level_names_say_it(world):
    world.add(
        "PyGObject",
        files=["gi/__init__.py", "_gi.cpython-311.so"],
        record=False,
        beside={"top_level.txt": "gi\n_gi\n"},
    )
    assert owners(world, "gi/__init__.py") == ["pygobject"]
    assert owners(world, "_gi.cpython-311.so") == ["pygobject"]
    assert owners(world, "gilead.py") == []
    here = world.installed()
    assert here.sharers(str(world.site), "gi") == (here.get("pygobject"),)


def test_without_any_list_the_folder_of_the_name_is_taken(world):
    world.add("My.Thing", files=["my/thing/__init__.py", "my/other.py"], record=False)
    assert owners(world, "my/thing/__init__.py") == ["my-thing"]
    assert owners(world, "my/other.py") == []


def test_an_empty_record_is_none(world):
    info = world.add("a", record=False)
    (info / "RECORD").write_text("")
    assert owners(world, "a/__init__.py") == ["a"]


def test_who_lists_a_file_comes_before_who_claims_its_name(world):
    world.add("lister", files=["shared/__init__.py"])
    world.add("shared", files=["shared/__init__.py"], record=False)
    assert owners(world, "shared/__init__.py") == ["lister"]


def test_a_claimed_namespace_is_told_apart_by_the_sources(world):
    names = {"top_level.txt": "zope\n"}
    world.add(
        "zope.event",
        record=False,
        files=["zope/event/__init__.py"],
        beside={**names, "SOURCES.txt": "setup.py\nsrc/zope/event/__init__.py\n"},
    )
    world.add(
        "zope.schema",
        record=False,
        files=["zope/schema/__init__.py"],
        beside={**names, "SOURCES.txt": "zope/schema/__init__.py\n"},
    )
    assert owners(world, "zope/event/__init__.py") == ["zope-event"]
    assert owners(world, "zope/schema/__init__.py") == ["zope-schema"]
    assert owners(world, "zope/schema/_compiled.so") == ["zope-event", "zope-schema"]


def test_the_code_beside_the_egg_info_of_a_project_is_nobodys(world):
    project = world.folder("project")
    world.file("mine.egg-info/PKG-INFO", "Name: mine\nVersion: 0.0\n", site=project)
    world.file("mine.egg-info/top_level.txt", "mine\n", site=project)
    code = world.file("mine/__init__.py", site=project)
    assert world.installed(project).owners(code) == ()


def test_installed_files_txt_is_as_good_as_record(world):
    info = world.folder("site-packages/thing-3.0.egg-info")
    (info / "PKG-INFO").write_text("Name: thing\nVersion: 3.0\n")
    (info / "installed-files.txt").write_text("../odd/__init__.py\n../../bin/thing\n")
    assert owners(world, "odd/__init__.py") == ["thing"]
    here = world.installed()
    assert here.owners(str(world.root / "bin" / "thing")) == (here.get("thing"),)


def test_a_claimed_module_that_its_list_lacks_is_its_distributions_all_the_same(world):
    """Debian ships `pkg_resources` apart from setuptools, with no metadata of its own."""
    info = world.folder("site-packages/tools-66.egg-info")
    (info / "PKG-INFO").write_text("Name: tools\nVersion: 66\n")
    (info / "top_level.txt").write_text("tools\npkg_tools\n")
    (info / "installed-files.txt").write_text("../tools/__init__.py\n")
    assert owners(world, "pkg_tools/_vendor/zipp.py") == ["tools"]
    assert owners(world, "tools/__init__.py") == ["tools"]
    assert owners(world, "tools/mine.py") == ["tools"]


def test_preloading_answers_without_the_files(world):
    world.add("a", files={"a/__init__.py": "1"})
    here = world.installed()
    here.preload()
    shutil.rmtree(world.site)
    assert [owner.name for owner in here.owners(str(world.site / "a/__init__.py"))] == ["a"]
    assert here.get("a").label == "a"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sklearn.linear_model", "scikit-learn"),
        ("numpy", "numpy"),
        ("numpy._core._multiarray_umath", "numpy"),
        ("pandas", "pandas"),
        ("yaml", "pyyaml"),
        ("dateutil", "python-dateutil"),
        ("threadpoolctl", "threadpoolctl"),
        ("click", "click"),
    ],
)
def test_installed_modules_belong_to_their_distributions(module, name):
    here = Installed.current()
    file = importlib.import_module(module).__file__
    assert file is not None
    assert here.owners(file) == (here.get(name),)


def test_the_folders_of_the_standard_library_are_those_that_sysconfig_knows():
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    base |= {"installed_base": sys.base_prefix, "installed_platbase": sys.base_exec_prefix}
    known = {sysconfig.get_path(name, vars=base) for name in ("stdlib", "platstdlib")}
    assert known <= {*own_stdlib(), os.path.dirname(os.__file__)}  # noqa: PTH120


def test_the_standard_library_is_nobodys():
    assert Installed.current().owners(os.__file__) == ()


def test_a_link_of_ones_own_to_anothers_file_is_nobodys_by_another_name(world, tmp_path):
    world.add("pkg", files=["pkg/__init__.py", "pkg/io.py"])
    here = world.installed()
    (tmp_path / "svc").mkdir()
    for link, target in {"svc/io.py": "pkg/io.py", "svc/vendor": "pkg", "pkg": "pkg"}.items():
        (tmp_path / link).symlink_to(world.site / target)
    named = {
        "svc.io": "svc/io.py",
        "svc.vendor.io": "svc/vendor/io.py",
        "svc.vendor": "svc/vendor/__init__.py",
        "pkg.io": "pkg/io.py",
        "pkg": "pkg/__init__.py",
    }
    owned = {
        module: [owner.name for owner in here.owners(str(tmp_path / file), module)]
        for module, file in named.items()
    }
    assert owned == {
        "svc.io": [],
        "svc.vendor.io": [],
        "svc.vendor": [],
        "pkg.io": ["pkg"],
        "pkg": ["pkg"],
    }
    assert [owner.name for owner in here.owners(str(tmp_path / "svc/io.py"))] == ["pkg"]
