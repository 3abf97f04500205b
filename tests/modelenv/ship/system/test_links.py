"""Links of compiled files are resolved to packages; the others are named."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from modelenv.ship.system.elf import read_links
from modelenv.ship.system.imports import OwnImports
from modelenv.ship.system.links import find_missing, loaded_files
from modelenv.ship.system.pin_files import PinFiles, find_pin_files, fits

EXTENSION = "cpython-311-x86_64-linux-gnu.so"


def files_of(*wheels: Path) -> PinFiles:
    return find_pin_files([f"{each.name.partition('-')[0]}==1" for each in wheels], (), wheels)


def missing(files: PinFiles, *loaded: str) -> list[str]:
    return [each.soname for each in find_missing(files, loaded)]


def test_what_a_file_links_to_is_read_in_order(elf: Any) -> None:
    links = read_links(io.BytesIO(elf("libb.so.1", "liba.so.2", runpath="$ORIGIN/../x:/opt/lib")))
    assert links.needed == ("libb.so.1", "liba.so.2")
    assert links.search == ("$ORIGIN/../x", "/opt/lib")


@pytest.mark.parametrize(
    "content",
    [b"", b"INPUT ( /lib/libx.so )", b"\x7fELF", b"\x7fELF\x02\x01\x01" + bytes(20), b"MZ" * 40],
)
def test_what_is_no_whole_elf_file_links_to_nothing(content: bytes) -> None:
    assert read_links(io.BytesIO(content)).needed == ()


def test_this_interpreter_s_own_extensions_link_to_what_every_base_has() -> None:
    import _ctypes

    file = getattr(_ctypes, "__file__", None)
    if sys.platform != "linux" or file is None:
        pytest.skip("no ELF file of its own")
    with Path(file).open("rb") as stream:
        assert any(name.startswith("libffi.so") for name in read_links(stream).needed)


def test_a_library_of_the_system_is_missing(wheel: Any, elf: Any) -> None:
    files = files_of(wheel("boost", {"boost/_core.abi3.so": elf("libgomp.so.1", "libc.so.6")}))
    (found,) = find_missing(files, ["boost/_core.abi3.so"])
    assert (found.soname, found.pin, found.file) == ("libgomp.so.1", "boost", "boost/_core.abi3.so")


def test_what_the_repairer_of_wheels_put_beside_is_followed(wheel: Any, elf: Any) -> None:
    content = {
        "a/_core.abi3.so": elf("libx-0a1b.so.1", runpath="$ORIGIN/../a.libs"),
        "a.libs/libx-0a1b.so.1": elf("liby-2c3d.so.4", "libm.so.6"),
        "a.libs/liby-2c3d.so.4": elf("libodbc.so.2"),
    }
    files = files_of(wheel("a", content))
    assert missing(files, "a/_core.abi3.so") == ["libodbc.so.2"]


def test_a_search_path_leads_into_other_pins(wheel: Any, elf: Any) -> None:
    search = "${ORIGIN}/../../vendor/cublas/lib"
    files = files_of(
        wheel("tensors", {"tensors/lib/libt.so": elf("libcublas.so.12", runpath=search)}),
        wheel("vendor", {"vendor/cublas/lib/libcublas.so.12": elf("libcublasLt.so.12")}),
    )
    assert missing(files, "tensors/lib/libt.so") == ["libcublasLt.so.12"]


def test_another_pin_s_library_is_no_substitute_for_one_that_debian_has(
    wheel: Any, elf: Any
) -> None:
    files = files_of(
        wheel("boost", {"boost/_core.abi3.so": elf("libgomp.so.1", "libframework.so.2")}),
        wheel("tensors", {"tensors/lib/libgomp.so.1": elf(), "tensors/libframework.so.2": elf()}),
    )
    assert missing(files, "boost/_core.abi3.so") == ["libgomp.so.1"]


def test_what_nothing_loads_is_not_looked_into(wheel: Any, elf: Any) -> None:
    content = {"qt/_core.abi3.so": elf("libm.so.6"), "qt/plugins/libx11.so": elf("libX11.so.6")}
    files = files_of(wheel("qt", content))
    assert missing(files, "qt/_core.abi3.so") == []
    assert missing(files, "qt/plugins/libx11.so") == ["libX11.so.6"]


def test_files_that_were_loaded_elsewhere_are_known_by_their_module(wheel: Any, elf: Any) -> None:
    files = files_of(wheel("a", {f"a/_core.{EXTENSION}": elf(), "a/lib/lib_a.so": elf()}))
    traced = ["a/_core.cpython-313-darwin.so", "a/lib/lib_a.dylib", "b/_core.so"]
    assert sorted(loaded_files(traced, files)) == [f"a/_core.{EXTENSION}", "a/lib/lib_a.so"]


@pytest.mark.parametrize(
    ("source", "loads"),
    [
        ("from . import _core", True),
        ("import a._core", True),
        ("from ._core import thing", True),
        ("if True:\n    from a import _core", True),
        ("from .deeper import anything", True),
        ("try:\n    from . import _core\nexcept ImportError:\n    pass", False),
        ("try:\n    from . import _core\nexcept ImportError as e:\n    raise OSError from e", True),
        ("try:\n    from . import _core\nexcept KeyError:\n    pass", True),
        ("try:\n    from . import _core\nfinally:\n    pass", True),
        ("try:\n    from . import _core\nexcept (ImportError, OSError):\n    x = 1", False),
        ("import importlib\nc = importlib.import_module('a._core')", True),
        ("from importlib import import_module\nimport_module('._core', __name__).go()", True),
        ("__import__('a._core')", True),
        ("importlib.import_module(name)", False),
        ("def later():\n    from . import _core", False),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import _core", False),
        ("def broken(:\n", False),
    ],
)
def test_what_an_import_loads_is_read_from_the_source(
    wheel: Any, elf: Any, source: str, loads: bool
) -> None:
    content = {
        "a/__init__.py": source,
        "a/deeper.py": "import b",
        f"a/_core.{EXTENSION}": elf("libgomp.so.1"),
    }
    other = wheel("b", {"b/__init__.py": "from a import _core"} if "deeper" in source else {})
    files = files_of(wheel("a", content), other)
    assert OwnImports(files).compiled() == ({f"a/_core.{EXTENSION}"} if loads else set())


def test_a_library_that_the_source_names_and_a_package_of_one_extension_count(
    wheel: Any, elf: Any
) -> None:
    content = {
        "a/__init__.py": "import ctypes\nfrom .where import lib\nctypes.CDLL(lib)",
        "a/where.py": "lib = 'lib/lib_a.so'",
        "a/lib/lib_a.so": elf(),
        "a/lib/lib_other.so": elf(),
        "cv/__init__.py": "",
        "cv/cv.abi3.so": elf(),
        "cv/more.abi3.so": elf(),
    }
    files = files_of(wheel("a", content))
    assert OwnImports(files).compiled() == {"a/lib/lib_a.so", "cv/cv.abi3.so"}


@pytest.mark.parametrize(
    ("source", "doubtful"),
    [
        ("try:\n    from . import _core\nexcept ImportError:\n    pass", ["_core.abi3.so"]),
        ("try:\n    import x\nexcept ImportError:\n    from . import _core", ["_core.abi3.so"]),
        ("import ctypes\nctypes.CDLL(here / ('lib' + 'own.so'))", ["libown.so"]),
        ("from cffi import FFI\nl = FFI().dlopen(path)", ["libown.so"]),
        ("from . import _core", []),
        ("x = 'libown.so'", []),
        ("", []),
    ],
)
def test_what_a_source_may_load_is_told_apart(
    wheel: Any, elf: Any, source: str, doubtful: list[str]
) -> None:
    content = {"a/__init__.py": source, "a/_core.abi3.so": elf(), "a/libown.so": elf()}
    found = OwnImports(files_of(wheel("a", content))).doubtful()
    assert sorted(found) == [f"a/{name}" for name in doubtful]


def test_of_a_pin_that_was_seen_nothing_is_guessed(wheel: Any, elf: Any) -> None:
    content = {"a/__init__.py": "from . import _core", "a/_core.abi3.so": elf()}
    own = {"b/__init__.py": "import a", "b/b.abi3.so": elf()}
    files = files_of(wheel("a", content), wheel("b", own))
    assert OwnImports(files, ["b"]).compiled() == {"a/_core.abi3.so"}
    assert OwnImports(files, ["a", "b"]).compiled() == set()


def test_files_lie_where_a_wheel_s_schemes_put_them(wheel: Any, elf: Any) -> None:
    files = files_of(wheel("a", {"a-1.data/platlib/a/_core.abi3.so": elf("libgomp.so.1")}))
    assert missing(files, "a/_core.abi3.so") == ["libgomp.so.1"]


def test_a_damaged_wheel_tells_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a-1-py3-none-any.whl"
    file.write_bytes(b"PK nothing")
    assert files_of(file).owners == {}


def test_pins_of_which_nothing_is_here_are_named() -> None:
    assert find_pin_files(["a==1", "b[c]==2"], (), ()).absent == ("a==1", "b[c]==2")


@pytest.mark.parametrize(
    ("name", "platform", "expected"),
    [
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", "linux/amd64", True),
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", "linux/arm64", False),
        ("a-1-cp311-cp311-manylinux_2_28_aarch64.whl", "linux/arm64", True),
        ("a-1-cp311-abi3-manylinux_2_28_aarch64.whl", "", True),
        ("no-wheel.whl", "", False),
    ],
)
def test_a_wheel_is_for_a_platform(name: str, platform: str, expected: bool) -> None:
    assert fits(Path(name), platform) is expected
