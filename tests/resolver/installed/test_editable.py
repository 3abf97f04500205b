"""Editable installs, as the build tools lay them out."""

from __future__ import annotations

import pytest

from resolver import FirstParty, attribute
from resolver.installed.editable import layout, top_modules

from ..attribution.test_attribute import Seen

SETUPTOOLS = """
from __future__ import annotations
import sys
MAPPING: dict[str, str] = {mapping}
NAMESPACES: dict[str, list[str]] = {{'google': ['/']}}
"""
HATCHLING = """
from editables.redirector import RedirectingFinder as F
F.install()
F.map_module({name!r}, {path!r})
"""
SCIKIT_BUILD = """
import os
install({{{name!r}: {path!r}}}, {{'lib': 'lib.so'}}, None, False)
"""


class Shop:
    """A project `harbour` that is being written, and its editable install."""

    def __init__(self, world):
        self.world = world
        self.root = world.folder("project")
        self.code = world.file("code/__init__.py", site=self.root)
        self.draught = world.file("code/draught.py", site=self.root)

    def install(self, files, **values):
        values.setdefault("direct_url", {"url": self.root.as_uri(), "dir_info": {"editable": True}})
        self.world.add("harbour", "0.2.0", files=files, **values)
        return self.world.get("harbour")

    def attribute(self, *records, **values):
        here = self.world.installed(self.world.site)
        return attribute(records, here, stdlib=[str(self.world.stdlib)], **values)


@pytest.fixture
def shop(world):
    return Shop(world)


FINDERS = {
    "setuptools": lambda path: SETUPTOOLS.format(mapping={"harbour": path.rpartition("/")[0]}),
    "hatchling": lambda path: HATCHLING.format(name="harbour", path=path),
    "scikit-build": lambda path: SCIKIT_BUILD.format(name="harbour", path=path),
}


STARTS = {
    "by a path file": {
        "__editable__.harbour-0.2.0.pth": "import _harbour_finder; _harbour_finder.install()",
    },
    "by a start file": {
        "__editable__.harbour-0.2.0.start": "# PEP 829\n_harbour_finder:install\n",
    },
    "by both": {
        "__editable__.harbour-0.2.0.pth": "import _harbour_finder; _harbour_finder.install()",
        "__editable__.harbour-0.2.0.start": "_harbour_finder:install\n",
    },
}


@pytest.mark.parametrize("starts", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("finder", FINDERS.values(), ids=FINDERS)
def test_an_import_hook_is_read_whoever_wrote_it(shop, finder, starts):
    project = shop.install({**starts, "_harbour_finder.py": finder(shop.code)})
    assert list(layout(project).roots) == [str(shop.root / "code")]
    assert top_modules(project) == (("harbour", shop.code),)
    found = shop.attribute(
        Seen("harbour", shop.code), Seen("harbour.draught", shop.draught, "harbour", shop.code)
    )
    assert found.distributions == ()
    (only,) = found.projects
    assert only.distribution == project
    assert [each.module for each in only.modules] == ["harbour", "harbour.draught"]
    assert not only.is_compiled
    assert found.first_party == only.modules


@pytest.mark.parametrize("starts", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize(
    ("name", "compiled"), [("fast.cpython-311-x86_64-linux-gnu.so", True), ("_version.py", False)]
)
def test_what_was_built_into_site_packages_is_code_of_the_project(shop, name, compiled, starts):
    """scikit-build-core leaves sources where they are, and installs what it makes of them."""
    files = {**starts, "_harbour_finder.py": SCIKIT_BUILD.format(name="harbour", path=shop.code)}
    project = shop.install({**files, f"harbour/{name}": ""})
    site = shop.world.site
    module = f"harbour.{name.partition('.')[0]}"
    found = shop.attribute(
        Seen("_harbour_finder", str(site / "_harbour_finder.py")),
        Seen("harbour", shop.code),
        Seen(module, str(site / "harbour" / name), "harbour", shop.code),
    )
    assert found.distributions == ()
    (only,) = found.projects
    assert only.distribution == project
    assert [each.module for each in only.modules] == ["harbour", module]
    assert only.is_compiled == compiled


@pytest.mark.parametrize("starts", STARTS.values(), ids=STARTS)
def test_a_hook_is_no_code_of_the_project_where_an_installer_made_links(shop, tmp_path, starts):
    files = {**starts, "_harbour_finder.py": SCIKIT_BUILD.format(name="harbour", path=shop.code)}
    shop.install(files)
    hook = shop.world.site / "_harbour_finder.py"
    cached = hook.rename(tmp_path / "cached_harbour_finder.py")
    try:
        hook.symlink_to(cached)
    except OSError:
        pytest.skip("no links can be made here")
    found = shop.attribute(Seen("_harbour_finder", str(hook)), Seen("harbour", shop.code))
    (only,) = found.projects
    assert [each.module for each in only.modules] == ["harbour"]


def test_a_path_file_is_read(shop):
    project = shop.install({"_harbour.pth": f"# a comment\n{shop.root}\n\n/is/not/there\n"})
    assert layout(project).folders == (str(shop.root),)


def test_where_nothing_tells_it_is_the_whole_project(shop):
    project = shop.install({"_harbour.pth": "import _harbour_loader", "_harbour_loader.py": "?"})
    assert layout(project).folders == (str(shop.root),)


def test_what_setup_py_develop_linked_is_a_project(shop):
    shop.world.file("harbour.egg-info/PKG-INFO", "Name: harbour\nVersion: 0.2.0\n", site=shop.root)
    code = shop.world.file("harbour.py", site=shop.root)
    here = shop.world.installed(shop.world.site, shop.root)
    assert attribute([Seen("harbour", code)], here).projects == ()  # it is just on the path
    shop.world.file("harbour.egg-link", f"{shop.root}\n.")
    here = shop.world.installed(shop.world.site, shop.root)
    (found,) = attribute([Seen("harbour", code)], here).projects
    assert found.distribution.name == "harbour"
    assert found.distribution.provenance == "editable"


def test_an_environment_in_the_folder_of_a_project_is_no_code_of_it(shop):
    shop.install({"_harbour.pth": str(shop.root)})
    stray = shop.world.file(".venv/lib/site-packages/stray.py", site=shop.root)
    assert shop.attribute(Seen("stray", stray)).projects == ()


@pytest.mark.parametrize(
    ("module", "file"),
    [("helpers", "scripts/helpers.py"), ("own.clock", "notebooks/own/clock.py")],
)
def test_what_a_script_has_beside_it_is_no_code_of_its_project(shop, module, file):
    shop.install({"_harbour.pth": str(shop.root)}, requires=["numpy"])
    shop.world.add("numpy")
    beside = shop.world.file(file, site=shop.root)
    found = shop.attribute(Seen(module, beside))
    assert found.projects == ()
    assert found.first_party == (FirstParty(module, beside, None),)


def test_where_nothing_tells_the_code_is_anywhere_in_the_project(shop):
    shop.install({"_harbour.pth": "import _harbour_loader", "_harbour_loader.py": "?"})
    file = shop.world.file("lib/harbour/draught.py", site=shop.root)
    (found,) = shop.attribute(Seen("harbour.draught", file)).projects
    assert [each.module for each in found.modules] == ["harbour.draught"]


def test_a_module_under_another_name_is_of_the_project_that_has_its_file(shop):
    shop.install({"_harbour.pth": str(shop.root)})
    (found,) = shop.attribute(Seen("plugin_7", shop.draught)).projects
    assert [each.file for each in found.modules] == [shop.draught]


def test_of_projects_in_each_other_the_innermost_owns_the_file(shop):
    shop.install({"_harbour.pth": str(shop.root)})
    inner = shop.world.folder("project/inner")
    shop.world.add(
        "inner",
        files={"_inner.pth": str(inner)},
        direct_url={"url": inner.as_uri(), "dir_info": {"editable": True}},
    )
    file = shop.world.file("inner.py", site=inner)
    (found,) = shop.attribute(Seen("inner", file)).projects
    assert found.distribution.name == "inner"


def test_a_project_that_another_distribution_requires_says_so(shop):
    shop.install({"_harbour.pth": str(shop.root)}, beside={"top_level.txt": "code\n"})
    shop.world.add("host", requires=["harbour"])
    host = str(shop.world.site / "host/__init__.py")
    (found,) = shop.attribute(Seen("host", host)).projects
    assert found.required
    assert found.modules == (FirstParty("code", shop.code, found.distribution),)


def test_what_a_project_requires_is_declared(shop):
    shop.install({"_harbour.pth": str(shop.root)}, requires=["numpy>=1"])
    shop.world.add("numpy")
    shop.world.add("probes")
    numpy = str(shop.world.site / "numpy/__init__.py")
    probes = str(shop.world.site / "probes/__init__.py")
    found = shop.attribute(
        Seen("code", shop.code),
        Seen("probes", probes, "code", shop.code, 1),
        Seen("numpy", numpy, "probes", probes, 1),
    )
    kinds = {each.distribution.name: each.kind for each in found.distributions}
    assert kinds == {"numpy": "declared", "probes": "direct"}
    assert not found.projects[0].required


@pytest.mark.parametrize(
    ("direct", "version", "expected"),
    [
        (None, "1.0", "index"),
        (None, "1.0+cpu", "label"),
        ({"url": "file:///x/a.whl", "archive_info": {}}, "1.0", "local"),
        ({"url": "file:///x", "dir_info": {}}, "1.0", "local"),
        ({"url": "file:///x", "vcs_info": {"vcs": "git", "commit_id": "ab"}}, "1.0", "local"),
        ({"url": "https://host/a.whl", "archive_info": {}}, "1.0+cpu", "reference"),
        ({"url": "ssh://git@host/a", "vcs_info": {"vcs": "git"}}, "1.0", "reference"),
        ({"url": "file:///x", "dir_info": {"editable": True}}, "1.0", "editable"),
    ],
)
def test_the_record_says_where_a_distribution_came_from(world, direct, version, expected):
    world.add("a", version, direct_url=direct)
    assert world.get("a").provenance == expected
