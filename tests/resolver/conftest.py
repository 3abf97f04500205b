"""Worlds of fake distributions: folders with a `.dist-info`, made from data."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from resolver import Distribution, Installed, Target

if TYPE_CHECKING:
    from collections.abc import Iterable

SCENARIOS = [Path(__file__).parents[3] / "shared" / "packse"]
SCENARIOS += [Path(os.environ["MODELENV_PACKSE"])] if "MODELENV_PACKSE" in os.environ else []
MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.7",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "#1",
    "python_full_version": "3.11.7",
    "python_version": "3.11",
    "sys_platform": "linux",
}


class World:
    """A path of one folder or more, and what is installed in them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.site = self.folder("site-packages")
        self.stdlib = self.folder("stdlib")

    def folder(self, name: str) -> Path:
        """Make a folder beside the others."""
        made = self.root / name
        made.mkdir(parents=True, exist_ok=True)
        return made

    def file(self, name: str, text: str = "", *, site: Path | None = None) -> str:
        """Write a file below a path entry and return its absolute path."""
        path = (site or self.site) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def add(  # a distribution has many sides
        self,
        name: str,
        version: str = "1.0",
        *,
        requires: Iterable[str] = (),
        extras: Iterable[str] = (),
        files: Iterable[str] | Mapping[str, str] | None = None,
        requires_python: str = "",
        direct_url: Mapping[str, object] | None = None,
        record: bool = True,
        beside: Mapping[str, str] | None = None,
        site: Path | None = None,
    ) -> Path:
        """Install a distribution and return its `.dist-info`.

        `files` are paths with their texts, by default the package of its own name; `beside` are
        files of the `.dist-info`.
        """
        site = site or self.site
        stem = name.replace("-", "_").replace(".", "_")
        given = [f"{stem.lower()}/__init__.py"] if files is None else files
        texts = given if isinstance(given, Mapping) else dict.fromkeys(given, "")
        for path, text in texts.items():
            self.file(path, text, site=site)
        info = site / f"{stem}-{version}.dist-info"
        info.mkdir(exist_ok=True)
        header = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        header += [f"Requires-Python: {requires_python}"] if requires_python else []
        header += [f"Provides-Extra: {extra}" for extra in extras]
        header += [f"Requires-Dist: {line}" for line in requires]
        (info / "METADATA").write_text("\n".join([*header, "", "Requires-Dist: not-a-header", ""]))
        if direct_url is not None:
            (info / "direct_url.json").write_text(json.dumps(direct_url))
        for path, text in (beside or {}).items():
            (info / path).write_text(text)
        if record:
            rows = [f"{path},{digest(text)},{len(text)}" for path, text in texts.items()]
            rows += [f"{info.name}/METADATA,,", f"{info.name}/RECORD,,", ""]
            (info / "RECORD").write_text("\n".join(rows))
        return info

    def installed(self, *paths: Path, **markers: str) -> Installed:
        """Look at the path: the one folder, or those that are named."""
        return Installed(map(str, paths or (self.site,)), self.target(**markers))

    def target(self, **markers: str) -> Target:
        """Describe CPython 3.11.7 on Linux, or what is said otherwise."""
        return Target({**MARKERS, **markers}, ("py3-none-any",))

    def get(self, name: str) -> Distribution:
        """Return an installed distribution, which must be there."""
        found = self.installed().get(name)
        assert found is not None
        return found


def digest(text: str) -> str:
    """Write a hash as RECORD does."""
    value = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with nothing in it."""
    return World(tmp_path)


@pytest.fixture(scope="module")
def lasting_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world for the property tests of one file, which only look at it."""
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def harness():
    """Load the harness from where the scenarios are."""
    found = [place for place in SCENARIOS if (place / "harness.py").is_file()]
    if not found:
        pytest.skip("no packse scenarios beside the project; MODELENV_PACKSE may name their folder")
    if sys.version_info < (3, 11):
        pytest.skip("the harness of packse needs Python 3.11")
    spec = importlib.util.spec_from_file_location("packse_harness", found[-1] / "harness.py")
    module = sys.modules["packse_harness"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module, module.load_scenarios(found[-1] / "scenarios")
    del sys.modules["packse_harness"]
