"""Source distributions: read where they state metadata, else named."""

from __future__ import annotations

import gzip
import os
import tarfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from resolver import ConflictError, Target, UnbuiltError, merge, resolve
from resolver.bundle.build_wheel import WheelBuilder
from resolver.bundle.keeping import keep_whole
from resolver.errors import BuildError
from resolver.search.unbuilt import Unbuilt
from resolver.sources.contents.archives import hold_sizes
from resolver.sources.contents.sdists import read_project
from resolver.sources.wheels import WheelFolder

from .index_server import answer, pins, wheel

LARGE = Random(0).randbytes(9_000_000)


def refused(world, source, *lines):
    with pytest.raises(UnbuiltError) as caught:
        answer(world, [source], *lines)
    return caught.value


def looked_at(index):
    return [path for path in index.asked if path.endswith((".tar.gz", ".whl"))]


# Read


def test_one_that_states_its_metadata_is_chosen_with_a_note(index, source, world):
    index.add_source("a", "1.0", "b", dynamic=["Description"])
    index.add("b", "1.0")
    found = answer(world, [source], "a")
    assert pins(found) == ["a==1.0", "b==1.0"]
    assert found.notes == (
        "a 1.0 is there as a source distribution only: who installs it has to build it",
    )
    assert found.pins[0].artifacts[0].file == "a-1.0.tar.gz"


def test_metadata_that_an_index_has_beside_it_is_read_in_its_place(index, source, world):
    index.add_source("a", "1.0", form="1.1", offered=True)
    index.files["a-1.0.tar.gz.metadata"] = b"Metadata-Version: 2.4\nName: a\nRequires-Dist: b\n"
    index.add("b", "1.0")
    assert pins(answer(world, [source], "a")) == ["a==1.0", "b==1.0"]
    assert "/files/a-1.0.tar.gz" not in index.asked


def test_what_an_index_has_beside_it_is_not_believed_where_it_is_not_final(index, source, world):
    index.add_source("a", "1.0", "b", offered=True)
    index.files["a-1.0.tar.gz.metadata"] = b"Metadata-Version: 1.1\nName: a\n"
    index.add("b", "1.0")
    assert pins(answer(world, [source], "a")) == ["a==1.0", "b==1.0"]


PROJECT = b"""
[project]
name = "a"
version = "1.0"
dependencies = ["b", "c; python_version > '2'", "d; python_version < '3'"]
optional-dependencies = {e_e = ["e; python_version > '2' or os_name == 'x'"]}
"""


@pytest.mark.parametrize("line", ["a", "a[e-e]"])
def test_the_table_of_a_project_states_what_old_metadata_cannot(index, source, world, line):
    index.add_source("a", "1.0", form="2.1", **{"pyproject.toml": PROJECT})
    for name in "bcde":
        index.add(name, "1.0")
    expected = [f"{line}==1.0", "b==1.0", "c==1.0", *(["e==1.0"] if "[" in line else [])]
    assert pins(answer(world, [source], line)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[build-system]",
        "[project]\nname = 'a'\ndynamic = ['dependencies']",
        "[project]\nname = 'a'\ndynamic = ['optional-dependencies', 'version']",
        "[project]\nname = 'a'\ndependencies = 'b'\noptional-dependencies = ['c']",
        "no = toml = at all",
        "project = 'a'",
        "[project]\noptional-dependencies = {x = ['not a [requirement']}",
    ],
)
def test_a_table_that_leaves_something_to_the_build_says_nothing(text):
    assert read_project(text) is None


def test_of_a_large_archive_no_more_than_the_beginning_is_read(index, source, world):
    index.add_source("a", "1.0", "b", **{"data.bin": LARGE})
    index.add("b", "1.0")
    assert pins(answer(world, [source], "a")) == ["a==1.0", "b==1.0"]
    index.add_source("c", "1.0", first={"data.bin": LARGE})
    (unbuilt,) = refused(world, source, "c").unbuilt
    assert unbuilt.reason == "it has no PKG-INFO"


def test_a_zip_is_read_as_well(index, source, world, tmp_path):
    index.add("a", "1.0", file="a-1.0.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a-1.0/pyproject.toml", PROJECT)
        archive.writestr("a-1.0/PKG-INFO", "Metadata-Version: 2.2\nName: a\nRequires-Dist: b\n")
    index.files["a-1.0.zip"] = (tmp_path / "a.zip").read_bytes()
    index.add("b", "1.0")
    assert pins(answer(world, [source], "a")) == ["a==1.0", "b==1.0"]


def test_what_is_no_archive_is_passed_over(index, source, world):
    index.add_source("a", "1.0", "b")
    index.add_source("a", "2.0")
    index.files["a-2.0.tar.gz"] = b"not at all"
    index.add("b", "1.0")
    assert pins(answer(world, [source], "a")) == ["a==1.0", "b==1.0"]


def test_a_wheel_for_another_platform_says_what_its_source_does_not(index, source, world):
    index.add_source("a", "1.0", form="1.1")
    index.add("a", "1.0", tag="cp27-cp27m-win32", requires=["b"])
    index.add("b", "1.0")
    found = answer(world, [source], "a")
    assert pins(found) == ["a==1.0", "b==1.0"]
    assert [file.file for file in found.pins[0].artifacts] == ["a-1.0.tar.gz"]


# Not to be read


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"form": "2.1"}, "metadata 2.1 does not say what is final"),
        ({"form": "1.1"}, "metadata 1.1 does not say what is final"),
        ({"dynamic": ["Requires-Dist"]}, "its requires-dist is dynamic"),
        ({"form": "2.1", "pyproject.toml": b"[project]\ndynamic=['dependencies']"}, "2.1 does not"),
    ],
)
def test_one_that_leaves_it_to_a_build_is_named_with_who_wants_it(
    index, source, world, about, reason
):
    index.add("a", "1.0", requires=["b>=1"])
    index.add_source("b", "1.0", **about)
    error = refused(world, source, "a")
    assert error.names == ("b",)
    head, said, *ways = str(error).splitlines()
    assert head.startswith("there is a source distribution only")
    assert said.startswith("- b 1.0 (")
    assert reason in said
    assert said.endswith("; asked for by pip_requirements[0]: a, a requires b>=1")
    assert "pip wheel --no-deps -w wheels b==1.0" in "\n".join(ways)
    assert len(ways) == 3


def test_all_of_them_are_named_at_once(index, source, world):
    index.add("a", "1.0", requires=["b", "c"])
    for name in "bc":
        index.add_source(name, "1.0", form="1.1")
    assert refused(world, source, "a").names == ("b", "c")


def test_an_old_release_that_has_to_be_built_is_no_way_round_a_conflict(index, source, world):
    index.add_source("a", "1.0", form="1.1")
    index.add("a", "2.0", requires=["b<2"])
    index.add("b", "1.0")
    index.add("b", "2.0")
    index.add("c", "1.0", requires=["a"])
    index.add("c", "2.0", requires=["a", "b>=2"])
    assert pins(answer(world, [source], "c")) == ["a==2.0", "b==1.0", "c==1.0"]
    with pytest.raises(ConflictError) as caught:
        answer(world, [source], "c>=2")
    assert not isinstance(caught.value, UnbuiltError)
    assert "before they are built (--build): a 1.0." in str(caught.value)


def test_no_more_than_five_releases_are_looked_at(index, source, world):
    for number in range(30):
        index.add_source("a", f"1.{number}", form="1.1", **{"data.bin": LARGE[:100_000]})
    (unbuilt,) = refused(world, source, "a").unbuilt
    assert str(unbuilt) == "a 1.29"
    assert looked_at(index) == [f"/files/a-1.{number}.tar.gz" for number in range(29, 24, -1)]


def test_no_older_version_of_what_wants_it_is_taken_to_get_round_it(index, source, world):
    for number in range(20):
        index.add("a", f"1.{number}", requires=["b"] if number else [])
    index.add_source("b", "1.0", form="1.1")
    assert "a requires b" in str(refused(world, source, "a"))
    assert looked_at(index).count("/files/a-1.0-py3-none-any.whl") == 0


def test_an_older_release_that_has_a_wheel_is_taken_with_a_note(index, source, world):
    index.add("a", "1.0", requires=["b"])
    for version in ("2.0", "3.0"):
        index.add_source("a", version, form="1.1")
    index.add("b", "1.0")
    found = answer(world, [source], "a")
    assert pins(found) == ["a==1.0", "b==1.0"]
    assert found.notes == (
        "a 1.0 is the newest that need not be built: 3.0 is there as a source distribution only,"
        " and does not say what it requires (--build)",
    )


def test_what_it_hides_does_not_hide_a_conflict(index, source, world):
    index.add_source("a", "1.0", form="1.1")
    index.add("b", "1.0", requires=["c>=2"])
    index.add("c", "1.0")
    with pytest.raises(ConflictError) as caught:
        answer(world, [source], "a", "b")
    assert not isinstance(caught.value, UnbuiltError)
    assert "c>=2" in str(caught.value)


def test_what_is_installed_needs_no_build(index, source, world):
    world.add("a", "1.0")
    index.add_source("a", "2.0", form="1.1")
    assert pins(answer(world, [source], "a")) == ["a==1.0"]
    assert index.asked == []


def test_a_url_of_one_is_named_as_well(index, world, pip_config):
    index.add_source("a", "1.0", form="1.1")
    pip_config(f"[global]\nindex-url = {index.url}\n")
    installed = world.installed()
    url = f"{index.url.removesuffix('/simple')}/files/a-1.0.tar.gz"
    wanted = merge([], pip_requirements=[f"a @ {url}"], target=installed.target)
    with pytest.raises(UnbuiltError, match=r"- a 1\.0 \(metadata 1\.1 "):
        resolve(wanted, installed)


# Built


@pytest.fixture
def builds(index, source, world, tmp_path):
    """Resolve with wheels that stand for what a build makes, and a list of what was built."""
    built = []

    def run(*lines, requires):
        def build(unbuilt):
            built.append(str(unbuilt))
            version = unbuilt.candidate.version
            file = tmp_path / f"{unbuilt.name}-{version}-py3-none-any.whl"
            needs = requires.get(str(unbuilt), ())
            file.write_bytes(wheel(unbuilt.name, version, requires=needs, filling=1))
            return file

        installed = world.installed()
        wanted = merge([], pip_requirements=list(lines), target=installed.target)
        return resolve(wanted, installed, sources=[source], index="never", build=build)

    return run, built


def test_what_was_built_is_asked_and_what_that_needs_is_built_too(index, builds):
    index.add("a", "1.0", requires=["b"])
    for version in ("1.0", "2.0"):
        index.add_source("b", version, form="1.1")
    index.add_source("c", "1.0", form="1.1")
    run, built = builds
    found = run("a", requires={"b 2.0": ["c"]})
    assert pins(found) == ["a==1.0", "b==2.0", "c==1.0"]
    assert built == ["b 2.0", "c 1.0"]
    assert [pin.source for pin in found.pins] == ["index", "built", "built"]
    assert found.get("b").artifacts[0].file == "b-2.0-py3-none-any.whl"
    assert found.notes[0].startswith("b 2.0 was built here, as there is a source distribution only")


def test_what_contradicts_after_a_build_goes_another_way(index, builds):
    for version in ("1.0", "2.0"):
        index.add_source("a", version, form="1.1")
    index.add("b", "1.0")
    run, built = builds
    found = run("a", "b", requires={"a 2.0": ["b<1"]})
    assert pins(found) == ["a==1.0", "b==1.0"]
    assert built == ["a 2.0", "a 1.0"]


@pytest.mark.parametrize("suffix", ["tar.gz", "zip"])
def test_a_source_distribution_that_unpacks_to_a_thousand_times_its_size_is_not_built(
    tmp_path, suffix
):
    """Its sizes are looked at before anything is unpacked."""
    file = tmp_path / f"a-1.0.{suffix}"
    if suffix == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            packed.writestr("a-1.0/PKG-INFO", "Metadata-Version: 1.1\nName: a\nVersion: 1.0\n")
            with packed.open("a-1.0/data", "w") as data:
                for _ in range(201):
                    data.write(bytes(1_000_000))
    else:
        about = tarfile.TarInfo("a-1.0/data")
        about.size = 201_000_000
        file.write_bytes(gzip.compress(about.tobuf() + bytes(10_240)))
    target = Target.current()
    source = WheelFolder(tmp_path, target)
    (candidate,) = source.candidates("a")
    unbuilt = Unbuilt(candidate, source.files(candidate)[0], "it is to be built")
    began = time.process_time()
    with pytest.raises(BuildError, match=r"more than 200,000,000 bytes are packed into [0-9,]+"):
        WheelBuilder(target, tmp_path / "built")(unbuilt)
    assert time.process_time() - began < 3


def test_an_archive_may_be_fifty_times_what_it_is_packed_into_and_no_more():
    hold_sizes([40, 10], 1, few=0)
    with pytest.raises(ValueError, match="more than 50 bytes are packed into 1"):
        hold_sizes([40, 10, 1], 1, few=0)


def test_who_builds_one_wheel_at_the_same_time_leaves_a_whole_one(tmp_path):
    """Each writes a file of its own; those that killed processes have left go after a day."""
    kept = tmp_path / "kept"
    kept.mkdir()
    for name, age in (("dead.part", 90_000), ("living.part", 10)):
        (kept / name).write_bytes(b"cut")
        os.utime(kept / name, (time.time() - age,) * 2)
    contents = [bytes([number]) * 300_000 for number in range(8)]
    made = [tmp_path / str(number) / "a-1.0-py3-none-any.whl" for number in range(8)]
    for file, content in zip(made, contents, strict=True):
        file.parent.mkdir()
        file.write_bytes(content)
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda file: keep_whole(file, kept), made))
    assert found == {kept / made[0].name}
    assert (kept / made[0].name).read_bytes() in contents
    assert sorted(file.name for file in kept.iterdir()) == [made[0].name, "living.part"]
