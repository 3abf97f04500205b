"""The context: the model without what is not its own, and nothing that leads out of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from envfiles import TargetChanged
from modelenv.folder.artifacts import check_seal
from modelenv.folder.model_folder import ModelFolder
from modelenv.ship.context import check_unchanged, write_context
from modelenv.ship.errors import NoImageError

from .lint import instructions
from .worlds import plan, save


@pytest.fixture
def made(words: Path, tmp_path: Path) -> Path:
    """A model folder, with the caches that come of using it."""
    folder = tmp_path / "words"
    shutil.copytree(words, folder)
    for cache in ("code/__pycache__/own.pyc", ".git/HEAD", "code/.DS_Store"):
        (folder / cache).parent.mkdir(exist_ok=True)
        (folder / cache).write_text("")
    return folder


def written(folder: Path, tmp_path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    place = tmp_path / "context"
    place.mkdir()
    left = write_context(plan(ModelFolder.open(folder), tmp_path / "wheelhouse"), place)
    files = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.name for path in files}, left


def test_it_holds_what_the_dockerfile_copies_and_nothing_else(made: Path, tmp_path: Path) -> None:
    files, left = written(made, tmp_path)
    model = {name for name in files if name.startswith("model/")}
    assert {*files} - model == {
        *("Dockerfile", ".dockerignore", "settle.py", "locks/model.txt", "locks/server.txt"),
        "wheels/model/alpha-1.0-py3-none-any.whl",
        "wheels/server/serves-2.0-py3-none-any.whl",
    }
    assert {"model/MLmodel", "model/model.pkl", "model/code/modelenv_pyfunc_loader.py"} <= model
    assert not [name for name in model if "pyc" in name or "git" in name or "DS_Store" in name]
    assert left == ()


def test_every_source_of_a_copy_is_there_and_let_through(made: Path, tmp_path: Path) -> None:
    written(made, tmp_path)
    context = tmp_path / "context"
    text = (context / "Dockerfile").read_text()
    sources = [
        each.rest.split()[0]
        for each in instructions(text)
        if each.word == "COPY" and not each.rest.startswith("--")
    ]
    assert len(sources) == 7
    assert all((context / source).exists() for source in sources)
    let_through = {line[1:] for line in (context / ".dockerignore").read_text().splitlines()}
    assert {source.partition("/")[0] for source in sources} <= let_through


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ("*.csv\n", {"big.csv"}),
        ("**/*.csv\n", {"big.csv", "data/more.csv"}),
        ("data\n", {"data/more.csv", "data/a.txt"}),
        ("data\n!data/a.txt\n", {"data/more.csv"}),
        ("# data\n\n/data/*.txt\n", {"data/a.txt"}),
        ("dat[a-c]/mor?.csv\n", {"data/more.csv"}),
        ("d*\n!data\n", set()),
        ("nothing\n", set()),
    ],
)
def test_its_own_dockerignore_is_heeded(
    made: Path, tmp_path: Path, patterns: str, left: set[str]
) -> None:
    (made / "data").mkdir()
    for name in ("big.csv", "data/more.csv", "data/a.txt"):
        (made / name).write_text("")
    (made / ".dockerignore").write_text(patterns)
    files, told = written(made, tmp_path)
    assert {*told} == left
    assert not {f"model/{name}" for name in left} & {*files}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
@pytest.mark.parametrize("target", ["/etc/hostname", "../beside", "/", "nowhere"])
def test_no_link_leads_out(made: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "beside").write_text("a secret")
    (made / "data.txt").symlink_to(target)
    with pytest.raises(NoImageError, match=r"data\.txt.*(leads out|no file).*\.dockerignore"):
        written(made, tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_within_becomes_its_file(made: Path, tmp_path: Path) -> None:
    (made / "same.pkl").symlink_to("model.pkl")
    written(made, tmp_path)
    copied = tmp_path / "context" / "model" / "same.pkl"
    assert not copied.is_symlink()
    assert copied.read_bytes() == (made / "model.pkl").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes in folders")
def test_what_is_no_file_is_refused(made: Path, tmp_path: Path) -> None:
    os.mkfifo(made / "pipe")
    with pytest.raises(NoImageError, match="pipe"):
        written(made, tmp_path)


def test_the_files_of_a_model_are_no_caches_whatever_they_are_called(tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = {".git/HEAD", "__pycache__/table.pyc", "deep/.DS_Store", ".ipynb_checkpoints/a"}
    for name in names:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name)
    for name in ("empty", "deep/empty/within", "__pycache__/empty"):
        (data / name).mkdir(parents=True)
    folder = save(tmp_path / "words", artifacts={"data": data}).path
    for cache in ("__pycache__/own.pyc", "code/__pycache__/own.pyc", ".git/objects/aa/b"):
        (folder / cache).parent.mkdir(parents=True, exist_ok=True)
        (folder / cache).write_text("")
    (folder / "code" / "__pycache__" / "empty").mkdir()
    assert {*ModelFolder.open(folder).mlmodel.sealed} >= {f"artifacts/data/data/{n}" for n in names}
    files, left = written(folder, tmp_path)
    copy = tmp_path / "context" / "model"
    check_seal(copy, "model.pkl", ModelFolder.open(folder).mlmodel.sealed)
    assert not left
    caches = {name for name in files if "__pycache__" in name or "/.git/" in name}
    assert all(name.startswith("model/artifacts/data/data/") for name in caches)
    for name in ("empty", "deep/empty/within", "__pycache__/empty"):
        assert (copy / "artifacts" / "data" / "data" / name).is_dir()
    assert not (copy / "code" / "__pycache__").exists()


@pytest.mark.parametrize(
    ("patterns", "named"),
    [
        ("*\n!MLmodel\n!model.pkl\n", "code"),
        ("MLmodel\n", "MLmodel"),
        ("*.pkl\n", "model.pkl"),
        ("**/*.py\n", "code"),
        ("mod*\n", "model.pkl"),
    ],
)
def test_what_a_model_is_not_loaded_without_is_not_left_out(
    made: Path, tmp_path: Path, patterns: str, named: str
) -> None:
    (made / ".dockerignore").write_text(patterns)
    with pytest.raises(NoImageError, match=rf"{named}.*\.dockerignore.*!"):
        written(made, tmp_path)


def test_a_file_with_a_recorded_hash_is_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text("1")
    folder = save(tmp_path / "words", artifacts={"data": tmp_path / "big.csv"}).path
    (folder / ".dockerignore").write_text("**/*.csv\n")
    with pytest.raises(NoImageError, match=r"big\.csv.*!artifacts/data/big\.csv"):
        written(folder, tmp_path)


@pytest.mark.parametrize("pattern", ["[]a]", "[z-a]", "![]a]", "a/[]b]/*"])
def test_what_is_no_pattern_is_named(made: Path, tmp_path: Path, pattern: str) -> None:
    (made / ".dockerignore").write_text(f"data\n{pattern}\n")
    with pytest.raises(NoImageError, match=r"b?\].*in \.dockerignore: this is no valid pattern"):
        written(made, tmp_path)


@pytest.mark.parametrize("pattern", ["[[]x", "[a&&b]", "[~~a]", "[|]", "[^[]", "a[", "]", "!"])
def test_odd_patterns_are_read_without_a_word(made: Path, tmp_path: Path, pattern: str) -> None:
    (made / ".dockerignore").write_text(f"{pattern}\n!?*\n")
    assert written(made, tmp_path)[1] == ()


def test_a_folder_that_is_changed_meanwhile_is_noticed(made: Path) -> None:
    folder = ModelFolder.open(made)
    check_unchanged(folder)
    (folder.path / "requirements.txt").write_text("numpy\n")
    with pytest.raises(TargetChanged):
        check_unchanged(folder)
