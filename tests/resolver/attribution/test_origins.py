"""The owner of a file, however its distribution was installed."""

from __future__ import annotations

import json
import zipfile

import pytest

from resolver import Distribution, Installed, attribute
from resolver.bundle.bundle import bundle_installed
from resolver.installed.system_lists import SystemLists

from .test_attribute import Seen


def owners(world, file, *paths):
    return [each.name for each in world.installed(*paths).owners(file)]


# Eggs

PKG_INFO = "Metadata-Version: 1.2\nName: old\nVersion: 1.0\nRequires-Python: >=3\n"


@pytest.fixture(params=["folder", "zip"])
def egg(world, request):
    """Install an egg `old` and return its path entry."""
    files = {
        "EGG-INFO/PKG-INFO": PKG_INFO,
        "EGG-INFO/requires.txt": "six\n",
        "EGG-INFO/top_level.txt": "old\n",
        "old/__init__.py": "V = 1\n",
    }
    path = world.site / "old-1.0-py3.11.egg"
    if request.param == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return path
    for name, text in files.items():
        world.file(name, text, site=path)
    return path


def test_an_egg_is_a_distribution_with_metadata_and_files(world, egg):
    found = world.installed(egg, world.site).get("old")
    assert str(found.version) == "1.0"
    assert [str(need) for need in found.requires] == ["six"]
    assert found.files == ("old/__init__.py",)
    assert found.provenance == "local"


def test_a_module_in_an_egg_belongs_to_it(world, egg):
    file = str(egg / "old/__init__.py")
    assert owners(world, file, egg, world.site) == ["old"]
    found = attribute([Seen("old", file)], world.installed(egg, world.site))
    assert [(each.distribution.name, each.kind) for each in found.distributions] == [
        ("old", "direct")
    ]


def test_a_wheel_is_made_of_an_egg(world, egg):
    here = world.installed(egg, world.site)
    wheel = bundle_installed(here.get("old"), world.root, here.target).file
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("old/__init__.py") == b"V = 1\n"
        assert b"Requires-Dist: six" in archive.read("old-1.0.dist-info/METADATA")


def test_a_file_of_that_name_that_is_no_egg_holds_nothing(world):
    path = world.file("a.egg", "no zip")
    assert list(Installed([path], world.target())) == []


# Lists that other package managers keep


def test_what_conda_installed_without_record_is_found_in_its_own_list(world):
    prefix = world.folder("prefix")
    site = world.folder("prefix/lib/python3.11/site-packages")
    info = site / "PyYAML-6.0-py3.11.egg-info"
    world.file("PKG-INFO", "Name: PyYAML\nVersion: 6.0\n", site=info)
    file = world.file("_yaml_core.so", site=site)
    program = world.file("bin/yamlize", site=prefix)
    paths = [file, program, str(info / "PKG-INFO")]
    files = [path[len(str(prefix)) + 1 :] for path in paths]
    world.file("conda-meta/history", site=prefix)
    world.file("conda-meta/pyyaml-6.0-0.json", json.dumps({"files": files}), site=prefix)
    world.file("conda-meta/other-1-0.json", json.dumps({"files": []}), site=prefix)
    assert owners(world, file, site) == ["pyyaml"]
    found = world.installed(site).get("pyyaml")
    assert set(found.files) == {
        "_yaml_core.so",
        "../../../bin/yamlize",
        "PyYAML-6.0-py3.11.egg-info/PKG-INFO",
    }


def test_what_debian_installed_is_found_in_its_own_list(world):
    site = world.folder("usr/lib/python3/dist-packages")
    info = site / "six-1.16.0.egg-info"
    file = world.file("sixth.py", site=site)
    world.file("PKG-INFO", "Name: six\nVersion: 1.16.0\n", site=info)
    dpkg = world.folder("dpkg")
    (dpkg / "python3-six.list").write_text(f"/.\n{site}\n{info}\n{info}/PKG-INFO\n{file}\n")
    (dpkg / "python3-other.list").write_text("/.\n")
    lists = SystemLists(str(dpkg))
    assert Distribution(str(info), lists).files == ("six-1.16.0.egg-info/PKG-INFO", "sixth.py")
    assert Distribution(str(world.site / "six-1.0.egg-info"), lists).files == ()


# Where files stand


@pytest.mark.parametrize(
    "path",
    [
        "pip/_vendor/requests/__init__.py",
        "numpy/core/_core.cpython-311-x86_64-linux-gnu.so",
        "numpy.libs/libopenblas.so.0",
        "single.py",
        "Single_Data/data.bin",
    ],
)
def test_a_file_is_its_distributions_wherever_it_stands(world, path):
    world.add("single", files=[path])
    world.add("requests")
    assert owners(world, str(world.site / path)) == ["single"]


@pytest.mark.parametrize("name", ["target", "user/lib/python3.11/site-packages", "dist-packages"])
def test_any_folder_of_the_path_may_hold_distributions(world, name):
    folder = world.folder(name)
    world.add("a", site=folder)
    assert owners(world, str(folder / "a/__init__.py"), folder, world.site) == ["a"]


def test_data_below_the_prefix_is_its_distributions(world):
    info = world.add("a")
    (info / "RECORD").write_text("../share/a/data.txt,,\n")
    file = world.file("share/a/data.txt", site=world.root)
    assert owners(world, file) == ["a"]


def test_a_distribution_without_modules_is_not_attributed(world):
    world.add("meta", files=[], requires=["a"])
    world.add("a")
    found = attribute([Seen("a", str(world.site / "a/__init__.py"))], world.installed())
    assert [each.distribution.name for each in found.distributions] == ["a"]


def test_a_folder_that_was_renamed_by_case_is_still_its_distributions(world):
    world.add("crypto", files=["Crypto/Hash.py"])
    (world.site / "Crypto").rename(world.site / "crypto")
    assert owners(world, str(world.site / "crypto/Hash.py")) == ["crypto"]


def test_another_file_whose_name_differs_by_case_is_nobodys(world):
    world.add("crypto", files=["Crypto/Hash.py"])
    mine = world.file("crypto/Hash.py")
    if not (world.site / "Crypto").samefile(world.site / "crypto"):
        assert owners(world, mine) == []


# What asks for them


@pytest.mark.parametrize("how", ["imported", "ran", "held"])
def test_a_use_of_a_module_counts_as_an_import_of_it(world, how):
    world.add("requests")
    record = Seen("requests", str(world.site / "requests/__init__.py"), how=how)
    (found,) = attribute([record], world.installed()).distributions
    assert found.kind == "direct"


def test_a_module_that_was_taken_out_by_hand_was_asked_for_by_nobody(world):
    world.add("a")
    record = Seen("a", str(world.site / "a/__init__.py"), how="removed")
    (found,) = attribute([record], world.installed()).distributions
    assert found.kind == "optional"


def test_an_optional_one_names_the_extra_that_would_have_asked_for_it(world):
    world.add(
        "pandas",
        requires=[
            "numpy",
            'openpyxl; extra == "excel"',
            'xlrd; extra == "excel"',
            'openpyxl; extra == "all"',
            'xlrd; extra == "all"',
            'lxml; extra == "all"',
        ],
        extras=["excel", "all"],
    )
    for name in ("openpyxl", "lxml", "probed"):
        world.add(name)

    def file(name):
        return str(world.site / name / "__init__.py")

    records = [Seen("pandas", file("pandas"))]
    records += [
        Seen(name, file(name), "pandas", file("pandas"), 1)
        for name in ("openpyxl", "lxml", "probed")
    ]
    found = attribute(records, world.installed()).of_kind("optional")
    assert {each.distribution.name: each.extra for each in found} == {
        "openpyxl": "pandas[excel]",
        "lxml": "pandas[all]",
        "probed": None,
    }


def test_broken_metadata_of_who_asked_names_no_extra(world):
    world.add("host", requires=["a >> 1; extra == 'x'"], extras=["x"])
    world.add("direct")
    world.add("a")
    files = {name: str(world.site / name / "__init__.py") for name in ("host", "a", "direct")}
    records = [
        Seen("direct", files["direct"]),
        Seen("host", files["host"], "direct", files["direct"], 1),
        Seen("a", files["a"], "host", files["host"], 1),
    ]
    found = attribute(records, world.installed()).of_kind("optional")
    assert {each.distribution.name: each.extra for each in found} == {"a": None, "host": None}
