"""A wheel that is not harmless is not unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable

import pytest

from modelenv.wheels import guard
from modelenv.wheels.errors import NoWheelsError

from ...small_worlds import write_wheel


def add(name: str, content: bytes = b"", mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    file = zipfile.ZipInfo(name)
    file.external_attr = mode << 16
    return file


HARM: dict[str, tuple[Callable[[], zipfile.ZipInfo], str]] = {
    "absolute": (lambda: add("/etc/x"), "absolute path"),
    "of Windows": (lambda: add("C:/x"), "absolute path"),
    "up": (lambda: add("a/../../x"), "leads out"),
    "up, as Windows has it": (lambda: add("a\\..\\x"), "leads out"),
    "up within data": (lambda: add("good-1.data/data/../../x"), "leads out"),
    "another separator": (lambda: add("a\\x"), "a name that no file in a wheel may have"),
    "a link": (lambda: add("link", mode=stat.S_IFLNK | 0o777), "a link or a device"),
    "a device": (lambda: add("null", mode=stat.S_IFCHR | 0o666), "a link or a device"),
    "twice": (lambda: add("good/__init__.py"), "occurs twice"),
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_wheel_that_would_write_elsewhere_is_refused(tmp_path, harm):
    file = write_wheel(tmp_path, "good", "1")
    guard.check(file)
    make, said = HARM[harm]
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(make(), b"x")
    with pytest.raises(NoWheelsError, match=said):
        guard.check(file)


def test_a_wheel_that_unpacks_to_more_than_is_taken_is_refused(tmp_path):
    file = write_wheel(tmp_path, "good", "1", modules={"good/long.py": "#" * 10_000})
    guard.check(file, largest=20_000)
    with pytest.raises(NoWheelsError, match=r"unpacks to 10,\d+ bytes"):
        guard.check(file, largest=10_000)


def test_what_is_no_archive_is_refused(tmp_path):
    file = tmp_path / "a-1-py3-none-any.whl"
    file.write_bytes(b"no archive")
    with pytest.raises(NoWheelsError, match="cannot be read as a wheel"):
        guard.check(file)
