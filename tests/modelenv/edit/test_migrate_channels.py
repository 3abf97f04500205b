from __future__ import annotations

import json
import subprocess
import sys
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from modelenv import migrate_channels
from modelenv.base.errors import WrongUseError
from modelenv.cli.edit import migrate_channels as command

ROOT = Path(__file__).parents[3]
CONDA = "# mine\nchannels:\n- defaults\ndependencies:\n- python=3.8.1\n- pip:\n  - mlflow\nname: x"


def lay_out(folder: Path, conda: str | bytes = CONDA, *, env: str = "conda.yaml") -> Path:
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text(f"flavors:\n  python_function:\n    env: {env}\n")
    (folder / env).write_bytes(conda if isinstance(conda, bytes) else conda.encode())
    return folder


def test_models_are_found_at_any_depth_and_rewritten(tmp_path: Path) -> None:
    files = [
        lay_out(tmp_path / "a") / "conda.yaml",
        lay_out(tmp_path / "b" / "c" / "d", env="env.yml") / "env.yml",
    ]
    done = CONDA.replace("defaults", "conda-forge")
    lay_out(tmp_path / "done", done)
    lay_out(tmp_path / ".a.1234abcd.partial")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "conda.yaml").write_text(CONDA)
    results = migrate_channels([tmp_path])
    assert {each.file: each.status for each in results} == {
        files[0]: "changed",
        files[1]: "changed",
        tmp_path / "done" / "conda.yaml": "unchanged",
    }
    assert [file.read_text() for file in files] == [done, done]
    assert (tmp_path / "project" / "conda.yaml").read_text() == CONDA


def test_a_trial_changes_nothing_and_shows_the_same(tmp_path: Path) -> None:
    file = lay_out(tmp_path / "a") / "conda.yaml"
    (trial,) = migrate_channels([tmp_path], dry_run=True)
    assert file.read_text() == CONDA
    assert (trial.status, trial.found) == ("to change", ("channels[0]: defaults",))
    (done,) = migrate_channels([tmp_path])
    assert trial.diff == done.diff
    assert "-- defaults\n+- conda-forge" in done.diff


def test_bytes_that_are_not_concerned_stay(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + CONDA.replace("\n", "\r\n").encode()
    file = lay_out(tmp_path / "a", data) / "conda.yaml"
    file.chmod(0o640)
    migrate_channels(str(file))
    assert file.read_bytes() == data.replace(b"defaults", b"conda-forge")
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in file.parent.iterdir()) == ["MLmodel", "conda.yaml"]


def test_a_faulty_one_does_not_stop_the_others(tmp_path: Path) -> None:
    lay_out(tmp_path / "a", "channels: [")
    lay_out(tmp_path / "b", CONDA.encode("utf-16"))
    (lay_out(tmp_path / "c") / "MLmodel").write_text("flavors: [")
    lay_out(tmp_path / "d")
    results = migrate_channels([tmp_path])
    assert [each.status for each in results] == ["faulty", "faulty", "faulty", "changed"]
    assert all(str(tmp_path) in str(each.file) and each.reason for each in results[:3])


def test_a_path_that_is_not_there_is_told_before_anything_is_done(tmp_path: Path) -> None:
    file = lay_out(tmp_path / "a") / "conda.yaml"
    with pytest.raises(WrongUseError, match="nowhere: there is no such"):
        migrate_channels([tmp_path, tmp_path / "nowhere"])
    assert file.read_text() == CONDA


def test_one_path_will_do_and_calling_is_enough(tmp_path: Path) -> None:
    file = lay_out(tmp_path / "a") / "conda.yaml"
    migrate_channels(str(tmp_path))
    assert "conda-forge" in file.read_text()
    migrate_channels((path for path in [tmp_path]), old="conda-forge", new="mine")
    assert "- mine" in file.read_text()
    with pytest.raises(WrongUseError, match=r"paths\[0\] must be a path, not 3"):
        migrate_channels([3])  # type: ignore[list-item]


def test_the_command_shows_counts_and_answers(tmp_path: Path) -> None:
    lay_out(tmp_path / "a")
    apart: dict[str, Any] = (
        {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    )
    run = CliRunner(**apart)  # before click 8.2 it has to be asked
    trial = run.invoke(command, [str(tmp_path), "--dry-run"])
    assert "+- conda-forge" in trial.stdout
    assert trial.stderr == "1 model: 1 to change\n"
    data = json.loads(run.invoke(command, [str(tmp_path), "--json"]).stdout)
    assert [each["status"] for each in data["files"]] == ["changed"]
    lay_out(tmp_path / "b", "- x")
    assert run.invoke(command, [str(tmp_path)]).exit_code == 2
    other = run.invoke(command, [str(tmp_path / "a"), "--from", "conda-forge", "--to", "mine"])
    assert "+- mine" in other.stdout


@pytest.mark.slow
def test_a_thousand_models_need_no_more_memory_than_a_hundred(tmp_path: Path) -> None:
    code = (
        "import resource, sys\nfrom modelenv import migrate_channels\n"
        "n = sum(each.status == 'changed' for each in migrate_channels([sys.argv[1]]))\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    peaks = []
    for count in (100, 1000):
        for number in range(count):
            lay_out(tmp_path / str(count) / f"{number:04}", CONDA + "\n" + "# filling\n" * 500)
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / str(count))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        changed, peak = map(int, done.stdout.split())
        assert changed == count
        peaks.append(peak)
    assert peaks[1] < peaks[0] * 1.15


@pytest.mark.parametrize("channel", ["defaults", "conda-forge"])
def test_a_file_that_a_model_names_and_has_not_is_noted(tmp_path: Path, channel: str) -> None:
    folder = lay_out(tmp_path / "a", CONDA.replace("defaults", channel))
    (folder / "requirements.txt").write_text("numpy\n-r other.txt\n")
    ended = CliRunner().invoke(command, [str(tmp_path)])
    assert ended.exit_code == 0
    assert "requirements.txt:2: the requirements file 'other.txt' is not there" in ended.output
