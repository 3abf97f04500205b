"""A packed body is unpacked in a time and a size that are bounded."""

from __future__ import annotations

import gzip
import time

import pytest

from modelenv.serving.errors import RequestError
from modelenv.serving.http.body import _DamagedError, _gunzip


@pytest.mark.parametrize("count", [1, 3, 500])
def test_a_body_of_several_packed_things_is_one(count: int) -> None:
    body = b'{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]]}}'
    size = len(body) // count + 1  # of 500, most are empty
    pieces = [body[number * size : (number + 1) * size] for number in range(count)]
    packed = b"".join(map(gzip.compress, pieces))
    assert b"".join(_gunzip([packed], 1000)) == body
    assert b"".join(_gunzip([packed[:11], packed[11:], b"\0" * 100_000], 1000)) == body


def test_so_many_packed_things_are_no_body() -> None:
    packed = gzip.compress(b"") * 10_001
    begun = time.process_time()
    with pytest.raises(_DamagedError, match="more than 10,000"):
        _gunzip([packed, b"x" * 50_000_000], 1000)
    assert time.process_time() - begun < 3


def test_what_is_unpacked_is_bounded_to_the_byte() -> None:
    packed = gzip.compress(b"a" * 600) + gzip.compress(b"b" * 400)
    assert sum(map(len, _gunzip([packed], 1000))) == 1000
    with pytest.raises(RequestError, match="at most 999 bytes"):
        _gunzip([packed], 999)
    with pytest.raises(_DamagedError, match="it is cut"):
        _gunzip([packed[:-1]], 1000)
