"""Owners of unlisted files: names, system lists, folders, suspects."""

from __future__ import annotations

import json

import pytest

from resolver import Distribution
from resolver.installed.core_metadata import read_headers, read_import_names
from resolver.installed.ownership import Ownership
from resolver.installed.system_lists import SystemLists


def stating(name, *lines):
    """Write metadata of version 2.5 that names modules."""
    head = ["Metadata-Version: 2.5", f"Name: {name}", "Version: 1.0", *lines]
    return {"METADATA": "\n".join([*head, "", "Import-Name: prose", ""])}


def whose(world, file):
    """Say whose a file is that was put there after all were installed, and whose it may be."""
    found = world.installed().whose(world.file(file))
    assert not found.listed
    return [each.name for each in found.owners], [each.name for each in found.suspects]


# Import-Name and Import-Namespace (PEP 794)


@pytest.mark.parametrize(
    ("lines", "names", "namespaces"),
    [
        (["Import-Name: foo ; private"], ["foo"], []),
        (["Import-Name: foo;private", "import-name: foo.bar"], ["foo", "foo.bar"], []),
        (["Import-Name: a.b", "Import-Namespace: a"], ["a.b"], ["a"]),
        (["Import-Namespace: a ; private"], [], ["a"]),
        (["Import-Name: a", "Import-Namespace: a"], [], ["a"]),
        (["Import-Name:"], [], []),
        (["Import-Name: ../a", "Import-Name: /a", "Import-Name: a..b"], [], []),
    ],
)
def test_metadata_names_modules(lines, names, namespaces):
    found = read_import_names(read_headers("\n".join(lines)))
    assert found == (tuple(names), tuple(namespaces))


def test_metadata_that_names_no_module_says_nothing():
    assert read_import_names(read_headers("Name: a\n\nImport-Name: prose")) is None


@pytest.mark.parametrize("line", ["Import-Name: foo ; private", "Import-Name: foo"])
def test_a_module_is_of_who_states_its_name(world, line):
    world.add("other", record=False, files=["foo_/x.py"])
    world.add("bar", record=False, files=["bar.py"], beside=stating("bar", line))
    assert whose(world, "foo/__init__.py") == (["bar"], [])
    assert whose(world, "foo/deep/x.cpython-311-x86_64-linux-gnu.so") == (["bar"], [])
    assert whose(world, "foo.so") == (["bar"], [])
    assert whose(world, "food.py")[0] == []


@pytest.mark.parametrize("file", ["foo/__init__.py", "foo.cpython-311-x86_64-linux-gnu.so"])
def test_a_whole_module_that_is_stated_counts_as_listed(world, file):
    line = "Import-Name: foo"
    world.add("bar", files=["bar.py"], beside=stating("bar", line, "Import-Name: bar"))
    path = world.file(file)
    owned = world.installed().whose(path)
    assert ([each.name for each in owned.owners], owned.listed) == (["bar"], True)
    assert file in world.get("bar").files
    assert whose(world, "bar/later.py") == (["bar"], [])


def test_what_its_metadata_names_is_all_that_one_without_record_has(world):
    world.add("bar", record=False, files=["bar.py"], beside=stating("bar", "Import-Name: foo"))
    assert whose(world, "bar.py") == ([], ["bar"])
    world.file("foo/x.py")
    assert world.get("bar").files == ("bar-1.0.dist-info/METADATA", "foo/x.py")


def test_an_empty_name_says_that_there_are_no_modules(world):
    world.add("bar", record=False, files=["bar.py"], beside=stating("bar", "Import-Name:"))
    assert whose(world, "bar.py") == ([], [])
    assert world.get("bar").files == ("bar-1.0.dist-info/METADATA",)


def test_a_namespace_is_told_apart_by_what_is_each_ones_alone(world):
    for name in ("search", "store"):
        lines = (f"Import-Name: azure.{name}", "Import-Namespace: azure")
        world.add(f"azure-{name}", record=False, files=[], beside=stating(f"azure-{name}", *lines))
    assert whose(world, "azure/search/x.py") == (["azure-search"], [])
    assert whose(world, "azure/store.py") == (["azure-store"], [])
    assert whose(world, "azure/mine.py") == ([], ["azure-search", "azure-store"])


def test_a_namespace_that_one_alone_has_is_its(world):
    lines = ("Import-Name: azure.search", "Import-Namespace: azure")
    world.add("azure-search", record=False, files=[], beside=stating("azure-search", *lines))
    assert whose(world, "azure/later.py") == (["azure-search"], [])


def test_the_innermost_package_that_is_named_decides(world):
    world.add("host", record=False, files=[], beside=stating("host", "Import-Name: host"))
    line = "Import-Name: host.plugin"
    world.add("plugin", record=False, files=[], beside=stating("plugin", line))
    assert whose(world, "host/plugin/x.py") == (["plugin"], [])
    assert whose(world, "host/x.py") == (["host"], [])


def test_the_newer_field_comes_before_top_level(world):
    world.add("old", files=[], beside={"top_level.txt": "foo\n"})
    world.add("new", files=[], beside=stating("new", "Import-Name: foo"))
    here = world.installed()
    assert here.owners(world.file("foo.py")) == (here.get("new"),)


# top_level.txt, lists of systems


def test_a_record_that_omits_a_module_is_made_up_for_by_top_level(world):
    world.add("kiln", files=["kiln/__init__.py"], beside={"top_level.txt": "kiln\nkiln_gen\n"})
    world.add("other")
    here = world.installed()
    assert here.owners(world.file("kiln_gen.py")) == (here.get("kiln"),)


def test_a_namespace_that_several_state_is_its_who_has_that_folder(world):
    names = {"top_level.txt": "google\n"}
    world.add("google-auth", files=["google/auth/__init__.py"], beside=names)
    world.add("google-api", files=["google/api/__init__.py"], beside=names)
    assert whose(world, "google/auth/gen.py") == (["google-auth"], [])
    assert whose(world, "google/gen.py") == ([], ["google-api", "google-auth"])


def system_lists(world, package, *files):
    folder = world.folder("dpkg")
    (folder / f"{package}.list").write_text("/.\n" + "".join(f"{file}\n" for file in files))
    return SystemLists(str(folder))


def test_debian_lists_what_it_brought_together(world):
    site = world.folder("usr/lib/python3/dist-packages")
    info = world.add("kiln", site=site)
    gen = world.file("_gen.py", site=site)
    lone = world.file("lone.so", site=site)
    lists = system_lists(world, "python3-kiln:amd64", gen, info)
    system_lists(world, "libkiln", lone)
    bare = world.add("bare", site=site, record=False, files=[])
    members = [Distribution(str(each), lists) for each in (bare, info)]
    owned = Ownership(members, lists).whose(gen)
    assert ([each.name for each in owned.owners], owned.listed) == (["kiln"], False)
    owned = Ownership(members, lists).whose(lone)
    assert (owned.owners, owned.suspects, owned.package) == ((), (), "Debian's libkiln")


def test_conda_lists_what_it_brought_together(world):
    prefix = world.folder("prefix")
    site = world.folder("prefix/lib/python3.11/site-packages")
    info = world.add("kiln", site=site)
    files = [world.file("deep/er/than/that/_gen.py", site=site), world.file("cv2.so", site=site)]
    for package, paths in (("kiln-gen-1.0-py_0", [files[0], info]), ("py-cv-4-0", [files[1]])):
        inside = [str(path)[len(str(prefix)) + 1 :] for path in paths]
        world.file(f"conda-meta/{package}.json", json.dumps({"files": inside}), site=prefix)
    here = world.installed(site)
    assert here.whose(files[0]).owners == (here.get("kiln"),)
    owned = here.whose(files[1])
    assert (owned.owners, owned.package) == ((), "conda's py-cv")


# Folders


def test_a_module_beside_those_of_one_distribution_is_its(world):
    world.add("a", files=["a/__init__.py", "a/sub/x.py"])
    world.add("b")
    assert whose(world, "a/gen.py") == (["a"], [])
    assert whose(world, "a/sub/gen.py") == (["a"], [])
    assert whose(world, "a/new/gen.py") == (["a"], [])


def test_a_package_is_whose_its_initial_module_is(world):
    world.add("airflow", files=["airflow/__init__.py"])
    world.add("airflow-aws", files=["airflow/providers/aws.py"])
    assert whose(world, "airflow/gen.py") == (["airflow"], [])
    assert whose(world, "airflow/providers/gen.py") == (["airflow-aws"], [])
    world.add("flow", files=["flow/__init__.py"])
    world.add("flow-skinny", files=["flow/__init__.py"])
    assert whose(world, "flow/gen.py") == (["flow", "flow-skinny"], [])


def test_data_in_a_package_is_its_distributions(world):
    world.add("words", files=["words/__init__.py"])
    assert whose(world, "words/data/cache.bin") == (["words"], [])


# Suspects


def test_who_kept_no_list_and_names_nothing_that_is_there_is_suspected(world):
    world.add("PyYAML", record=False, files=[])
    world.add("attrs", record=False, files=["attrs/__init__.py"])
    world.add("six", record=False, files=["six.py"], beside={"top_level.txt": "six\n"})
    world.add("listed")
    world.add("meta", files=[], requires=["listed"])
    assert whose(world, "yaml/__init__.py") == ([], ["pyyaml", "attrs"])


def test_who_lists_nothing_of_what_it_states_is_suspected(world):
    world.add("kiln", files=[], beside={"top_level.txt": "_kiln\n"})
    world.add("listed", files=["listed.py"], beside={"top_level.txt": "listed\n"})
    assert whose(world, "kiln_gen.py") == ([], ["kiln"])


def test_where_all_is_listed_nobody_is_suspected(world):
    world.add("a")
    assert whose(world, "by_hand.py") == ([], [])


def test_what_stands_elsewhere_is_nobodys(world):
    world.add("PyYAML", record=False, files=[])
    found = world.installed().whose(world.file("yaml.py", site=world.folder("app")))
    assert (found.owners, found.suspects, found.listed) == ((), (), False)
