"""Artifacts are copied, indexed and sealed."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import modelenv
from modelenv.folder import artifacts
from modelenv.folder.errors import BadArtifactError, ChangedContentError
from modelenv.folder.model_folder import ModelFolder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with a file and a folder of two files."""
    root = tmp_path / "sources"
    (root / "vocabulary" / "deep").mkdir(parents=True)
    (root / "weights.bin").write_bytes(b"\0" * 3_000_000 + b"end")
    (root / "vocabulary" / "words.txt").write_text("one two")
    (root / "vocabulary" / "deep" / "more.txt").write_text("three")
    return root


@pytest.fixture
def folder(tmp_path: Path, sources: Path) -> Path:
    """Return a model folder with both artifacts and a model."""
    target = tmp_path / "model"
    target.mkdir()
    (target / "model.pkl").write_bytes(b"a pickle")
    given = {"weights": sources / "weights.bin", "vocabulary": sources / "vocabulary"}
    artifacts.copy(artifacts.check(given), target)
    return target


def test_files_and_folders_are_copied_under_their_names(folder: Path, sources: Path) -> None:
    found = artifacts.index(folder)
    assert Path(found["weights"]).read_bytes() == (sources / "weights.bin").read_bytes()
    assert (Path(found["vocabulary"]) / "deep" / "more.txt").read_text() == "three"


def test_a_copy_keeps_its_content_when_the_source_is_written_to(
    folder: Path, sources: Path
) -> None:
    with (sources / "weights.bin").open("r+b") as stream:
        stream.write(b"changed")
    assert Path(artifacts.index(folder)["weights"]).read_bytes()[:7] == b"\0" * 7


def test_links_are_made_where_they_may_be(tmp_path: Path, sources: Path) -> None:
    target = tmp_path / "model"
    target.mkdir()
    given = artifacts.check({"weights": sources / "weights.bin", "words": sources / "vocabulary"})
    assert artifacts.copy(given, target, link=True) == ()
    found = artifacts.index(target)
    assert Path(found["weights"]).samefile(sources / "weights.bin")
    assert Path(found["words"], "words.txt").samefile(sources / "vocabulary" / "words.txt")


def test_a_file_that_went_meanwhile_or_cannot_be_read_is_named(tmp_path: Path) -> None:
    target, source = tmp_path / "model", tmp_path / "source"
    source.mkdir()
    (source / "gone.txt").touch()
    given = artifacts.check({"big": source})
    (source / "gone.txt").unlink()
    target.mkdir()
    with pytest.raises(BadArtifactError, match=r"artifacts\['big'\] = .*gone.txt: it went while"):
        artifacts.copy(given, target)


@pytest.mark.skipif(sys.platform != "linux", reason="a file that only Linux has")
def test_a_file_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "damaged").symlink_to("/proc/self/mem")
    with pytest.raises(BadArtifactError, match=r"artifacts\['big'\] = .*damaged: cannot be read"):
        modelenv.save_model(
            len, tmp_path / "out" / "m", input_example=[1], artifacts={"big": tmp_path / "source"}
        )
    assert not (tmp_path / "out").exists()


def test_two_artifacts_may_have_the_same_file_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.txt").write_text(name)
    target = tmp_path / "model"
    target.mkdir()
    given = {name: tmp_path / name / "data.txt" for name in ("one", "two")}
    artifacts.copy(artifacts.check(given), target)
    assert [Path(path).read_text() for path in artifacts.index(target).values()] == ["one", "two"]


def test_without_artifacts_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    artifacts.copy({}, folder)
    assert list(folder.iterdir()) == []
    assert artifacts.index(folder) == {}


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "c:"])
def test_a_name_that_leads_elsewhere_is_an_error(name: str, sources: Path) -> None:
    with pytest.raises(BadArtifactError, match="cannot be that of a folder"):
        artifacts.check({name: sources / "weights.bin"})


def test_a_missing_artifact_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadArtifactError, match=r"artifacts\['weights'\].*no such file"):
        artifacts.check({"weights": tmp_path / "absent.bin"})


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such thing")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "link to a device"])
def test_what_is_neither_file_nor_folder_is_no_artifact(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "it"
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(place.name)
    elif kind == "device":
        place = Path(os.devnull)
    else:
        place.symlink_to(os.devnull)
    with pytest.raises(BadArtifactError, match="neither a file nor a folder"):
        artifacts.check({"it": place})


def test_the_seal_holds_the_sha256_of_the_model_and_of_every_artifact(folder: Path) -> None:
    sealed = artifacts.seal(folder, "model.pkl")
    assert sealed["model.pkl"] == hashlib.sha256(b"a pickle").hexdigest()
    assert set(sealed) == {
        "model.pkl",
        "artifacts/weights/weights.bin",
        "artifacts/vocabulary/vocabulary/words.txt",
        "artifacts/vocabulary/vocabulary/deep/more.txt",
    }


def test_what_was_not_touched_passes_the_check(folder: Path) -> None:
    artifacts.check_seal(folder, "model.pkl", artifacts.seal(folder, "model.pkl"))


def test_a_folder_without_a_seal_passes_the_check(folder: Path) -> None:
    artifacts.check_seal(folder, "model.pkl", {})


def test_changed_missing_and_added_files_are_named(folder: Path) -> None:
    sealed = artifacts.seal(folder, "model.pkl")
    (folder / "model.pkl").write_bytes(b"another pickle")
    words = folder / "artifacts" / "vocabulary" / "vocabulary" / "words.txt"
    words.rename(words.with_name("other.txt"))
    with pytest.raises(ChangedContentError) as caught:
        artifacts.check_seal(folder, "model.pkl", sealed)
    assert caught.value.changed == ("model.pkl",)
    assert caught.value.missing == ("artifacts/vocabulary/vocabulary/words.txt",)
    assert caught.value.added == ("artifacts/vocabulary/vocabulary/other.txt",)
    assert "allow_changed" in str(caught.value)


def test_secrets_are_not_swept_in_with_a_folder(sources: Path, tmp_path: Path) -> None:
    (sources / "vocabulary" / ".env").write_text("TOKEN=1")
    (sources / "vocabulary" / "deep" / "id_rsa").write_text("key")
    found = artifacts.check({"vocabulary": sources / "vocabulary"})["vocabulary"]
    assert sorted(found.files) == ["deep/more.txt", "words.txt"]
    assert [Path(file).name for file in found.left_out] == [".env", "id_rsa"]


def test_a_secret_that_is_named_itself_travels(sources: Path) -> None:
    (sources / "public.pem").write_text("certificate")
    found = artifacts.check({"certificate": sources / "public.pem"})["certificate"]
    assert found.files == {".": sources / "public.pem"}


def test_empty_folders_are_kept_and_links_followed(sources: Path, tmp_path: Path) -> None:
    (sources / "vocabulary" / "empty").mkdir()
    (sources / "vocabulary" / "weights").symlink_to(sources / "weights.bin")
    target = tmp_path / "model"
    target.mkdir()
    artifacts.copy(artifacts.check({"all": sources / "vocabulary"}), target)
    place = Path(artifacts.index(target)["all"])
    assert (place / "empty").is_dir()
    assert (place / "weights").stat().st_size == 3_000_003
    assert not (place / "weights").is_symlink()


@pytest.mark.parametrize(("goal", "message"), [("nowhere", "nowhere"), ("..", "in a circle")])
def test_a_link_that_leads_nowhere_or_in_a_circle_is_named(
    sources: Path, goal: str, message: str
) -> None:
    (sources / "vocabulary" / "deep" / "link").symlink_to(goal)
    with pytest.raises(BadArtifactError, match=message):
        artifacts.check({"vocabulary": sources / "vocabulary"})


def test_files_are_in_the_order_of_their_folders(tmp_path: Path) -> None:
    names = ["artifacts/a/z.txt", "artifacts/a-b/c.txt", "artifacts/a.txt", "working/b.txt"]
    for name in ("working/b.txt", "artifacts/a.txt", "artifacts/a-b/c.txt", "artifacts/a/z.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "model.pkl").touch()
    assert list(artifacts.seal(tmp_path, "model.pkl")) == ["model.pkl", *names]


WRITES = """
class Writes:
    def load_context(self, context):
        for file in context.artifacts.values():
            with open(file, "r+b") as stream:
                stream.write(b"loaded")

    def predict(self, context, data):
        return data

model = Writes()
"""


def test_what_the_traced_run_writes_to_is_sealed_as_it_is_then(tmp_path: Path) -> None:
    (tmp_path / "writes.py").write_text(WRITES)
    given = {"short": tmp_path / "short.bin", "long": tmp_path / "long.bin"}
    for name, size in (("short", 10), ("long", 3_000_000)):
        given[name].write_bytes(b"\0" * size)
    script, target = tmp_path / "writes.py", tmp_path / "model"
    modelenv.save_model(script, target, input_example=[1], artifacts=given, prove=False)
    for name, source in given.items():
        assert Path(artifacts.index(target)[name]).read_bytes()[:6] == b"loaded"
        assert source.read_bytes()[:6] == b"\0" * 6
    saved = ModelFolder.open(target).mlmodel
    assert len(saved.sealed) == 3
    artifacts.check_seal(target, saved.data, saved.sealed)


# The peak of this program alone: that of getrusage begins with what its parent had when it forked.
MEASURE = """
import sys
import modelenv
modelenv.save_model(len, sys.argv[2], input_example=[1], artifacts={"big": sys.argv[1]})
with open("/proc/self/status") as status:
    (peak,) = (line.split()[1] for line in status if line.startswith("VmHWM:"))
print(int(peak) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the figure has another unit")
def test_a_large_file_is_copied_and_sealed_in_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "big.bin").open("wb") as stream:
        for _ in range(300):  # no holes, which are not copied
            stream.write(bytes(1_000_000))
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "big.bin"), str(tmp_path / "model")]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(ended.stdout) <= 80
    copied = tmp_path / "model" / "artifacts" / "big" / "big.bin"
    assert copied.stat().st_size == 300_000_000


def test_what_the_data_reads_beside_it_is_held_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("model = open('model.lgb').read()")
    (tmp_path / "model.lgb").write_text("tree")
    sealed = artifacts.seal(tmp_path, "model.py", beside=["model.lgb"])
    assert [*sealed] == ["model.py", "model.lgb"]
    artifacts.check_seal(tmp_path, "model.py", sealed)
    (tmp_path / "model.lgb").write_text("another tree")
    with pytest.raises(ChangedContentError, match=r"changed: model\.lgb"):
        artifacts.check_seal(tmp_path, "model.py", sealed)
    (tmp_path / "model.lgb").unlink()
    with pytest.raises(ChangedContentError, match=r"missing: model\.lgb"):
        artifacts.check_seal(tmp_path, "model.py", sealed)
    outside = {"model.py": sealed["model.py"], "../outside": sealed["model.lgb"]}
    (tmp_path.parent / "outside").write_text("tree")
    with pytest.raises(ChangedContentError, match=r"missing: \.\./outside"):
        artifacts.check_seal(tmp_path, "model.py", outside)
