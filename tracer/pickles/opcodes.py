"""The opcodes of a pickle, read from a stream without large values in memory."""

from __future__ import annotations

import io
import pickletools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

from . import lines

MOST_OPCODES = 1_000_000
"""The most opcodes that are followed, unless the file has more bytes; more counts as an attack."""
MOST_BYTES = 1 << 33
"""The most bytes that a compressed file may unpack to; more counts as an attack."""

_BY_CODE = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
_LONGEST_LINE = 1 << 20
AHEAD = 1 << 16
"""The number of bytes that are followed in data that only another reader takes for a pickle."""
_KEPT = 1 << 24  # bytes of a value; a larger one is an array or another library's model
_LARGEST_READ = 1 << 26
_BLOCK = 1 << 20
_READ = 1 << 15  # bytes at once
# Opcodes whose argument begins with its size, in this many bytes.
_SIZED = {"BINBYTES": 4, "BINUNICODE": 4, "BINBYTES8": 8, "BINUNICODE8": 8, "BYTEARRAY8": 8}


_OF_MEMO = frozenset({"GET", "BINGET", "LONG_BINGET", "PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})


class BeyondError(ValueError):
    """Something exceeds the limits here; it may still be a pickle."""


class SpentError(BeyondError):
    """The time, or the number of opcodes, for all is spent."""


class Readable(Protocol):
    """A stream that opcodes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Read bytes."""


@dataclass(slots=True)
class Budget:
    """The remaining limits for a file, its members, and whatever they unpack to."""

    opcodes: int
    bytes: int = MOST_BYTES
    until: float | None = None
    """The CPU time at which to stop, on the clock of `time.thread_time`."""

    @classmethod
    def of(cls, size: int) -> Budget:
        """Return limits that every honest file of `size` bytes meets, compressed ones too."""
        return cls(max(MOST_OPCODES, 20 * size))

    @classmethod
    def within(cls, seconds: float, opcodes: int) -> Budget:
        """Return limits of CPU time and opcodes."""
        return cls(opcodes, until=time.thread_time() + seconds)

    def step(self) -> None:
        """Count an opcode. Raises SpentError if there were too many."""
        self.opcodes -= 1
        if self.opcodes < 0:
            raise SpentError("it has more opcodes than a file of its size may have")
        if self.opcodes & 0x3FFF == 0:
            self.check_time()

    def take(self, size: int) -> None:
        """Count bytes. Raises SpentError if there were too many, or it took too long."""
        self.bytes -= size
        if self.bytes < 0:
            raise SpentError("it is larger than it may be")
        if size >= _BLOCK:
            self.check_time()

    def check_time(self) -> None:
        """Raise SpentError if the time is over."""
        if self.until is not None and time.thread_time() > self.until:
            raise SpentError("it takes longer than there is time for")


@dataclass(frozen=True, slots=True)
class Omitted:
    """A value of a pickle that was skipped because of its size."""

    size: int
    start: bytes
    """Its first bytes, enough to tell its format."""


def is_start(data: bytes) -> bool:
    r"""Return whether bytes begin with a pickle's protocol opcode (2 and newer).

    >>> is_start(b"\x80\x05..."), is_start(b"\x80abc")
    (True, False)
    """
    return data[:1] == b"\x80" and data[1:2] <= b"\x05" and len(data) > 1


def can_begin(data: bytes, *, on_stack: bool = False) -> bool:
    r"""Return whether bytes begin with an opcode that can be first, or any with `on_stack`.

    >>> can_begin(b"cos"), can_begin(b"artifact_path: model"), can_begin(b"\0")
    (True, False, False)
    """
    opcode = _BY_CODE.get(data[:1])
    if opcode is None:
        return False
    return on_stack or not (opcode.stack_before or opcode.name in _OF_MEMO)


class PickleStream:
    """A stream with a position, which detects its end."""

    def __init__(self, stream: Readable, budget: Budget) -> None:
        self.budget = budget
        self._stream = stream
        self._block = b""  # the bytes of the stream, followed up to `_at`
        self._at = 0
        self._before = 0  # the number of bytes before the block

    @property
    def position(self) -> int:
        """The number of bytes that were followed."""
        return self._before + self._at

    @property
    def at_end(self) -> bool:
        """Whether the stream has ended."""
        return not self.peek(1)

    def read(self, size: int, /) -> bytes:
        """Read bytes, fewer at the end of the stream. Raises BeyondError for more than is kept."""
        end = self._at + size
        if end > len(self._block):
            if size > _LARGEST_READ:
                raise BeyondError(f"it holds a value of {size:,} bytes")
            self._fill(size)
            end = min(size, len(self._block))
        data = self._block[self._at : end]
        self._at = end
        return data

    def peek(self, size: int, /) -> bytes:
        """Return the next bytes without moving."""
        if self._at + size > len(self._block):
            self._fill(size)
        return self._block[self._at : self._at + size]

    def readline(self, _: int = -1, /) -> bytes:
        """Read a line. Raises ValueError if it has no end, BeyondError if it is too long."""
        end = self._block.find(b"\n", self._at) + 1
        if not end:
            self._fill(_LONGEST_LINE)
            end = self._block.find(b"\n") + 1
        if not end and len(self._block) >= _LONGEST_LINE:
            raise BeyondError(f"it has a line of more than {_LONGEST_LINE:,} bytes")
        if not end:
            raise ValueError("it is cut off in a line")
        return self.read(end - self._at)

    def pass_over(self, size: int) -> None:
        """Skip bytes. Raises ValueError if there are too few."""
        size -= len(self.read(min(size, len(self._block) - self._at)))
        if size > _BLOCK and isinstance(self._stream, io.BufferedReader):
            self._stream.seek(size - 1, io.SEEK_CUR)  # if the last byte exists, all of them do
            self._before += size - 1
            size = 1
        while size > 0:
            block = self.read(min(size, _BLOCK))
            if not block:
                raise ValueError("it is cut off")
            size -= len(block)

    def _fill(self, size: int) -> None:
        """Buffer at least `size` bytes from the position, as far as the stream has them."""
        held = [self._block[self._at :]]
        missing = size - len(held[0])
        while missing > 0 and (more := self._stream.read(max(missing, _READ))):
            self.budget.take(len(more))
            held.append(more)
            missing -= len(more)
        self._before += self._at
        self._block, self._at = b"".join(held), 0


def opcodes(stream: PickleStream) -> Iterator[tuple[pickletools.OpcodeInfo, Any]]:
    """Yield the opcodes of one pickle, each with its argument; an `Omitted` for a large one.

    Raises ValueError and other errors of reading if there is none, or it is truncated.
    """
    step = stream.budget.step
    while True:
        code = stream.read(1)
        opcode = _BY_CODE.get(code)
        if opcode is None:
            unknown = f"opcode {code!r} is unknown" if code else "there is no STOP"
            raise ValueError(f"at position {stream.position - len(code)}, {unknown}")
        step()
        yield opcode, None if opcode.arg is None else _argument(opcode, stream)
        if code == b".":
            return


def _argument(opcode: pickletools.OpcodeInfo, stream: PickleStream) -> Any:
    read = lines.ONE.get(opcode.name)
    if read is not None:
        return read(stream.readline()[:-1])
    if opcode.name in lines.TWO:
        return tuple(lines.plain(stream.readline()[:-1]) for _ in range(2))
    width = _SIZED.get(opcode.name)
    if width is None:
        assert opcode.arg is not None
        return opcode.arg.reader(cast("Any", stream))
    head = stream.read(width)
    size = int.from_bytes(head, "little")
    if len(head) < width:
        raise ValueError("it is cut off")
    if size > _KEPT:
        start = stream.read(AHEAD)
        stream.pass_over(size - len(start))
        return Omitted(size, start)
    data = stream.read(size)
    if len(data) < size:
        raise ValueError("it is cut off")
    return data.decode("utf-8", "surrogatepass") if "UNICODE" in opcode.name else data
