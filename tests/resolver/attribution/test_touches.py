"""Touches as evidence: files, libraries, programs, metadata."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import pytest

from resolver import attribute

from .test_attribute import Traced


@dataclass(frozen=True)
class Touch:
    """What a trace says of something that was touched."""

    kind: str
    name: str
    phase: str = "predict"
    importer: str | None = None
    importer_file: str | None = None
    line: int | None = None


class Touching(Traced):
    """Write what was touched as `name <- importer`."""

    def touch(self, kind, name, by="model", line=7, **values):
        file = str(self.app / "model.py") if by == "model" else self.file(by)
        return Touch(
            kind, os.path.normpath(name), importer=by, importer_file=file, line=line, **values
        )

    def named(self, name, by="model", line=7):
        return replace(self.touch("metadata", "-", by, line), name=name)

    def evidence(self, *touched, imports=()):
        """Attribute; return of each distribution its kind and evidence."""
        found = self.attribute(*imports, touched=touched).distributions
        return {each.distribution.name: (each.kind, shown(each)) for each in found}


def shown(attributed):
    return [f"{each.kind} {each.name} {each.place}" for each in attributed.evidence]


@pytest.fixture
def touching(world):
    return Touching(world)


# Wherever the file lies


@pytest.mark.parametrize(
    ("kind", "listed", "shown"),
    [
        ("library", "runtime/libkiln.so", "runtime/libkiln.so"),
        ("library", "../libmpi.so.12", "libmpi.so.12"),
        ("program", "../../bin/ruff", "bin/ruff"),
        ("program", "../../Scripts/ruff.exe", "Scripts/ruff.exe"),
        ("file", "words/de.dic", "words/de.dic"),
        ("file", "../../share/words/de.dic", "share/words/de.dic"),
        ("file", "../../include/mpi.h", "include/mpi.h"),
        ("file", "with,comma/a b.txt", "with,comma/a b.txt"),
    ],
)
def test_a_file_is_evidence_of_who_lists_it(world, touching, kind, listed, shown):
    world.add("host")
    info = world.add("kiln-runtime", files=[listed])
    row = f'"{listed}",,\n' if "," in listed else f"{listed},,\n"
    (info / "RECORD").write_text(row)
    found = touching.evidence(
        touching.touch(kind, world.site / listed, by="host"), imports=[touching.seen("host")]
    )
    assert found["kiln-runtime"] == ("optional", [f"{kind} {shown} host/__init__.py:7"])
    assert found["host"] == ("direct", ["module host the model"])


def test_an_absolute_path_in_the_list_is_found(world, touching):
    world.add("host")
    file = world.file("etc/host.conf", site=world.root)
    info = world.add("conf", files=[])
    (info / "RECORD").write_text(f"{file},,\n")
    assert touching.evidence(touching.touch("file", file))["conf"] == (
        "optional",
        ["file host.conf model.py:7"],
    )


@pytest.mark.parametrize("listed", ["libmpi.so.12", "libmpi.so.12.4.0"])
@pytest.mark.parametrize("touched", ["libmpi.so.12", "libmpi.so.12.4.0"])
def test_a_library_and_a_link_to_it_are_one(world, touching, listed, touched):
    info = world.add("mpich", files={"../libmpi.so.12.4.0": "code"})
    (world.site / "../libmpi.so.12").symlink_to("libmpi.so.12.4.0")
    (info / "RECORD").write_text(f"../{listed},,\n")
    found = touching.evidence(touching.touch("library", world.site / f"../{touched}"))
    assert found["mpich"][0] == "optional"


@pytest.mark.parametrize("spelled", ["lib", "lib64"])
@pytest.mark.parametrize("touched", ["lib", "lib64"])
def test_a_folder_that_is_a_link_is_seen_from_both_sides(world, touching, spelled, touched):
    site = world.folder("env/lib/python3.11/site-packages")
    (world.root / "env/lib64").symlink_to("lib")
    world.add("tool", files={"../../libtool.so": "", "tool/data": ""}, site=site)
    here = world.installed(world.root / f"env/{spelled}/python3.11/site-packages")
    for name in ("libtool.so", "python3.11/site-packages/tool/data"):
        touch = touching.touch("file", world.root / f"env/{touched}/{name}")
        (found,) = attribute([], here, touched=[touch]).distributions
        assert found.distribution.name == "tool"


def test_an_environment_that_is_reached_by_a_link_is_one(world, touching):
    site = world.folder("env/lib/python3.11/site-packages")
    (world.root / "current").symlink_to("env")
    world.add("tool", files={"../../../bin/tool": ""}, site=site)
    here = world.installed(world.root / "current/lib/python3.11/site-packages")
    touch = touching.touch("program", world.root / "env/bin/tool")
    (found,) = attribute([], here, touched=[touch]).distributions
    assert found.evidence[0].name == "bin/tool"


def test_files_that_are_links_to_an_installers_store_are_its_distributions(world, touching):
    store = world.folder("store/one")
    info = world.add("mpich", files={"mpich/data.bin": "", "../libmpi.so": ""})
    for listed, kept in (
        ("mpich/data.bin", "mpich/data.bin"),
        ("../libmpi.so", "mpich-1.0.data/data/lib/libmpi.so"),
        (f"{info.name}/METADATA", f"{info.name}/METADATA"),
    ):
        there = world.site / listed
        world.file(kept, there.read_text(), site=store)
        there.unlink()
        there.symlink_to(store / kept)
    found = touching.evidence(
        touching.touch("library", store / "mpich-1.0.data/data/lib/libmpi.so"),
        touching.touch("file", store / "mpich/data.bin"),
    )
    assert found["mpich"][1] == ["file data.bin model.py:7", "library libmpi.so model.py:7"]


def test_what_pip_put_beside_a_folder_that_it_was_told_is_found_in_it(world, touching):
    info = world.add("ruff", files={"bin/ruff": ""})
    (info / "RECORD").write_text("../../bin/ruff,,\n")
    found = touching.evidence(touching.touch("program", world.site / "bin/ruff"))
    assert found["ruff"] == ("optional", ["program bin/ruff model.py:7"])


def test_files_of_nobody_and_kinds_without_owner_are_no_evidence(world, touching):
    world.add("host")
    file = world.file("data.csv", site=touching.app)
    assert (
        touching.evidence(
            touching.touch("file", file),
            touching.touch("program", "/usr/bin/env"),
            replace(touching.touch("file", file), kind="host", name="h.test:443"),
            replace(touching.touch("file", file), kind="unseen", name="perl"),
        )
        == {}
    )


# Metadata


@pytest.mark.parametrize("name", ["lathe-bits", "Lathe_Bits", "LATHE.BITS"])
def test_metadata_that_is_looked_up_by_name_is_evidence(world, touching, name):
    world.add("lathe-bits")
    found = touching.evidence(touching.named(name), touching.named("absent"))
    assert found == {"lathe-bits": ("optional", [f"metadata {name} model.py:7"])}


def scan(world, touching, count, asked, line=7):
    for number in range(count):
        world.add(f"d{number}")
    return touching.evidence(*(touching.named(f"d{n}", line=line) for n in range(asked)))


@pytest.mark.parametrize(
    ("count", "asked", "is_scan"),
    [(5, 5, True), (10, 10, True), (10, 8, True), (10, 7, False), (4, 4, False), (40, 20, False)],
)
def test_a_place_that_looks_through_all_is_no_evidence_of_each(
    world, touching, count, asked, is_scan
):
    assert len(scan(world, touching, count, asked)) == (0 if is_scan else asked)


def test_what_is_looked_up_elsewhere_too_is_evidence_all_the_same(world, touching):
    world.add("wanted")
    scanned = scan(world, touching, 8, 8)
    assert scanned == {}
    every = [touching.named(name) for name in ("wanted", *(f"d{n}" for n in range(8)))]
    found = touching.evidence(*every, touching.named("wanted", line=30))
    assert found == {"wanted": ("optional", ["metadata wanted model.py:30"])}


def test_names_that_are_not_installed_make_no_scan(world, touching):
    world.add("a")
    world.add("b")
    names = [touching.named(name) for name in ("a", "b", *(f"absent{n}" for n in range(9)))]
    assert set(touching.evidence(*names)) == {"a", "b"}


def test_metadata_of_an_editable_install_travels_with_its_project(world, touching):
    project = world.folder("project")
    world.file("mine/__init__.py", site=project)
    world.add(
        "mine",
        files={"__editable__.mine-1.0.pth": str(project)},
        direct_url={"url": project.as_uri(), "dir_info": {"editable": True}},
    )
    found = touching.attribute(touched=[touching.named("mine")])
    assert found.distributions == ()
    assert [(each.distribution.name, each.ran) for each in found.projects] == [("mine", False)]


# Kinds


def test_what_a_distribution_uses_of_its_own_is_no_evidence(world, touching):
    world.add("a", files=["a/__init__.py", "a/data.bin"])
    own = [touching.touch("file", world.site / "a/data.bin", by="a"), touching.named("a", by="a")]
    assert touching.evidence(*own) == {}
    assert touching.evidence(*own, imports=[touching.seen("a")]) == {
        "a": ("direct", ["module a the model"])
    }


def test_what_nobody_asked_for_is_evidence_only_of_what_was_not_imported(world, touching):
    world.add("a", files=["a/__init__.py", "a.libs/libblas.so"])
    world.add("b", files=["b.libs/libblas.so"])
    loose = [Touch("library", str(world.site / f"{name}.libs/libblas.so")) for name in "ab"]
    assert touching.evidence(*loose, imports=[touching.seen("a")]) == {
        "a": ("direct", ["module a the model"]),
        "b": ("optional", ["library b.libs/libblas.so the model"]),
    }


def test_touching_makes_nothing_direct_and_takes_nothing_from_it(world, touching):
    world.add("a", requires=["b"])
    for name in "bcd":
        world.add(name, files=[f"{name}/__init__.py", f"{name}/data"])
    touched = [touching.touch("file", world.site / f"{name}/data") for name in "bcd"]
    imports = [touching.seen("a"), touching.seen("d", phase="input")]
    kinds = {name: kind for name, (kind, _) in touching.evidence(*touched, imports=imports).items()}
    assert kinds == {"a": "direct", "b": "declared", "c": "optional", "d": "input"}


def test_the_import_is_shown_first_and_then_few_of_each_kind(world, touching):
    files = [f"a/data{number}" for number in range(9)]
    world.add("a", files=["a/__init__.py", *files, "../../bin/a"])
    world.add("host")
    touched = [touching.touch("file", world.site / file, by="host") for file in files]
    touched += [touching.named("a", by="host")]
    touched += [touching.touch("program", world.site / "../../bin/a", by="host")]
    imports = [touching.seen("host"), touching.seen("a", by="host", line=2)]
    assert touching.evidence(*touched, imports=imports)["a"][1] == [
        "module a host/__init__.py:2",
        *(f"file a/data{number} host/__init__.py:7" for number in range(3)),
        "program bin/a host/__init__.py:7",
        "metadata a host/__init__.py:7",
    ]


@pytest.mark.parametrize(
    ("phases", "of_input"), [(["input"], True), (["input", "predict"], False), (["load"], False)]
)
def test_what_only_the_example_touched_is_told_apart(world, touching, phases, of_input):
    world.add("a", files=["a/data"])
    touched = [touching.touch("file", world.site / "a/data", phase=phase) for phase in phases]
    for order in (touched, touched[::-1]):
        (found,) = touching.attribute(touched=order).distributions
        assert found.kind == "optional"
        assert [each.of_input for each in found.evidence] == [of_input]


def test_an_extra_of_who_asked_is_named(world, touching):
    world.add("mpi4py", requires=['mpich; extra == "mpi"'], extras=["mpi"])
    world.add("mpich", files=["mpich/libmpi.so"])
    touch = touching.touch("library", world.site / "mpich/libmpi.so", by="mpi4py")
    found = touching.attribute(touching.seen("mpi4py"), touched=[touch]).of_kind("optional")
    assert [each.extra for each in found] == ["mpi4py[mpi]"]
