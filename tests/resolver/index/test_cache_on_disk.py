"""The index cache on disk, whatever becomes of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resolver.errors import BrokenMetadataError, SourceError
from resolver.index.cache import HttpCache
from resolver.index.fetcher import Fetcher
from resolver.index.pip_config import options_at_hand
from resolver.index.session import Access
from resolver.index.simple_api import Link
from resolver.sources.contents.metadata import MetadataReader
from resolver.sources.index import IndexSource

from .index_server import answer, pins

VALUE = {"rows": [["a-1.0.tar.gz", "x" * 1_000]] * 20}


def entry_of(folder: Path) -> Path:
    """Return the one entry that is kept."""
    (file,) = (each for each in folder.rglob("*") if each.is_file())
    return file


@pytest.fixture
def kept(tmp_path):
    """A cache with one entry, and its file."""
    cache = HttpCache(tmp_path)
    cache.put("pages", "key", VALUE)
    assert cache.get("pages", "key") == VALUE
    return tmp_path, entry_of(tmp_path)


def cut(file):
    file.write_bytes(file.read_bytes()[:-7])


def change_a_letter(file):
    file.write_bytes(file.read_bytes().replace(b"a-1.0", b"a-9.0", 1))


def empty(file):
    file.write_bytes(b"")


def write_another_release(file):
    file.write_bytes(b'[0, "", "", [], null]')


def put_a_pipe(file):
    file.unlink()
    os.mkfifo(file)


def put_a_folder(file):
    file.unlink()
    file.mkdir()


def put_a_link_to_nothing(file):
    file.unlink()
    file.symlink_to("/nowhere/at/all")


def put_a_device(file):
    file.unlink()
    file.symlink_to("/dev/zero")


DAMAGES = [
    *(cut, change_a_letter, empty, write_another_release),
    *(put_a_pipe, put_a_folder, put_a_link_to_nothing, put_a_device),
]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices are files elsewhere")
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_entry_was_not_kept(kept, damage):
    folder, file = kept
    damage(file)
    began = time.monotonic()
    told: list[str] = []
    cache = HttpCache(folder, tell=told.append)
    assert cache.get("pages", "key") is None
    cache.put("pages", "key", VALUE)
    assert time.monotonic() - began < 20
    assert told == []
    if damage is not put_a_folder:  # which is somebody's, and stays
        assert cache.get("pages", "key") == VALUE


def test_a_damaged_page_is_fetched_anew(index, world, tmp_path):
    index.add("a", "1.0")

    def resolve():
        fetcher = Fetcher()
        source = IndexSource(index.url, world.target(), Access(fetcher, HttpCache(tmp_path)))
        try:
            return pins(answer(world, [source], "a"))
        finally:
            fetcher.close()

    assert resolve() == ["a==1.0"]
    asked = len(index.asked)
    assert resolve() == ["a==1.0"]
    for file in [each for each in tmp_path.rglob("*") if each.is_file()]:
        cut(file)
    assert resolve() == ["a==1.0"]
    assert "/simple/a/" in index.asked[asked:]


LINK = ["a-1.0-py3-none-any.whl", "/files/a", "", False, "", [], None, ""]
SOON = 1_300
TEXTS: list[str] = []
PIP = {
    "indexes": TEXTS,
    "find_links": TEXTS,
    "constraints": [],
    "trusted_hosts": TEXTS,
    "certificates": None,
    "proxy": None,
    "retries": None,
    "timeout": 9.0,
    "no_wheels": "",
    "no_sources": "",
    "uploaded_prior_to": "",
    "built_in": "",
}
KEPT = {
    "pages": [SOON, "", "", TEXTS, [LINK], "", [[0, "bad"]], ["archived", "old"]],
    "metadata": ["", TEXTS, ["b"]],
    "pip": {"until": SOON, "files": {}, "options": PIP},
}


OTHERS = (None, True, 7, "\ud800", ["x"], {"x": 1})


def changed(value):
    """Yield copies of a value in which one part is another, is missing, or is one too many."""
    yield from OTHERS
    if not isinstance(value, (dict, list)):
        return
    for key, part in [*(value.items() if isinstance(value, dict) else enumerate(value))]:
        for other in changed(part):
            copy = value.copy()
            copy[key] = other
            yield copy
        copy = value.copy()
        del copy[key]
        yield copy
    yield {**value, "more": 5} if isinstance(value, dict) else [*value, 5]


@pytest.mark.parametrize("kind", KEPT)
def test_what_another_program_put_is_no_reason_to_fail(world, tmp_path, kind):
    """Whatever stands there, under a right checksum, is read as it was meant or not at all."""
    read = {"pages": read_page, "metadata": read_metadata, "pip": read_options}[kind]
    assert read(KEPT[kind], world, tmp_path) is not None
    count = 0
    for value in changed(KEPT[kind]):
        read(value, world, tmp_path)
        count += 1
    assert count > 30


class Keeping(HttpCache):
    """A cache that has one value, whatever it is asked for."""

    def __init__(self, folder, value):
        super().__init__(folder, clock=lambda: 1_000.0)
        self.put("any", "key", value)

    def get(self, kind, key):
        return super().get("any", "key")


def read_page(value, world, folder):
    """Return the files that are known without asking anybody."""
    access = Access(Fetcher(offline=True), Keeping(folder, value))
    source = IndexSource("http://index.example/simple", world.target(), access)
    try:
        found = [(each.version, source.files(each)) for each in source.candidates("a")]
        return found, source.remarks("a")
    except SourceError:  # it was never fetched
        return None


def read_metadata(value, world, folder):
    digest = f"sha256={64 * 'a'}"
    link = Link("a-1.0-py3-none-any.whl", "http://index.example/a", hashes=(digest,))
    reader = MetadataReader(Access(Fetcher(offline=True), Keeping(folder, value)))
    try:
        return reader.read(link).needs(world.target())
    except (SourceError, BrokenMetadataError):  # not at hand; or of half a character
        return None


def read_options(value, world, folder):
    said = options_at_hand(sys.executable, Keeping(folder, value), {})
    return said and (said.holds_login, hash(said), said.timeout and said.timeout + 1)


def test_a_mark_that_no_request_may_bear_is_not_sent(index, world, tmp_path):
    index.add("a", "1.0")
    index.page_headers = {"ETag": '"\xff\x01"', "Cache-Control": "max-age=0"}
    fetcher = Fetcher()
    for _ in range(2):
        source = IndexSource(index.url, world.target(), Access(fetcher, HttpCache(tmp_path)))
        assert pins(answer(world, [source], "a")) == ["a==1.0"]
    fetcher.close()
    assert {each.get("If-None-Match") for each in index.headers} == {None}


def test_a_key_of_half_a_character_is_a_key(tmp_path):
    cache = HttpCache(tmp_path)
    cache.put("pages", "\ud800", VALUE)
    assert cache.get("pages", "\ud800") == VALUE


def test_a_disk_that_takes_nothing_is_told_once_and_the_run_goes_on(tmp_path):
    (tmp_path / "file").write_text("in the way")
    told: list[str] = []
    cache = HttpCache(tmp_path / "file", tell=told.append)
    for key in ("one", "two"):
        cache.put("pages", key, VALUE)
    assert cache.get("pages", "one") is None
    (said,) = told
    assert str(tmp_path / "file") in said
    assert said.endswith("Not a directory; going on without it")


FULL = """
import resource, signal, sys
from pathlib import Path
from resolver.index.cache import HttpCache
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
cache = HttpCache(Path(sys.argv[1]), tell=lambda text: print(text, flush=True))
for key in "ab":
    cache.put("pages", key, ["x" * 1_000])
print([cache.get("pages", key) for key in "ab"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of that kind")
def test_a_disk_that_is_full_in_the_middle_of_an_entry_leaves_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    told, values = done.stdout.splitlines()
    assert "File too large; going on without it" in told
    assert values == "[None, None]"
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


WRITER = """
import sys
from pathlib import Path
from resolver.index.cache import HttpCache
cache = HttpCache(Path(sys.argv[1]))
for number in range(10**9 if sys.argv[2] == "on" else 200):
    cache.put("pages", "key", [sys.argv[2]] * 50_000)
    if number == 0:
        print("began", flush=True)
"""


def writer(folder, what):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), what], stdout=subprocess.PIPE
    )


def test_two_processes_at_once_and_one_that_is_killed_leave_whole_entries(tmp_path):
    writers = [writer(tmp_path, "on"), writer(tmp_path, "two")]
    for each in writers:
        assert each.stdout.readline()
    cache = HttpCache(tmp_path)
    seen = {cache.get("pages", "key")[0] for _ in range(30)}
    assert seen <= {"on", "two"}
    writers[0].kill()
    for each in writers:
        each.wait()
        each.stdout.close()
    assert cache.get("pages", "key") in (["on"] * 50_000, ["two"] * 50_000)


def test_what_a_killed_process_left_is_removed_later(tmp_path):
    HttpCache(tmp_path).put("pages", "key", VALUE)
    unfinished = next(each for each in tmp_path.rglob("unfinished"))
    old, new = unfinished / "tmpold", unfinished / "tmpnew"
    for each in (old, new):
        each.write_text("half")
    os.utime(old, (0, 0))
    HttpCache(tmp_path).put("pages", "other", VALUE)
    assert not old.exists()
    assert new.exists()  # somebody may be writing it
