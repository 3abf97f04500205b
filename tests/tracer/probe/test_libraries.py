from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tracer import Touch, trace
from tracer.probe.libraries import mapped

World = Callable[[Mapping[str, str]], Path]
KILN = "import ctypes\ndef heat(path):\n    return ctypes.CDLL(path)\n"
KILN_LINE = 3

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is mapped is seen in /proc")


@pytest.fixture
def library(world: World) -> Path:
    """Copy a shared library into a distribution of which nothing is imported."""
    folder = world({"site-packages/kiln.py": KILN})
    extensions = sorted(Path(sysconfig.get_config_var("DESTSHARED")).glob("*.so"))
    if not extensions:
        pytest.skip("no shared library is at hand")
    home = folder / "site-packages" / "kiln_runtime"
    home.mkdir()
    return Path(shutil.copy(extensions[0], home / "libkiln.so.1.2"))


def libraries(touches: tuple[Touch, ...]) -> list[Touch]:
    return [touch for touch in touches if touch.kind == "library" and "kiln" in touch.name]


def heat(path: object, **environment: str) -> list[Touch]:
    """Return which libraries a child was seen to load, `path` through another distribution."""
    program = (
        f"import sys; sys.path.insert(0, 'site-packages'); import kiln; kiln.heat({str(path)!r})"
    )
    with trace() as seen:
        command = [sys.executable, "-c", program]
        subprocess.run(command, check=True, env={**os.environ, **environment})
    return libraries(seen.trace.touches)


def test_a_library_of_another_distribution_is_seen_with_who_loaded_it(library: Path) -> None:
    kiln = str(library.parent.parent / "kiln.py")
    assert heat(library) == [Touch("library", str(library), "", "kiln", kiln, KILN_LINE)]


def test_a_library_is_seen_under_the_path_that_it_was_asked_for_by(library: Path) -> None:
    link = library.with_name("libkiln.so")
    link.symlink_to(library)
    assert [(touch.name, touch.importer) for touch in heat(link)] == [(str(link), "kiln")]


@pytest.mark.parametrize("name", ["libkiln.so", "libkiln.so.1", "libkiln.so.1.2"])
def test_a_library_that_the_loader_looks_for_is_matched_by_its_name(
    library: Path, name: str
) -> None:
    if name != library.name:
        library.with_name(name).symlink_to(library)
    seen = heat(name, LD_LIBRARY_PATH=str(library.parent))
    assert [(touch.name, touch.importer) for touch in seen] == [(str(library), "kiln")]


def test_a_library_that_is_not_there_is_not_seen(library: Path) -> None:
    def load() -> None:
        for name in ("libkiln-absent.so", str(library.with_name("libkiln-absent.so"))):
            with pytest.raises(OSError, match="absent"):
                ctypes.CDLL(name)

    with trace(touched=True, executed=False, children=False) as seen:
        load()
    assert not libraries(seen.trace.touches)


def test_a_library_that_was_mapped_before_is_seen_where_it_is_loaded_again(library: Path) -> None:
    ctypes.CDLL(str(library))
    with trace(touched=True, executed=False, children=False) as seen:
        pass
    assert not libraries(seen.trace.touches)
    with trace(touched=True, executed=False, children=False) as seen:
        ctypes.CDLL(str(library))
    assert [touch.name for touch in libraries(seen.trace.touches)] == [str(library)]


def test_what_somebody_else_loads_has_nobody_who_asked(library: Path) -> None:
    loader = ctypes.CDLL(None)
    with trace(touched=True, executed=False, children=False) as seen:
        loader.dlopen.restype = ctypes.c_void_p
        assert loader.dlopen(os.fsencode(library), os.RTLD_NOW)
    assert libraries(seen.trace.touches) == [Touch("library", str(library))]


def test_a_process_that_is_killed_has_recorded_the_libraries_it_loaded_by_path(
    library: Path,
) -> None:
    program = f"import ctypes, os; ctypes.CDLL({str(library)!r}); os._exit(0)"
    with trace() as seen:
        subprocess.run([sys.executable, "-c", program], check=True)
    assert [touch.name for touch in libraries(seen.trace.touches)] == [str(library)]


def test_extension_modules_and_what_every_process_has_are_left_out(world: World) -> None:
    world({})
    program = "import numpy.linalg, ctypes; ctypes.CDLL('libc.so.6')"
    with trace() as seen:
        subprocess.run([sys.executable, "-c", program], check=True)
    names = [Path(name).name for name in seen.trace.touched("library")]
    assert not [name for name in names if "cpython" in name or "libpython" in name]
    assert not [name for name in names if name.startswith("libc.")]


def test_an_extension_module_behind_a_link_is_left_out(world: World, library: Path) -> None:
    extensions = sorted(Path(sysconfig.get_config_var("DESTSHARED")).glob("_heapq*.so"))
    if not extensions:
        pytest.skip("the interpreter has none of its own")
    folder = world({})
    real = Path(shutil.copy(extensions[0], folder / "kiln-real.so"))
    real.rename(folder / "elsewhere.so")
    (folder / "_heapq.so").symlink_to(folder / "elsewhere.so")
    program = (
        "import sys; sys.modules.pop('_heapq', None); sys.path.insert(0, '.'); import _heapq;"
        "assert 'world' in _heapq.__file__"
    )
    with trace() as seen:
        subprocess.run([sys.executable, "-c", program], check=True)
    assert not [name for name in seen.trace.touched("library") if "world" in name]


def test_what_is_known_to_be_mapped_is_not_told_again(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"weights")
    known: set[bytes] = set()
    assert mapped(known)
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ):
        assert mapped(known).get(str(file)) == "file"
        assert str(file) not in mapped(known)
        assert str(file) in mapped()
    mapped(known)
    assert not any(str(file).encode() in line for line in known)  # nothing is kept of what is gone
