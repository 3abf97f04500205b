"""Builds on a node: the Python, the installer, and the indexes."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from modelenv.base.settings import Settings
from modelenv.batch.node.job import NodeEnvironment
from modelenv.batch.node.kept.building.builders import build
from modelenv.batch.node.kept.building.indexes import for_pip, for_uv, pip_settings
from modelenv.batch.node.kept.building.pythons import find_python
from modelenv.batch.node.kept.errors import NodeError

HERE = ".".join(map(str, sys.version_info[:3]))
# An installer that writes down what it was called with, and makes what it was asked for.
TOLD = """#!/bin/sh
root=$(dirname "$0")/..
for word in "$@"; do last=$word; done
echo "$@" >> "$root/said"
env | grep -E '^(UV|PIP)_' | sort >> "$root/said"
case "$2 $1" in
  *venv*) mkdir -p "$last/bin"; ln -s {python} "$last/bin/python";;
  *) cat "$last" >> "$root/said";;
esac
"""


class Uv:
    """A program in uv's place, which tells what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "bin" / "uv"
        program.parent.mkdir(parents=True)
        program.write_text(TOLD.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def build(self, variables: dict[str, str], **told: Any) -> str:
        environment = NodeEnvironment(kind="built", python=HERE, **told)
        home = {"HOME": str(self.folder), "PATH": os.environ["PATH"], **variables}
        settings = Settings(home, self.folder / "bin" / "uv")
        (self.folder / "kept").mkdir()
        assert build(environment, self.folder / "kept" / "root", None, settings)[0] == "uv"
        return (self.folder / "said").read_text()


@pytest.fixture
def uv(tmp_path: Path) -> Uv:
    return Uv(tmp_path / "uv")


def test_a_login_is_the_nodes_own(uv: Uv) -> None:
    """With the variables of a line it has that login; without, its installer's own."""
    options = (
        "--index-url https://${OURS}@one.example/simple",
        "--extra-index-url https://${THEIRS}:${OURS}@two.example/simple",
    )
    lines = ("own @ https://${THEIRS}@three.example/own-1.0-py3-none-any.whl",)
    said = uv.build({"OURS": "s3cr3tword"}, options=options, lines=lines)
    assert "--index-url https://${OURS}@one.example/simple" in said
    assert "--extra-index-url https://two.example/simple" in said
    assert "own @ https://three.example/own-1.0-py3-none-any.whl" in said
    assert "s3cr3tword" not in said


def test_pips_configuration_is_uvs_too(uv: Uv) -> None:
    config = uv.folder / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    lines: tuple[str, ...] = ("[global]", "index-url = https://me:word@in.example/simple")
    lines += ("[install]", "extra_index_url =", "    https://a.example", "    https://b.example")
    config.write_text("\n".join(lines))
    said = uv.build({}, lines=("own==1.0",))
    assert "UV_DEFAULT_INDEX=https://me:word@in.example/simple" in said
    assert "UV_INDEX=https://a.example https://b.example" in said
    assert "UV_INDEX_STRATEGY=unsafe-best-match" in said


def test_uvs_own_configuration_comes_first(uv: Uv) -> None:
    variables = {"UV_DEFAULT_INDEX": "https://uv.example", "PIP_INDEX_URL": "https://pip.example"}
    said = uv.build(variables, lines=("own==1.0",))
    assert "UV_DEFAULT_INDEX=https://uv.example" in said
    assert "UV_INDEX=" not in said


def test_what_is_installed_is_what_was_said(uv: Uv) -> None:
    digest = f"sha256:{'1' * 64}"
    said = uv.build(
        {"UV_PYTHON": "3.9", "PIP_TARGET": "/elsewhere"},
        lines=("own==1.0", "other==2.0"),
        hashes={"own==1.0": (digest,)},
        settings={"own": ("fast=1",)},
        constraints=("third<3",),
        closed=False,
    )
    assert f"own==1.0 --hash={digest}\n" in said
    assert "\nother==2.0\n" in said
    assert "--config-settings-package own:fast=1" in said
    assert "--no-deps" not in said
    assert "-c file:///" in said
    assert "UV_PYTHON" not in said
    assert "PIP_TARGET" not in said
    assert [path.name for path in (uv.folder / "kept").iterdir()] == ["root"]


def test_pip_has_what_is_said_for_the_engines_environment(tmp_path: Path) -> None:
    """Of which another environment's pip would not read the file."""
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://own.example/simple\n")
    settings = pip_settings({"HOME": str(tmp_path / "home")}, str(tmp_path))
    variables = for_pip({"PIP_TARGET": "/x"}, settings)
    assert variables["PIP_INDEX_URL"] == "https://own.example/simple"
    assert "PIP_TARGET" not in variables
    assert for_uv({}, settings, ())["UV_DEFAULT_INDEX"] == "https://own.example/simple"
    assert "UV_DEFAULT_INDEX" not in for_uv({}, settings, ("--index-url https://model.example",))
    other = pip_settings({"HOME": "/none", "PIP_INDEX_URL": "https://x"}, str(tmp_path))
    assert other["index-url"] == "https://x"
    assert pip_settings({"PIP_CONFIG_FILE": os.devnull}, str(tmp_path)) == {}


def test_a_configuration_that_cannot_be_read_is_left_to_pip(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("no section\n")
    home = {"HOME": str(tmp_path / "home")}
    assert pip_settings(home, str(tmp_path)) == pip_settings(home, str(tmp_path / "other"))


def test_the_engines_python_is_taken_where_it_fits() -> None:
    found = find_python(HERE, {"PATH": ""}, None, exact=True)
    assert Path(found.executable).resolve() == Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    assert found.version == HERE


def test_a_python_on_path_is_found(tmp_path: Path) -> None:
    program = tmp_path / "python3.99"
    program.write_text("#!/bin/sh\necho 3.99.4\n")
    program.chmod(0o755)
    home = {"HOME": str(tmp_path), "PATH": str(tmp_path)}
    assert find_python("3.99", home, None).executable == str(program)
    assert find_python("3.99.4", home, None, exact=True).version == "3.99.4"
    with pytest.raises(NodeError, match=r"needs Python 3\.99\.5") as error:
        find_python("3.99.5", home, None, exact=True)
    assert f"PATH: {program} is Python 3.99.4" in str(error.value)
    assert "--with-python" in str(error.value)
