"""An environment that is laid out from wheels is one that Python takes for its own."""

from __future__ import annotations

import base64
import csv
import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from modelenv.base.settings import Settings
from modelenv.environments.interpreter import Python
from modelenv.ship.errors import NoImageError
from modelenv.ship.oci.base.python import BasePython
from modelenv.ship.oci.environment import Compiler, lay_out

from ....small_worlds import write_wheel

MINOR = ".".join(map(str, sys.version_info[:2]))
SITE = f"lib/python{MINOR}/site-packages"


def silent(_: str) -> None:
    """Tell nobody."""


def python() -> BasePython:
    """Return the Python that runs this, as that of a base."""
    here = Python.current()
    return BasePython(str(here.base.resolve()), MINOR, here.version, "x86_64")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return write_wheel(
        tmp_path,
        "tool",
        "1.5",
        modules={
            "tool/cli.py": "import sys\ndef main(): print('tool of', sys.prefix)\n",
            "tool/broken.py": "def (:\n",
            "tool-1.5.data/scripts/by-hand": "#!python\nimport tool; print(tool.version)\n",
            "tool-1.5.data/headers/tool.h": "int tool;\n",
            "tool-1.5.data/data/share/tool/data.txt": "data\n",
            "tool-1.5.data/platlib/platform_tool.py": "",
            "tool-1.5.dist-info/entry_points.txt": "[console_scripts]\ntool = tool.cli:main\n",
        },
    )


def test_it_runs_where_it_is_to_stand(tmp_path, wheel):
    """The root of the image is that of this machine: so the environment stands where it will."""
    place = tmp_path / "environment"
    compiler = Compiler.of(MINOR, Settings.from_environment())
    lay_out([wheel], python(), str(place), Path("/"), compiler, silent)

    def output(*command: str) -> str:
        ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
        return ran.stdout.strip()

    assert output(f"{place}/bin/tool") == f"tool of {place}"
    assert output(f"{place}/bin/by-hand") == "1.5"
    said = (
        "import platform_tool as p, tool, sys;"
        " print(p.__spec__.cached, sys.prefix != sys.base_prefix)"
    )
    cached = f"{place}/{SITE}/__pycache__/platform_tool.{sys.implementation.cache_tag}.pyc"
    assert output(f"{place}/bin/python{MINOR}", "-c", said) == f"{cached} True"
    assert (place / "share/tool/data.txt").read_text() == "data\n"
    assert (place / f"include/site/python{MINOR}/tool/tool.h").is_file()
    assert (place / "bin/python3").readlink() == Path("python")
    assert (place / "lib64").readlink() == Path("lib")


def test_its_metadata_lists_each_file_as_it_is(tmp_path, wheel):
    lay_out([wheel], python(), "/opt/it", tmp_path, None, silent)
    site = tmp_path / "opt/it" / SITE
    info = PathDistribution(site / "tool-1.5.dist-info")
    assert info.version == "1.5"
    assert info.read_text("INSTALLER") == "modelenv\n"
    rows = list(csv.reader((site / "tool-1.5.dist-info/RECORD").read_text().splitlines()))
    listed = {(site / path).resolve(): said for path, said, _ in rows}
    there = {
        path.resolve()
        for path in (tmp_path / "opt/it").rglob("*")
        if path.is_file() and not path.is_symlink() and path.name != "pyvenv.cfg"
    }
    assert set(listed) == there
    for path, said in listed.items():
        if said:
            digest = hashlib.sha256(path.read_bytes()).digest()
            assert said == f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    assert (tmp_path / "opt/it/bin/tool").read_text().startswith("#!/opt/it/bin/python\n")


def test_its_bytecode_is_checked_by_the_hash_and_names_where_it_will_stand(tmp_path, wheel):
    compiler = Compiler.of(MINOR, Settings.from_environment())
    lay_out([wheel], python(), "/opt/it", tmp_path, compiler, silent)
    folder = tmp_path / "opt/it" / SITE / "tool/__pycache__"
    data = (folder / f"cli.{sys.implementation.cache_tag}.pyc").read_bytes()
    assert int.from_bytes(data[4:8], "little") == 0b11  # PEP 552: by hash, and checked
    assert f"/opt/it/{SITE}/tool/cli.py".encode() in data
    assert str(tmp_path).encode() not in data
    assert not list(folder.glob("broken*"))


def test_nothing_of_a_wheel_is_run(tmp_path, monkeypatch):
    """Nor is what stands in the folder that this runs in."""
    mark = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    names = ("struct.py", "argparse.py", "sitecustomize.py", "encodings.py", "compileall.py")
    modules = dict.fromkeys(names, mark) | {"x.pth": f"import sys; {mark}"}
    wheel = write_wheel(tmp_path, "bad", "1", modules=modules)
    compiler = Compiler.of(MINOR, Settings.from_environment())
    lay_out([wheel], python(), "/opt/it", tmp_path / "root", compiler, silent)
    site = tmp_path / "root/opt/it" / SITE
    monkeypatch.chdir(site)
    shutil.rmtree(site / "__pycache__")
    assert compiler is not None
    compiler.compile(site, "/opt/it")
    assert (site / "__pycache__").is_dir()
    assert not (tmp_path / "ran").exists()


def test_where_there_is_no_such_python_nothing_is_compiled(tmp_path, wheel):
    settings = Settings({"PATH": "", "HOME": str(tmp_path)}, None)
    assert Compiler.of("3.2", settings) is None
    lay_out([wheel], python(), "/opt/it", tmp_path, None, silent)
    assert not list((tmp_path / "opt/it").rglob("*.pyc"))


@pytest.mark.parametrize("name", ["bin/python", f"bin/python{MINOR}", "pyvenv.cfg"])
def test_a_wheel_may_not_bring_the_interpreter(tmp_path, name):
    wheel = write_wheel(tmp_path, "bad", "1", modules={f"bad-1.data/data/{name}": "mine\n"})
    with pytest.raises(NoImageError, match="no wheel may bring the interpreter"):
        lay_out([wheel], python(), "/opt/it", tmp_path / "root", None, silent)


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ({"bad-1.data/unknown/x": ""}, "cannot be unpacked"),
        ({"bad-1.dist-info/entry_points.txt": "[console_scripts]\nx = \n"}, "cannot be unpacked"),
        ({"bad": "a file where a folder is", "bad/x": ""}, "cannot be unpacked"),
    ],
)
def test_a_wheel_that_cannot_be_installed_is_named(tmp_path, modules, said):
    wheel = write_wheel(tmp_path, "bad", "1", modules=modules)
    with pytest.raises(NoImageError, match=said):
        lay_out([wheel], python(), "/opt/it", tmp_path / "root", None, silent)
