"""What a pickle names, read from its opcodes; nothing is unpickled."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from pathlib import Path

from .errors import UnreadablePickleError

_MEMO_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_MEMO_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})
_TEXT = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"})
_ONE_ARGUMENT = frozenset({"GLOBAL", "INST"})
# Between a name and the opcode that uses it only memo opcodes can stand.
_TRANSPARENT = frozenset({"FRAME", "PROTO"})


def scan_globals(source: bytes | str | Path) -> tuple[str, ...]:
    """List the globals that a pickle names, as `module.qualified.name`, sorted.

    `source` is the pickle's bytes or the path of its file. Nothing is executed. Raises
    UnreadablePickleError where the opcodes cannot be read to the end.

    >>> import pickle, collections
    >>> scan_globals(pickle.dumps(collections.Counter("aab")))
    ('collections.Counter',)
    """
    label, data = ("<bytes>", source) if isinstance(source, bytes) else _read(source)
    try:
        return tuple(sorted(set(_globals(data))))
    except (ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise UnreadablePickleError(label, str(error)) from error


def scan_modules(source: bytes | str | Path) -> tuple[str, ...]:
    """List the modules whose globals a pickle names, sorted."""
    label, data = ("<bytes>", source) if isinstance(source, bytes) else _read(source)
    try:
        return tuple(sorted({module for module, _ in _pairs(data)}))
    except (ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise UnreadablePickleError(label, str(error)) from error


def _read(path: str | Path) -> tuple[str, bytes]:
    return str(path), Path(path).read_bytes()


def _globals(data: bytes) -> Iterator[str]:
    for module, name in _pairs(data):
        yield f"{module}.{name}"


def _pairs(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each global."""
    strings = _Strings()
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in _ONE_ARGUMENT:
            module, _, attribute = str(argument).partition(" ")
            yield module, attribute
            strings.push(None)
        elif opcode.name == "STACK_GLOBAL":
            yield strings.pair()
            strings.push(None)
        else:
            strings.follow(opcode.name, argument)


class _Strings:
    """Follow the last two values on the stack and the memo, as far as they are strings."""

    def __init__(self) -> None:
        self._memo: dict[int, str | None] = {}
        self._last: tuple[str | None, str | None] = (None, None)

    def push(self, value: str | None) -> None:
        self._last = (self._last[1], value)

    def pair(self) -> tuple[str, str]:
        module, name = self._last
        if module is None or name is None:
            raise ValueError("a global is named by something that is not a string")
        return module, name

    def follow(self, opcode: str, argument: object) -> None:
        if opcode in _TEXT:
            self.push(str(argument))
        elif opcode == "MEMOIZE":
            self._memo[len(self._memo)] = self._last[1]
        elif opcode in _MEMO_PUT:
            self._memo[int(str(argument))] = self._last[1]
        elif opcode in _MEMO_GET:
            self.push(self._memo.get(int(str(argument))))
        elif opcode not in _TRANSPARENT:
            self.push(None)
