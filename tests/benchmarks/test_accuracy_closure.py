from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from benchmarks.accuracy.running.closure import NotInstalledError, closure, read_installed

WORLD = {
    "shop": ["Cart>=1", "lamp; extra == 'light'", "winter; python_version < '3'"],
    "cart": ["wheel_maker"],
    "wheel-maker": ["cart"],
    "lamp": [],
}
MARKERS = {"python_version": "3.11"}


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    for name, requires in WORLD.items():
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        lines = [f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {one}" for one in requires)]
        (info / "METADATA").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def needed(site_packages: Path, *roots: str) -> set[str]:
    return set(closure(map(Requirement, roots), read_installed(site_packages), MARKERS))


def test_what_is_declared_is_needed_in_circles_too(site_packages: Path) -> None:
    assert needed(site_packages, "shop") == {"shop", "cart", "wheel-maker"}


def test_an_extra_brings_what_it_declares(site_packages: Path) -> None:
    assert needed(site_packages, "shop[light]") == {"shop", "cart", "wheel-maker", "lamp"}


def test_what_is_not_installed_is_named_with_who_needs_it(site_packages: Path) -> None:
    (site_packages / "wheel_maker-1.0.dist-info" / "METADATA").unlink()
    (site_packages / "wheel_maker-1.0.dist-info").rmdir()
    with pytest.raises(NotInstalledError, match="wheel_maker, which cart needs, is not installed"):
        needed(site_packages, "shop")
