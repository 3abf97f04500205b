from __future__ import annotations

from pathlib import Path

import pytest

from envfiles import (
    Entry,
    EnvSpec,
    InvalidFile,
    Lock,
    Locked,
    LockedFile,
    Selection,
    compare,
    read_side,
    read_sides,
    write_files,
)
from envfiles.diff import side, step


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("==1.2.3", "==2.0", "major"),
        ("==1.2.3", "==1.3.0", "minor"),
        ("==1.2.3", "==1.2.4", "patch"),
        ("==1.2", "==1.2.0.post1", "patch"),
        ("==1.0", "==1!1.0", "major"),
        ("==2.5.1+cu121", "==2.5.1", "patch"),
        ("==3.11.7", "3.11.9", "patch"),
        (">=1,<2", "==1.5", "other"),
        ("", "==1.5", "other"),
    ],
)
def test_a_step_is_told_by_the_first_part_that_differs(
    left: str, right: str, expected: str
) -> None:
    assert step(left, right) == expected


def test_two_environments_are_compared_line_by_line() -> None:
    left = side("a", "3.11.7", ["numpy==1.26.4", "pandas==2.2.0", "gone==1", "m==1; os_name=='nt'"])
    right = side("b", "3.12.0", ["NumPy==2.0.0", "pandas==2.2.0", "new>=1", "m==2; os_name=='nt'"])
    assert str(compare(left, right)).splitlines() == [
        "a -> b",
        "~ python 3.11.7 -> 3.12.0 (minor)",
        "- gone==1",
        '~ m [os_name == "nt"] 1 -> 2 (major)',
        "+ new>=1",
        "~ numpy 1.26.4 -> 2.0.0 (major)",
    ]
    data = compare(left, right).to_json()
    assert data["python"]["step"] == "minor"
    assert [each["name"] for each in data["changed"]] == ['m [os_name == "nt"]', "numpy"]
    assert (len(data["added"]), len(data["removed"])) == (1, 1)


def test_equal_environments_have_no_difference() -> None:
    one = side("a", None, ["numpy==1"])
    assert not compare(one, side("b", "3.11.7", ["numpy==1"]))
    assert str(compare(one, one)) == "a -> a: no difference"


def test_every_file_of_a_folder_is_a_side(tmp_path: Path) -> None:
    pytest.importorskip("packaging.pylock")
    artifact = LockedFile(
        file="a-1-py3-none-any.whl", hashes=("sha256:" + "0" * 64,), path="a-1-py3-none-any.whl"
    )
    spec = EnvSpec(
        python="3.11.7",
        requirements=(Entry("a==1"),),
        conda_dependencies=("libgomp=14",),
        lock=Lock(
            packages=(Locked(name="a", version="1", artifacts=(artifact,)),), python="3.11.7"
        ),
    )
    for name, text in write_files(spec).items():
        (tmp_path / name).write_text(text)
    folder = read_side(tmp_path)
    assert folder.conda == {"libgomp": "=14"}
    for name in ("requirements.txt", "conda.yaml", "python_env.yaml", "pylock.toml"):
        found = read_side(tmp_path / name)
        assert found.requirements == {"a": "==1"}
        assert found.python in {None, "3.11.7"}
        assert not compare(found, folder).changes


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(InvalidFile, match="nowhere: there is no such"):
        read_side("nowhere")


def test_a_lock_keeps_its_markers_apart(tmp_path: Path) -> None:
    pytest.importorskip("packaging.pylock")
    artifacts = tuple(
        LockedFile(file=f"a-{n}-py3-none-any.whl", hashes=("sha256:" + "0" * 64,), path=f"{n}.whl")
        for n in "12"
    )
    markers = ('python_version < "3.11"', 'python_version >= "3.11"')
    packages = tuple(
        Locked(name="a", version=n, marker=marker, artifacts=(artifact,))
        for n, marker, artifact in zip("12", markers, artifacts, strict=True)
    )
    entries = tuple(Entry(f"a=={n}; {marker}") for n, marker in zip("12", markers, strict=True))
    spec = EnvSpec(python="3.11.7", requirements=entries, lock=Lock(packages=packages))
    for name, text in write_files(spec).items():
        (tmp_path / name).write_text(text)
    locked = read_side(tmp_path / "pylock.toml")
    assert len(locked.requirements) == 2
    assert not compare(locked, read_side(tmp_path / "requirements.txt"))


def test_a_list_for_several_pythons_is_compared_as_it_counts_for_the_models(tmp_path: Path) -> None:
    spec = EnvSpec(python="3.11.7", requirements=(Entry("a==1"),))
    (tmp_path / "model").mkdir()
    for name, text in write_files(spec).items():
        (tmp_path / "model" / name).write_text(text)
    (tmp_path / "list.txt").write_text(
        "a==1; python_version < '3.12'\na==2; python_full_version >= '3.12'\nb==1; os_name == 'x'\n"
    )
    assert not compare(*read_sides(tmp_path / "model", tmp_path / "list.txt"))
    assert not compare(*read_sides(tmp_path / "list.txt", tmp_path / "model"))
    one, other = read_sides(tmp_path / "list.txt", tmp_path / "list.txt")
    assert len(one.requirements) == len(other.requirements) == 3  # neither is for one Python


def test_a_project_is_a_side_with_its_groups(tmp_path: Path) -> None:
    pytest.importorskip("packaging.dependency_groups")
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'p'\ndependencies = ['a>=1']\n[dependency-groups]\nserve = ['b']\n"
    )
    (tmp_path / "r.txt").write_text("a>=1\n")
    chosen = Selection(groups=("serve",))
    difference = compare(
        *read_sides(tmp_path / "r.txt", tmp_path / "pyproject.toml", selection=chosen)
    )
    assert [str(each) for each in difference.changes] == ["+ b"]
