"""Used files of site-packages that no RECORD lists."""

from __future__ import annotations

import pytest

from resolver import FirstParty, attribute

from .test_attribute import Seen, Traced
from .test_touches import Touch


@pytest.fixture
def traced(world):
    return Traced(world)


def told(attribution):
    return {each.name: str(each) for each in attribution.unlisted}


def test_a_module_that_was_put_there_by_hand_is_own_code_and_told(world, traced):
    world.add("a")
    file = world.file("by_hand.py")
    found = traced.attribute(Seen("by_hand", file))
    assert found.first_party == (FirstParty("by_hand", file),)
    assert told(found) == {"by_hand": "no distribution lists it"}


@pytest.mark.parametrize("way", ["imported", "named"])
def test_where_a_list_is_missing_the_suspects_are_told(world, traced, way):
    world.add("PyYAML", "6.0", record=False, files=["yaml/__init__.py", "yaml/nodes.py"])
    names = ["yaml", "yaml.nodes"]
    files = {"yaml": world.site / "yaml/__init__.py", "yaml.nodes": world.site / "yaml/nodes.py"}
    records = [Seen(name, str(files[name])) for name in names] if way == "imported" else []
    found = traced.attribute(*records, named=[] if records else names)
    assert found.distributions == ()
    assert told(found) == {"yaml": "no distribution lists it; perhaps PyYAML 6.0 does"}


def test_a_module_that_a_list_lacks_is_pinned_with_the_list_and_told(world, traced):
    world.add("kiln", files=["kiln/__init__.py"])
    found = traced.attribute(Seen("kiln.gen", world.file("kiln/gen.py")))
    assert [(each.distribution.name, each.kind) for each in found.distributions] == [
        ("kiln", "direct")
    ]
    assert found.first_party == ()
    assert told(found) == {"kiln.gen": "taken for kiln's, whose list of files lacks it"}


def test_what_kept_no_list_and_states_its_names_is_pinned_and_lacks_nothing(world, traced):
    world.add("PyYAML", record=False, files=["yaml/x.py"], beside={"top_level.txt": "yaml\n"})
    found = traced.attribute(Seen("yaml.x", str(world.site / "yaml/x.py")))
    assert [each.distribution.name for each in found.distributions] == ["pyyaml"]
    assert found.unlisted == ()


def test_data_that_a_list_lacks_is_told_and_bytecode_is_not(world, traced):
    world.add("words", files=["words/__init__.py"])
    files = [world.file(f"words/{name}") for name in ("cache.bin", "__pycache__/jit.nbi")]
    touched = [Touch("file", file, importer="model", importer_file="/m.py") for file in files]
    found = traced.attribute(touched=touched)
    assert told(found) == {"words/cache.bin": "taken for words's, whose list of files lacks it"}


def test_code_that_stands_elsewhere_is_not_told(world, traced):
    world.add("PyYAML", record=False, files=[])
    file = world.file("mine.py", site=traced.app)
    assert traced.attribute(Seen("mine", file)).unlisted == ()


def test_listed_modules_and_editable_projects_are_not_told(world, traced):
    world.add("a")
    project = world.folder("project/site-packages-of-mine")
    code = world.file("mine/__init__.py", site=project)
    world.add(
        "mine",
        files={"__editable__.mine-1.0.pth": str(project)},
        direct_url={"url": project.as_uri(), "dir_info": {"editable": True}},
    )
    assert traced.attribute(traced.seen("a"), Seen("mine", code)).unlisted == ()


def test_a_site_that_is_reached_by_a_link_is_one(world, traced):
    world.add("a")
    (world.root / "linked").mkdir()
    link = world.root / "linked/site-packages"
    link.symlink_to(world.site)
    file = world.file("by_hand.py")
    found = attribute([Seen("by_hand", file)], world.installed(link))
    assert told(found) == {"by_hand": "no distribution lists it"}


def test_a_copy_inside_another_distribution_is_that_ones(world, traced):
    inner = world.folder("site-packages/setuptools/_vendor")
    vendored = ["packaging/__init__.py", "packaging-1.0.dist-info/METADATA"]
    world.add("packaging", site=inner)
    world.add(
        "setuptools", files={f"setuptools/_vendor/{file}": "Name: packaging\n" for file in vendored}
    )
    here = world.installed(world.site, inner)
    file = str(inner / "packaging/__init__.py")
    assert [each.name for each in here.owners(file)] == ["setuptools"]
    assert here.get("packaging") is None
    world.add("packaging", "2.0")
    here = world.installed(inner, world.site)
    assert str(here.get("packaging").version) == "2.0"
