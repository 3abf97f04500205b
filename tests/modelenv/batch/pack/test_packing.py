"""A model's environment is packed whole, as the same bytes, once the model has predicted in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

import modelenv
from modelenv.batch.pack.contents import lay_out
from modelenv.batch.pack.errors import NoPackError, PackNotProvenError
from modelenv.batch.pack.interpreter import add_python, why_bound
from modelenv.batch.pack.packing import PackedEnvironment
from modelenv.cli import main
from modelenv.cli.deploy.pack import pack as command
from modelenv.environments.errors import (
    AnotherEnvironmentError,
    BadPackError,
    FixedEnvironmentError,
)
from modelenv.environments.given.unpack import unpack
from modelenv.wheels.errors import NoWheelsError

from ....small_worlds import write_source, write_wheel
from .conftest import MINOR, SITE, of


def output(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    return ran.stdout.strip()


def test_a_pack_is_made_that_the_model_predicts_in(packed: PackedEnvironment) -> None:
    assert packed.verdict
    assert packed.pins == ("tool==1.5",)
    assert hashlib.sha256(packed.file.read_bytes()).hexdigest() == packed.sha256
    beside = packed.file.with_name(packed.file.name + ".sha256")
    assert beside.read_text() == f"{packed.sha256}  {packed.file.name}\n"
    assert sorted(file.name for file in packed.file.parent.iterdir()) == [
        packed.file.name,
        beside.name,
    ]


def test_it_holds_what_the_wheels_hold_and_what_says_so(packed: PackedEnvironment) -> None:
    with tarfile.open(packed.file) as tar:
        members = tar.getmembers()
        manifest = json.loads(tar.extractfile(members[0]).read())  # type: ignore[union-attr]
    names = [each.name for each in members]
    assert names[0] == "pack.json"
    assert names[1:] == [path for path, *_ in manifest["files"]]
    assert names[1:] == sorted(names[1:], key=lambda name: name.split("/"))
    assert f"{SITE}/tool/cli.py" in names
    assert {"bin/tool", "share/tool/data.txt"} <= {*names}
    assert not [name for name in names if name.endswith(".pyc") or "python" in Path(name).name]
    assert {(each.mtime, each.uid, each.gid, each.uname) for each in members} == {
        (315532800, 0, 0, "")
    }
    assert {each.mode for each in members if each.name.startswith("bin/")} == {0o755}
    assert manifest["python"]["version"] == MINOR
    assert manifest["pins"][0].startswith("tool==1.5 --hash=sha256:")


def test_the_same_pins_give_the_same_bytes(packed, words, shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o077)
    try:
        again = modelenv.pack_environment(
            words, tmp_path / "again.tar.gz", verify=False, indexes=of(shelf)
        )
    finally:
        os.umask(before)
    assert again.verdict is None
    assert again.file.read_bytes() == packed.file.read_bytes()


def test_it_runs_wherever_it_is_unpacked_and_moved(packed, tmp_path):
    unpack(packed.file, tmp_path / "first")
    (tmp_path / "a place").mkdir()
    root = (tmp_path / "first").rename(tmp_path / "a place/environment")
    assert output(f"{root}/bin/tool") == f"tool of {root}"
    assert output(f"{root}/bin/by-hand") == "1.5"
    assert output(f"{root}/bin/by-shell") == "shell"
    said = "import tool, sys; print(tool.__file__, sys.prefix != sys.base_prefix)"
    assert output(f"{root}/bin/python", "-I", "-c", said) == f"{root}/{SITE}/tool/__init__.py True"
    listed = "from importlib.metadata import distributions as d; print([x.name for x in d()])"
    assert output(f"{root}/bin/python{MINOR}", "-I", "-c", listed) == "['tool']"
    link = tmp_path / "tool"
    link.symlink_to(root / "bin/tool")
    assert output(str(link)) == f"tool of {root}"
    assert list((root / SITE / "tool/__pycache__").glob("cli.*.pyc"))
    assert not (root / SITE / "tool/tests/__pycache__").exists()


def test_a_model_runs_in_it_where_nothing_can_be_built(packed, words, tmp_path):
    """No index is known here, and the cache is empty."""
    assert modelenv.predict(words, environment=packed.file) == "WORDS"
    verdict = modelenv.verify(words, environment=str(packed.file))
    assert verdict.status == "reproduces"
    assert verdict.where == "a packed environment"
    assert len([*(tmp_path / "cache/environments").glob("*/environment.json")]) == 1


def test_what_cannot_be_true_of_one_is_refused(packed, words):
    with pytest.raises(modelenv.ModelenvError, match="leave python and env_manager out"):
        modelenv.verify(words, environment=packed.file, env_manager="uv")
    with pytest.raises(FixedEnvironmentError, match="make a pack of the other pins"):
        modelenv.predict(words, environment=packed.file, pip_requirements_override=["x"])


def test_a_pack_of_other_pins_is_refused(packed, tmp_path):
    other = tmp_path / "other"
    modelenv.save_model(str.upper, other, input_example="words", pip_requirements=[], prove=False)
    with pytest.raises(AnotherEnvironmentError, match=r"the pack, .*has tool 1\.5, which is no"):
        modelenv.verify(other, environment=packed.file)


def test_nothing_appears_where_the_model_predicts_otherwise(words, shelf, tmp_path):
    folder = tmp_path / "words"
    shutil.copytree(words, folder)
    (recorded,) = folder.glob("*prediction*.json")
    recorded.write_text(recorded.read_text().replace("WORDS", "words"))
    (tmp_path / "out").mkdir()
    with pytest.raises(PackNotProvenError, match=r"p\.tar\.gz was not written: differs"):
        modelenv.pack_environment(folder, tmp_path / "out/p.tar.gz", indexes=of(shelf))
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.slow
def test_the_command_packs_for_another_platform(words, shelf, tmp_path):
    asked = ["-m", str(words), "-o", str(tmp_path / "p.tar.gz"), "--platform", "linux/arm64"]
    asked += ["--find-links", str(shelf)]
    refused = CliRunner().invoke(command, asked)
    assert isinstance(refused.exception, NoPackError)
    assert "cannot be verified here" in str(refused.exception)
    ran = CliRunner().invoke(command, [*asked, "--no-verify", "--json"], catch_exceptions=False)
    said = json.loads(ran.stdout)
    assert (said["platform"], said["verdict"], said["with_python"]) == ("linux/arm64", None, False)
    again = ["verify", "-m", str(words), "--environment", said["file"]]
    with pytest.raises(SystemExit) as ended:
        main(again)
    assert ended.value.code == 2


def test_what_has_no_wheel_is_named(words, tmp_path):
    write_source(tmp_path / "shelf", "tool", "1.5")
    folder = tmp_path / "words"
    shutil.copytree(words, folder)
    (folder / "pylock.toml").unlink()
    shutil.rmtree(folder / "wheels")
    (folder / "requirements.txt").write_text("--no-index\ntool==1.5\n")
    with pytest.raises(NoWheelsError, match=r"tool==1\.5: it is only a source distribution"):
        modelenv.pack_environment(folder, tmp_path / "p.tar.gz", indexes=of(tmp_path / "shelf"))
    assert not list(tmp_path.glob("*p.tar.gz*"))


def test_a_wheel_may_not_bring_the_interpreter(tmp_path):
    wheel = write_wheel(tmp_path, "bad", "1", modules={"bad-1.data/scripts/python": "#!/bin/sh\n"})
    with pytest.raises(NoWheelsError, match="no wheel may bring the interpreter"):
        lay_out([wheel], f"python{MINOR}", tmp_path / "root", lambda _: None)


@pytest.mark.slow
def test_an_interpreter_is_packed_that_runs_by_itself_or_refused(words, shelf, tmp_path):
    """Which of them this is says nobody before: python-build-standalone's, or a system's."""
    file, made = tmp_path / "p.tar.gz", None
    with suppress(NoPackError):
        made = modelenv.pack_environment(words, file, with_python=True, indexes=of(shelf))
    if made is None:
        with pytest.raises(NoPackError, match="bound to where it is installed"):
            add_python(Path(sys.executable), f"python{MINOR}", tmp_path / "root")
        assert not list(tmp_path.glob("*p.tar.gz*"))
        return
    assert made.with_python
    (tmp_path / "by tar").mkdir()
    subprocess.run(["tar", "xzf", str(file), "-C", str(tmp_path / "by tar")], check=True)
    root = tmp_path / "by tar"
    assert output("env", "-i", f"{root}/bin/python", "-I", "-m", "tool.cli") == ""
    assert output(f"{root}/bin/tool") == f"tool of {root}"


@pytest.mark.parametrize(
    ("copied", "said"),
    [
        (None, "a copy of it does not run"),
        ({"prefix": "/usr"}, "takes its library from /usr"),
        ({"mapped": ["{}/lib/libpython3.so", "/lib/libc.so.6", "/lib64/ld-linux-x86-64.so.2"]}, ""),
        ({"mapped": ["/lib/libssl.so.3", "/lib/libc.so.6"]}, "it needs libssl.so.3 of this system"),
        ({"failed": ["old", "no _ssl"]}, "in a copy of it no _ssl"),
    ],
)
def test_why_an_interpreter_is_bound_to_its_place(tmp_path, copied, said):
    whole = {"prefix": str(tmp_path.resolve()), "mapped": [], "failed": ["old"]}
    if copied is not None:
        copied = {**whole, **copied}
        copied["mapped"] = [each.format(tmp_path.resolve()) for each in copied["mapped"]]
    reason = why_bound(whole, copied, tmp_path)
    assert said in reason if said else not reason


@pytest.mark.slow
def test_batches_take_a_pack_of_their_pins_alone(packed, words, tmp_path):
    model = modelenv.BatchModel.of(words, environment=packed.file)
    assert (model.job.environment.kind, model.job.environment.sha256) == ("packed", packed.sha256)
    other = tmp_path / "other"
    modelenv.save_model(
        str.upper, other, input_example="x", pip_requirements=["late==1"], prove=False, overrides=()
    )
    with pytest.raises(AnotherEnvironmentError, match=r"it has nothing for late==1"):
        modelenv.BatchModel.of(other, environment=packed.file)
    with pytest.raises(BadPackError, match="no pack"):
        modelenv.BatchModel.of(words, environment=words / "MLmodel")


def test_batches_here_run_in_it(packed, words):
    predictions = modelenv.predict_batches(words, ["one", "two"], environment=packed.file)
    assert [*predictions] == ["ONE", "TWO"]
