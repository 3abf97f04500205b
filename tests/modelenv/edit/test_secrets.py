"""Values of variables are looked up, and never written: only their names are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envfiles import check_agreement, read_folder
from modelenv import Indexes, lock_model, update_requirements
from modelenv.base.addresses.known_hosts import UnknownHostError
from modelenv.environments.interpreter import Python
from modelenv.pins.change.repin import repin
from modelenv.pins.package_sources import PackageSources
from modelenv.pins.pin_set import PinSet

pytest.importorskip("packaging.pylock")
pytest.importorskip("pip")

Model = Callable[..., Path]
SECRET = "s3cr3t-word"


@pytest.fixture(autouse=True)
def _world(
    installed_site: Callable[..., None], wheels: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed_site("alpha", "1.0")
    monkeypatch.setenv("OUR_TOKEN", SECRET)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/none")
    monkeypatch.setenv("PIP_RETRIES", "0")


class Guarded:
    """An index whose files and pages stand below a folder that only who knows the word finds."""

    def __init__(self, index: Any) -> None:
        self.index = index
        self.allowed = Indexes(allow_variables=[f"OUR_TOKEN={index.url}"])
        answer = index.answer
        index.answer = lambda path: self._beyond(answer, path)

    @property
    def written(self) -> str:
        return f"{self.index.url}/${{OUR_TOKEN}}"

    def _beyond(self, answer: Any, path: str) -> Any:
        start = f"/{SECRET}/"
        if not path.startswith(start):
            return None
        found = answer(path.removeprefix(f"/{SECRET}"))
        if found and found[0].endswith("+json"):
            body = found[1].replace(b'"/files/', f'"/{SECRET}/files/'.encode())
            return found[0], body
        return found


@pytest.fixture
def guarded(index: Any, wheels: Any) -> Guarded:
    for version in ("1.0", "2.0"):
        file = wheels.add("own", version)
        index.add(file)
        file.unlink()
    return Guarded(index)


def holds(folder: Path, word: str) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if word.encode() in path.read_bytes())


def state(folder: Path, *options: str) -> Path:
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text("".join(f"{each}\n" for each in options) + text)
    return folder


@pytest.mark.parametrize(
    "option",
    [
        "--extra-index-url https://${OUR_TOKEN}@host/simple",
        "--extra-index-url https://host/${OUR_TOKEN}/simple",
        "--index-url https://me:${OUR_TOKEN}@host/simple",
        "--find-links https://host/all?key=${OUR_TOKEN}",
    ],
)
def test_an_option_is_written_as_it_was_given(model: Model, option: str, tmp_path: Path) -> None:
    folder = model({"alpha==1.0": "imported by the model"})
    (tmp_path / "more.txt").write_text(f"{option}\nalpha\n")
    update_requirements(folder, add=[f"-r {tmp_path / 'more.txt'}"], index="never")
    assert holds(folder, SECRET) == []
    assert holds(folder, "${OUR_TOKEN}") == ["conda.yaml", "requirements.txt"]


def test_a_url_is_looked_up_and_written_as_it_was_given(model: Model, guarded: Guarded) -> None:
    folder = model({"alpha==1.0": "imported by the model"})
    url = f"{guarded.written}/files/own-1.0-py3-none-any.whl"
    update_requirements(folder, add=[f"own @ {url}"])
    assert [each.requirement for each in read_folder(folder).requirements] == [
        "alpha==1.0",
        f"own @ {url}",
    ]
    assert holds(folder, SECRET) == []
    check_agreement(folder)


def test_a_url_that_stands_in_the_folder_is_looked_up_and_stays_as_it_is(
    model: Model, guarded: Guarded
) -> None:
    line = f"own @ {guarded.written}/files/own-1.0-py3-none-any.whl"
    folder = model({line: "imported by the model"})
    with pytest.raises(UnknownHostError, match="OUR_TOKEN"):
        update_requirements(folder, add=["alpha"])
    update_requirements(folder, add=["alpha"], indexes=guarded.allowed)
    assert [each.requirement for each in read_folder(folder).requirements] == ["alpha==1.0", line]
    assert holds(folder, SECRET) == []


def test_the_login_of_a_repository_stays_the_name_of_its_variable(
    model: Model,
    installed_site: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed_site("repo", "1.0")
    record = '{"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "1f2e3d4"}}'
    (tmp_path / "site" / "repo-1.0.dist-info" / "direct_url.json").write_text(record)
    folder = model({"alpha==1.0": "imported by the model"})
    line = "repo @ git+https://${OUR_TOKEN}@host/r.git"
    update_requirements(folder, add=[line], index="never")
    assert read_folder(folder).requirements[1].requirement == f"{line}@1f2e3d4"
    monkeypatch.delenv("OUR_TOKEN")  # nothing has to be fetched
    update_requirements(folder, add=["alpha"], index="never")
    assert read_folder(folder).requirements[1].requirement == f"{line}@1f2e3d4"


def test_a_constraint_is_written_as_it_was_given(model: Model, tmp_path: Path) -> None:
    folder = model({"alpha==1.0": "imported by the model"})
    (tmp_path / "limits.txt").write_text("nobody @ https://host/${OUR_TOKEN}/n-1.zip\n")
    update_requirements(folder, add=["alpha", f"-c {tmp_path / 'limits.txt'}"], index="never")
    assert read_folder(folder).constraints == ("nobody @ https://host/${OUR_TOKEN}/n-1.zip",)


def test_a_lock_names_the_variable_in_the_addresses_of_files(
    model: Model, guarded: Guarded
) -> None:
    folder = state(
        model({"own==1.0": "imported by the model"}), f"--index-url {guarded.written}/simple"
    )
    with pytest.raises(UnknownHostError, match="OUR_TOKEN"):
        lock_model(folder)
    locking = lock_model(folder, indexes=guarded.allowed)
    assert locking.lock is not None
    assert holds(folder, SECRET) == []
    (file,) = locking.lock.by_name["own"].artifacts
    assert file.url == f"{guarded.written}/files/own-1.0-py3-none-any.whl"


def test_a_change_for_one_run_names_the_variable_too(model: Model, guarded: Guarded) -> None:
    url = f"{guarded.written}/files/own-2.0-py3-none-any.whl"
    folder = model({"alpha==1.0": "imported by the model"})
    wanted = repin(
        PinSet(read_folder(folder)),
        [f"own @ {url}"],
        Python.current().installed(),
        PackageSources(folder / "wheels", environment={"OUR_TOKEN": SECRET}),
    )
    assert wanted.lines == ("alpha==1.0", f"own @ {url}")
    assert SECRET not in str(wanted)


def test_a_line_that_is_a_variable_as_a_whole_is_not_written_as_what_it_stands_for(
    model: Model, guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{guarded.index.url}/{SECRET}/files/own-1.0-py3-none-any.whl"
    monkeypatch.setenv("OUR_URL", url)
    folder = model({"alpha==1.0": "imported by the model"})
    update_requirements(folder, add=["own @ ${OUR_URL}"])
    assert read_folder(folder).requirements[1].requirement == "own @ ${OUR_URL}"
    assert holds(folder, SECRET) == []
