"""pylock.toml as a list: what PEP 751 selects, extras and groups among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from envfiles import InvalidFile, Selection, read_requirements, read_toml
from envfiles.lists.values import NOTHING_MORE

pylock = pytest.importorskip("packaging.pylock")

if TYPE_CHECKING:
    from pathlib import Path

    from envfiles import RequirementsContent

ZEROS = "0" * 64
HEAD = """
lock-version = "1.0"
requires-python = ">=3.10"
environments = ["sys_platform == 'linux'", "sys_platform == 'darwin'"]
extras = ["gpu", "cpu"]
dependency-groups = ["serve", "dev"]
default-groups = ["serve"]
created-by = "hand"
"""
MARKERS = {
    "always": "",
    "parted": "python_version < '3.12'",
    "of-gpu": "'gpu' in extras",
    "of-either": "'gpu' in extras or 'cpu' in extras and sys_platform == 'linux'",
    "of-serve": "'serve' in dependency_groups",
    "of-dev": "'dev' in dependency_groups and python_version < '3.12'",
    "not-gpu": "'gpu' not in extras",
}


def package(name: str, marker: str) -> str:
    wheel = f"{name.replace('-', '_')}-1-py3-none-any.whl"
    said = f'marker = "{marker}"\n' if marker else ""
    hashes = f"hashes = {{ sha256 = '{ZEROS}' }}"
    return (
        f"[[packages]]\nname = '{name}'\nversion = '1'\n{said}"
        f"wheels = [{{ name = '{wheel}', url = 'https://host/{wheel}', {hashes} }}]\n"
    )


def read(
    folder: Path, chosen: Selection = NOTHING_MORE, *, is_constraint: bool = False
) -> RequirementsContent:
    lock = folder / "pylock.toml"
    lock.write_text(HEAD + "".join(package(*each) for each in MARKERS.items()))
    return read_requirements(lock, selection=chosen, is_constraint=is_constraint)


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"extras": ("gpu",)},
        {"extras": ("cpu",), "groups": ("dev",)},
        {"groups": ("serve", "dev")},
    ],
)
@pytest.mark.parametrize("python", ["3.11.7", "3.12.1"])
def test_it_says_what_packaging_selects(
    chosen: dict[str, tuple[str, ...]], python: str, tmp_path: Path
) -> None:
    from packaging.markers import default_environment
    from packaging.tags import Tag

    found = read(tmp_path, Selection(**chosen))
    environment: dict[str, Any] = {
        **default_environment(),
        "sys_platform": "linux",
        "python_full_version": python,
        "python_version": python[:4],
    }
    mine = [
        each.requirement.name
        for each in found.requirements
        if each.requirement is not None
        and (each.requirement.marker is None or each.requirement.marker.evaluate(environment))
    ]
    lock = pylock.Pylock.from_dict(read_toml((tmp_path / "pylock.toml").read_text()))
    selected = lock.select(
        environment=environment,
        tags=[Tag("py3", "none", "any")],
        extras=chosen.get("extras", ()),
        dependency_groups=chosen.get("groups"),
    )
    assert sorted(mine) == sorted(package.name for package, _ in selected)


def test_its_pins_bear_their_hashes_and_it_says_where_it_holds(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert {each.hashes for each in found.requirements} == {(f"sha256:{ZEROS}",)}
    python, platform = found.conditions
    assert python.text == ">=3.10"
    assert platform.markers == ('sys_platform == "linux"', 'sys_platform == "darwin"')


def test_as_constraints_all_of_it_narrows_without_hashes(tmp_path: Path) -> None:
    found = read(tmp_path, is_constraint=True)
    assert len(found.constraints) == len(MARKERS)
    assert not any(each.hashes for each in found.constraints)


def test_what_it_does_not_have_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="has no extra tpu: it has cpu, gpu"):
        read(tmp_path, Selection(extras=("tpu",)))


def test_places_are_named_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text(
        "lock-version = '1.0'\ncreated-by = 'hand'\n"
        "[[packages]]\nname = 'a'\ndirectory = { path = './code' }\n"
        "[[packages]]\nname = 'b'\n"
        "vcs = { type = 'git', url = 'https://host/b', commit-id = '01' }\n"
    )
    one, other = read_requirements(tmp_path / "pylock.toml").requirements
    assert one.text == f"a @ {(tmp_path.resolve() / 'code').as_uri()}"
    assert other.text == "b @ git+https://host/b@01"
