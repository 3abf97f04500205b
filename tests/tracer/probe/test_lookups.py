from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import Touch, Trace, probe_folder, read_spool, trace

World = Callable[[Mapping[str, str]], Path]

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 1.0\n"
WORLD = {
    "site-packages/Fruit_Knife-1.0.dist-info/METADATA": METADATA.format("Fruit.Knife"),
    "site-packages/spoon-1.0.dist-info/METADATA": METADATA.format("spoon"),
    "site-packages/spoon-1.0.dist-info/entry_points.txt": "[cutlery]\nspoon = ladle:serve\n",
    "site-packages/ladle.py": "def serve():\n    pass\n",
    "site-packages/lathe.py": (
        "from importlib.metadata import version\n"
        "def need(name):\n"
        "    return version(name)\n"
        "def serve():\n"
        "    from importlib.metadata import entry_points\n"
        "    for point in entry_points(group='cutlery'):\n"
        "        point.load()\n"
    ),
}


@pytest.fixture
def folder(world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = world(WORLD)
    monkeypatch.syspath_prepend(str(folder / "site-packages"))
    return folder


def metadata(seen: Trace) -> list[Touch]:
    return [touch for touch in seen.touches if touch.kind == "metadata"]


def observed(action: Callable[[], object]) -> list[Touch]:
    with trace(touched=True, children=False) as seen:
        action()
    return metadata(seen.trace)


def test_a_lookup_by_name_is_seen_with_who_asked(folder: Path) -> None:
    import lathe  # type: ignore[import-not-found]

    file = str(folder / "site-packages" / "lathe.py")
    asked = Touch("metadata", "fruit-knife", "", "lathe", file, 3)
    assert observed(lambda: lathe.need("fruit_Knife")) == [asked]


@pytest.mark.parametrize(
    "ask",
    [
        importlib.metadata.version,
        importlib.metadata.distribution,
        importlib.metadata.metadata,
        importlib.metadata.files,
        importlib.metadata.requires,
    ],
)
def test_every_question_for_one_distribution_is_seen(
    folder: Path, ask: Callable[[str], object]
) -> None:
    assert [touch.name for touch in observed(lambda: ask("Fruit.Knife"))] == ["fruit-knife"]


def test_what_is_asked_for_and_not_installed_is_seen_too(folder: Path) -> None:
    def ask() -> None:
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version("never-there")

    assert [touch.name for touch in observed(ask)] == ["never-there"]


def test_a_scan_over_all_is_no_lookup(folder: Path) -> None:
    def scan() -> None:
        assert "spoon" in {each.name for each in importlib.metadata.distributions()}
        assert importlib.metadata.entry_points(group="cutlery")
        importlib.metadata.packages_distributions()

    assert observed(scan) == []


def test_an_entry_point_that_is_loaded_is_seen_by_its_distribution(folder: Path) -> None:
    import lathe

    assert [(touch.name, touch.importer, touch.line) for touch in observed(lathe.serve)] == [
        ("spoon", "lathe", 7)
    ]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="functions are not watched")
def test_an_entry_point_of_a_module_that_was_there_is_seen(folder: Path) -> None:
    import ladle  # type: ignore[import-not-found]  # noqa: F401
    import lathe

    for _ in range(2):
        assert [touch.name for touch in observed(lathe.serve)] == ["spoon"]


def test_without_touched_no_lookup_is_recorded(folder: Path) -> None:
    with trace() as seen:
        importlib.metadata.version("spoon")
    assert seen.trace.touches == ()


def test_inner_and_outer_traces_both_see_a_lookup(folder: Path) -> None:
    with trace(touched=True) as outer, trace(touched=True) as inner:
        importlib.metadata.version("spoon")
    assert metadata(outer.trace) == metadata(inner.trace) != []


def test_children_and_what_they_fork_record_lookups(folder: Path) -> None:
    program = (
        "import os, sys, importlib.metadata\n"
        "sys.path.insert(0, 'site-packages')\n"
        "importlib.metadata.version('spoon')\n"
        "if os.fork():\n"
        "    os.wait()\n"
        "else:\n"
        "    importlib.metadata.version('fruit-knife')\n"
        "    os._exit(0)\n"
    )
    with trace() as seen:
        subprocess.run([sys.executable, "-c", program], check=True)
    assert [touch.name for touch in metadata(seen.trace)] == ["fruit-knife", "spoon"]


@pytest.fixture(scope="module")
def old_tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with setuptools from when it had ``pkg_resources``, and the backport."""
    folder = tmp_path_factory.mktemp("old tools")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "-q", "setuptools<80", "importlib_metadata"]
    subprocess.run(pip, check=True)
    return python


WATCHED = {
    "find": "pkg_resources.get_distribution('spoon')",
    "require": "pkg_resources.require('spoon>=0.5')",
    "load_entry_point": "pkg_resources.load_entry_point('spoon', 'cutlery', 'spoon')",
}
ON_EVERY_PYTHON = {
    "backport": "importlib_metadata.version('Spoon')",
    "entry point": "[e.load() for e in importlib_metadata.entry_points(group='cutlery')]",
    "load": "[e.load() for e in pkg_resources.iter_entry_points('cutlery')]",
}


@pytest.mark.slow
@pytest.mark.parametrize("way", [*WATCHED, *ON_EVERY_PYTHON])
def test_the_older_ways_to_look_up_a_distribution_are_seen(
    folder: Path, old_tools: Path, way: str
) -> None:
    if way in WATCHED and sys.version_info < (3, 12):
        pytest.skip("functions are not watched")
    ask = {**WATCHED, **ON_EVERY_PYTHON}[way]
    Path("_modelenv_probe").symlink_to(probe_folder(), target_is_directory=True)
    Path("asks.py").write_text(
        "import sys\nfrom _modelenv_probe.start import start\n"
        "sys.path.append('site-packages')\nprobe = start('spool')\n"
        f"import importlib_metadata, pkg_resources\n{ask}\nprobe.stop()\n"
    )
    subprocess.run([str(old_tools), "-W", "ignore", "asks.py"], check=True)
    seen = metadata(read_spool("spool"))
    assert ("spoon", 6) in [(touch.name, touch.line) for touch in seen]
