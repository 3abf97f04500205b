"""Messages between a server and a worker, small and large."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelenv.worker.frames import (
    LARGE,
    PREFIX,
    BodyMemory,
    BrokenFrameError,
    Frame,
    read_file,
    receive,
)

Part = bytes | memoryview
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    before = len(list(Path("/proc/self/fd").iterdir()))
    one, other = socket.socketpair()
    with one, other:
        yield one, other
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def crossed(pair: Pair, frame: Frame) -> tuple[object, bytes]:
    """Send a message from one side and return what the other receives."""
    sender = threading.Thread(target=frame.send, args=(pair[0],))
    sender.start()
    head, body = receive(pair[1])
    sender.join()
    return head, bytes(body)


@pytest.mark.parametrize("size", [0, 1, 300_000, LARGE - 1, LARGE, 3 * LARGE + 1])
def test_a_message_comes_whole(pair: Pair, size: int) -> None:
    data = os.urandom(size)
    parts: list[Part] = [data[: size // 3], b"", memoryview(data)[size // 3 :]]
    assert crossed(pair, Frame({"a": "ü"}, parts)) == ({"a": "ü"}, data)


def test_very_many_parts_come_whole(pair: Pair) -> None:
    parts = [b"%d" % number for number in range(2000)]
    assert crossed(pair, Frame({}, parts)) == ({}, b"".join(parts))
    long = [b"x" * 2000] * 2000
    assert crossed(pair, Frame({}, long)) == ({}, b"".join(long))


def test_memory_is_used_again(pair: Pair) -> None:
    memory = BodyMemory()
    for size in (3 * LARGE, LARGE, 2 * LARGE, 10, 4 * LARGE):
        data = os.urandom(size)
        assert crossed(pair, Frame({"size": size}, [data], memory)) == ({"size": size}, data)
    memory.close()
    memory.close()


def test_what_was_never_sent_leaves_nothing_open(pair: Pair) -> None:
    frame = Frame({}, [bytes(LARGE)])
    frame.close()
    pair[1].close()
    with pytest.raises(OSError, match=r"[Bb]roken pipe"):
        Frame({}, [bytes(LARGE)]).send(pair[0])


def test_the_other_side_goes(pair: Pair) -> None:
    pair[0].sendall(PREFIX.pack(10, 0, 0) + b"{}")
    pair[0].close()
    with pytest.raises(BrokenFrameError, match="the other side is gone"):
        receive(pair[1])


def test_a_body_that_did_not_come_along_is_missed(pair: Pair) -> None:
    pair[0].sendall(PREFIX.pack(2, LARGE, 1) + b"{}")
    with pytest.raises(BrokenFrameError, match="did not come along"):
        receive(pair[1])


def test_a_file_that_is_shorter_than_it_says_is_no_body(tmp_path: Path) -> None:
    file = tmp_path / "short"
    file.write_bytes(b"123")
    with file.open("rb") as opened:
        assert read_file(opened.fileno(), 3) == b"123"
        assert read_file(opened.fileno(), 0) == b""
        with pytest.raises(BrokenFrameError, match="shorter than it says"):
            read_file(opened.fileno(), 4)
