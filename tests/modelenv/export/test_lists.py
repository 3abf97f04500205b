"""Lists for pip on any platform, and for conda, read by those who install them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import envfiles
from modelenv.base.indexes import Indexes
from modelenv.export.errors import NotExportedError

from ...small_worlds import PYTHON, write_wheel
from .worlds import described, export

MINOR = ".".join(PYTHON.split(".")[:2])


def lines_of(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the requirements of a file with their hashes."""
    read = envfiles.read_requirements(file)
    return {each.entry().requirement: each.hashes for each in read.requirements}


def test_requirements_are_the_pins_with_their_hashes(locked: Path, tmp_path: Path) -> None:
    done, text = export(locked, tmp_path / "pins.txt", "requirements")
    assert [*done.pins] == ["alpha==1.0", "beta==2.0", "delta==4.0"]
    assert text.splitlines()[1].endswith("pip install -r pins.txt")
    same = lines_of(locked / "requirements.txt")
    assert lines_of(tmp_path / "pins.txt") == same
    assert all(same.values())
    assert not done.notes


def test_those_for_another_platform_are_resolved_for_it(
    folder: Path, indexes: Indexes, tmp_path: Path
) -> None:
    out = tmp_path / "win.txt"
    done, text = export(folder, out, "requirements", target="3.12-win_amd64", indexes=indexes)
    assert [*done.pins] == ["alpha==1.0", "beta==2.0", "delta==4.0", "gamma==3.0"]
    assert "# Python 3.12 on win32 AMD64" in text
    assert "nothing has predicted with it" in str(done)
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet"]
    command += ["--platform=win_amd64", "--python-version=3.12", "--only-binary=:all:"]
    command += ["--target", str(tmp_path / "x"), "--report", "-", "-r", str(out)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert {each["metadata"]["name"] for each in told["install"]} == {
        *("alpha", "beta", "delta", "gamma")
    }


def test_the_lock_that_a_folder_has_for_a_platform_counts(
    folder: Path, indexes: Indexes, index: Any, wheels: Any, tmp_path: Path
) -> None:
    import modelenv

    modelenv.lock_model(folder, target="3.12-win_amd64", indexes=indexes)
    index.files.clear()  # nobody is asked any more
    done, _ = export(folder, tmp_path / "win.txt", "requirements", target="3.12-win_amd64")
    assert "gamma==3.0" in done.pins
    assert not done.notes


def test_a_lock_of_several_platforms_counts_for_each_of_them(
    folder: Path, indexes: Indexes, index: Any, tmp_path: Path
) -> None:
    import modelenv

    modelenv.lock_model(folder, platforms=["win_amd64", "macosx_arm64"], indexes=indexes)
    index.files.clear()  # nobody is asked any more
    own = ".".join(map(str, sys.version_info[:2]))
    done, _ = export(folder, tmp_path / "win.txt", "requirements", target=f"{own}-win_amd64")
    assert "gamma==3.0" in done.pins
    assert not done.notes
    here, _ = export(folder, tmp_path / "here.txt", "requirements")
    assert [*here.pins] == ["alpha==1.0", "beta==2.0", "delta==4.0"]
    assert all(lines_of(tmp_path / "here.txt").values())


def test_a_lock_of_other_pins_is_not_heeded(locked: Path, tmp_path: Path) -> None:
    text = (locked / "pylock.toml").read_text()
    changed = text.replace('version = "2.0"', 'version = "2.5"').replace("beta-2.0", "beta-2.5")
    (locked / "pylock.toml").write_text(changed)
    done, _ = export(locked, tmp_path / "pins.txt", "requirements")
    assert "beta==2.0" in done.pins


def test_wheels_that_travel_are_found_from_where_the_file_stands(
    folder: Path, tmp_path: Path
) -> None:
    write_wheel(folder / "wheels", "delta", "4.0")
    said = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(f"--find-links wheels\n{said}")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    _, text = export(folder, tmp_path / "deep/er/pins.txt", "requirements")
    assert "--find-links ../../model/wheels\n" in text


def conda(root: Path, name: str, version: str, *depends: str, files: tuple[str, ...] = ()) -> None:
    """Write the record of an installed package of conda's."""
    record = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "subdir": "linux-64",
        "channel": "https://conda.example/forge/linux-64",
        "fn": f"{name}-{version}-0.conda",
        "url": f"https://conda.example/forge/linux-64/{name}-{version}-0.conda",
        "md5": "0123456789abcdef0123456789abcdef",
        "depends": [*depends],
        "files": [*files],
    }
    (root / "conda-meta").mkdir(parents=True, exist_ok=True)
    (root / f"conda-meta/{name}-{version}-0.json").write_text(json.dumps(record))


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment of conda's, as its records describe it."""
    root = tmp_path / "conda"
    (root / "bin").mkdir(parents=True)
    (root / "bin/python").symlink_to(sys.executable)
    info = f"lib/python{MINOR}/site-packages/Alpha-1.0.dist-info/METADATA"
    conda(root, "python", PYTHON, "openssl >=3", "__glibc >=2.17")
    conda(root, "openssl", "3.4.0")
    conda(root, "py-alpha", "1.0", "python >=3", "libomp", files=(info,))
    conda(root, "libomp", "20.1")
    conda(root, "unneeded", "1")
    return root


def test_an_explicit_list_is_what_conda_installed_and_the_model_needs(
    locked: Path, prefix: Path, tmp_path: Path
) -> None:
    done, text = export(locked, tmp_path / "list.txt", "explicit", python=prefix / "bin/python")
    lines = text.splitlines()
    at = lines.index("@EXPLICIT")
    urls = [each for each in lines[at + 1 :] if not each.startswith("#")]
    assert [each.rpartition("/")[2].rpartition("-0.conda")[0] for each in urls] == [
        "openssl-3.4.0",
        f"python-{PYTHON}",
        "libomp-20.1",
        "py-alpha-1.0",
    ]
    assert all(each.endswith("#0123456789abcdef0123456789abcdef") for each in urls)
    pip = [each.removeprefix("# pip ") for each in lines if each.startswith("# pip ")]
    assert [each.split(" @ ")[0] for each in pip] == ["beta", "delta"]
    assert all("--hash=sha256:" in each for each in pip)
    assert "2 pins installed by pip" in done.unexpressed[0]


def test_rattler_reads_the_records_as_this_does(prefix: Path) -> None:
    rattler = pytest.importorskip("rattler")
    file = next((prefix / "conda-meta").glob("py-alpha-*.json"))
    theirs = rattler.PrefixRecord.from_path(file)
    from modelenv.export.lists.explicit import CondaRecord

    ours = CondaRecord.read(file)
    assert (ours.name, ours.version) == (theirs.name.normalized, str(theirs.version))
    assert ours.url == str(theirs.url)
    assert ours.distributions == {("alpha", "1.0")}


def test_without_an_environment_of_condas_there_is_no_explicit_list(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotExportedError, match=r"in no conda environment.*--python"):
        export(folder, tmp_path / "list.txt", "explicit")
    assert not (tmp_path / "list.txt").exists()


def test_what_condas_file_asks_for_and_is_not_there_is_said(
    folder: Path, prefix: Path, tmp_path: Path
) -> None:
    text = (folder / "conda.yaml").read_text()
    (folder / "conda.yaml").write_text(text.replace("- pip\n", "- pip\n- libgdal=3\n", 1))
    with pytest.raises(NotExportedError, match=r"libgdal: the model's conda\.yaml asks for it"):
        export(folder, tmp_path / "list.txt", "explicit", python=prefix / "bin/python")


def test_a_record_that_is_none_is_named(folder: Path, prefix: Path, tmp_path: Path) -> None:
    (prefix / "conda-meta/broken-1-0.json").write_text("[]")
    with pytest.raises(NotExportedError, match=r"broken-1-0\.json: this is no valid record"):
        export(folder, tmp_path / "list.txt", "explicit", python=prefix / "bin/python")


def test_the_environment_of_a_windows_drive_is_found_beside_its_python(tmp_path: Path) -> None:
    from modelenv.environments.interpreter import Python
    from modelenv.export.lists.explicit import _records

    conda(tmp_path, "python", PYTHON)
    here = Python.current()
    there = Python(
        executable=tmp_path / "python.exe",
        base=here.base,
        version=here.version,
        path=(),
        stdlib=(),
        markers=here.markers,
    )
    assert [*_records(there)] == ["python"]
    assert os.fspath(there.executable).endswith("python.exe")


def test_a_model_with_variables_says_that_a_list_has_none(folder: Path, tmp_path: Path) -> None:
    described(folder, PYTHON, "PYTHONHASHSEED: '7'")
    done, _ = export(folder, tmp_path / "pins.txt", "requirements")
    assert any("PYTHONHASHSEED=7" in each for each in done.unexpressed)
