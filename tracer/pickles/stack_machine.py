"""Follow a pickle's opcodes on a stack of descriptions: nothing is imported, called or built."""

from __future__ import annotations

import io
import math
import pickletools
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from .containers import Readable
from .globals import Global

DEEPEST = 8
"""How many pickles may lie one inside another."""

MOST_OPCODES = 1_000_000
"""How many opcodes are followed, if the file has not so many bytes: more is taken for an attack."""

_MARK = object()
# Functions that are given a module's name and import it.
_IMPORTERS = frozenset(
    {
        "cloudpickle.cloudpickle.subimport",
        "cloudpickle.subimport",
        "joblib.externals.cloudpickle.cloudpickle.subimport",
        "importlib.import_module",
        "builtins.__import__",
        "dill._dill._import_module",
    }
)
# Bytes of one element of an array, where its type code does not say it.
_ELEMENT = {"U": 4}


@dataclass(slots=True)
class Made:
    """What a call of a global would return."""

    function: object
    arguments: object


@dataclass(slots=True)
class Budget:
    """How many more opcodes are followed, in a pickle and those inside it."""

    left: int

    @classmethod
    def of(cls, size: int) -> Budget:
        """Allow enough for every honest file of `size` bytes, compressed ones too."""
        return cls(max(MOST_OPCODES, 20 * size))


@dataclass(slots=True)
class Machine:
    """The stack and the memo of one pickle."""

    stream: Readable
    depth: int
    budget: Budget
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    protocol: int = 0
    found: list[Global] = field(default_factory=list)

    def run(self) -> None:
        """Follow the opcodes to the end of the pickle."""
        for opcode, argument, _ in pickletools.genops(cast("Any", self.stream)):
            self.budget.left -= 1
            if self.budget.left < 0:
                raise ValueError("it has more opcodes than a file of its size may have")
            step = _STEPS.get(opcode.name)
            if step is not None:
                step(self, argument)
            else:
                self._by_description(opcode, argument)

    def _by_description(self, opcode: pickletools.OpcodeInfo, argument: object) -> None:
        """Do as the opcode's description says: take from the stack, put what is not known."""
        taken, given = opcode.stack_before, opcode.stack_after
        if pickletools.markobject in taken:
            self.since_mark()
            taken = taken[: taken.index(pickletools.markobject)]
        for _ in taken:
            self.stack.pop()
        self.stack += [argument if opcode.arg is not None else None] * len(given)
        if isinstance(argument, (bytes, bytearray)) and self.depth < DEEPEST:
            self.found += _nested(bytes(argument), self.depth + 1, self.budget)

    def since_mark(self) -> list[Any]:
        """Take all that lies above the last mark, and the mark."""
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise ValueError("there is no mark on the stack")
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def name(self, module: object, name: object) -> None:
        """Put a global."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise ValueError("a global is named by something that is not a string")  # noqa: TRY004
        if self.protocol < 3:
            module, name = NAME_MAPPING.get((module, name), (module, name))
            module = IMPORT_MAPPING.get(module, module)
        self.found.append(Global(module, name))
        self.stack.append(self.found[-1])

    def make(self, function: object, arguments: object) -> None:
        """Put what a call would return; a call that imports names a module."""
        # How bytes look in protocols that have none.
        if function == "_codecs.encode" and isinstance(arguments, tuple) and self.depth < DEEPEST:
            text = arguments[0] if arguments and isinstance(arguments[0], str) else ""
            data = text.encode("latin-1", "replace")
            self.found += _nested(data, self.depth + 1, self.budget)
        imports = isinstance(function, Global) and str(function) in _IMPORTERS
        if imports and isinstance(arguments, tuple):
            self.found += [Global(name, "") for name in arguments[:1] if isinstance(name, str)]
        self.stack.append(Made(function, arguments))

    def build(self) -> None:
        """Give a state to what lies on top; joblib's arrays follow theirs as plain bytes."""
        state = self.stack.pop()
        top = self.stack[-1]
        if (
            isinstance(top, Made)
            and isinstance(top.function, Global)
            and top.function.endswith(".NumpyArrayWrapper")
            and isinstance(state, dict)
        ):
            self._pass_array(state)
        elif isinstance(top, Made) and isinstance(state, tuple):
            self.stack[-1] = Made(top.function, top.arguments)

    def _pass_array(self, state: dict[object, object]) -> None:
        kind = state.get("dtype")
        code = kind.arguments[0] if isinstance(kind, Made) and kind.arguments else None  # type: ignore[index]
        shape = state.get("shape")
        if not isinstance(code, str) or not isinstance(shape, tuple):
            raise ValueError("an array without type or shape")  # noqa: TRY004
        if code.startswith("O"):
            self.found += scan(self.stream, self.budget, self.depth + 1, several=False)
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self._pass(self.stream.read(1)[0])
        size = int("".join(each for each in code if each.isdigit()) or "1")
        self._pass(math.prod(shape) * size * _ELEMENT.get(code[0], 1))

    def _pass(self, size: int) -> None:
        while size > 0:
            block = self.stream.read(min(size, 1 << 20))
            if not block:
                raise ValueError("an array is cut off")
            size -= len(block)


def scan(stream: Readable, budget: Budget, depth: int = 0, *, several: bool = True) -> list[Global]:
    """List the globals of a pickle in the order they are named, and those of pickles after it.

    Raises ValueError or another error of reading where the first is no pickle.
    """
    machine = Machine(stream, depth, budget)
    machine.run()
    found = machine.found
    while several and isinstance(stream, io.BytesIO):
        place = stream.tell()
        if stream.read(1) != b"\x80":
            break
        stream.seek(place)
        following = Machine(stream, depth, budget)
        try:
            following.run()
        except _NO_PICKLE:
            break
        found += following.found
    return found


def _nested(data: bytes, depth: int, budget: Budget) -> Iterator[Global]:
    """Yield the globals of bytes that look like a pickle and are one."""
    if len(data) > 3 and data[:1] == b"\x80" and data[1] <= 5 and data.endswith(b"."):
        try:
            yield from scan(io.BytesIO(data), budget, depth)
        except _NO_PICKLE:
            return


_NO_PICKLE = (ValueError, IndexError, KeyError, TypeError, OverflowError, EOFError)


def _memoize(machine: Machine, argument: Any) -> None:
    machine.memo[len(machine.memo) if argument is None else int(argument)] = machine.stack[-1]


def _recall(machine: Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _global(machine: Machine, argument: Any) -> None:
    module, _, name = str(argument).partition(" ")
    machine.name(module, name)


def _stack_global(machine: Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.name(module, name)


def _inst(machine: Machine, argument: Any) -> None:
    arguments = tuple(machine.since_mark())
    _global(machine, argument)
    machine.make(machine.stack.pop(), arguments)


def _obj(machine: Machine, _: Any) -> None:
    function, *arguments = machine.since_mark()
    machine.make(function, tuple(arguments))


def _reduce(machine: Machine, _: Any) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    machine.make(function, arguments)


def _new_with_names(machine: Machine, _: Any) -> None:
    machine.stack.pop()
    _reduce(machine, _)


def _tuple(size: int | None) -> Callable[[Machine, Any], None]:
    def make(machine: Machine, _: Any) -> None:
        if size is None:
            items = machine.since_mark()
        else:
            items = [machine.stack.pop() for _ in range(size)][::-1]
        machine.stack.append(tuple(items))

    return make


def _set_items(machine: Machine, _: Any) -> None:
    items = machine.since_mark()
    _fill(machine.stack[-1], items)


def _set_item(machine: Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _fill(machine.stack[-1], [key, value])


def _fill(target: object, items: list[Any]) -> None:
    if isinstance(target, dict):
        for key, value in zip(items[::2], items[1::2], strict=True):
            if isinstance(key, str):
                target[key] = value


def _protocol(machine: Machine, argument: Any) -> None:
    machine.protocol = int(argument)


_STEPS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _memoize),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
    **dict.fromkeys(("NEWOBJ", "REDUCE"), _reduce),
    "BUILD": lambda machine, _: machine.build(),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_TUPLE": _tuple(0),
    "GLOBAL": _global,
    "INST": _inst,
    "MARK": lambda machine, _: machine.stack.append(_MARK),
    "NEWOBJ_EX": _new_with_names,
    "OBJ": _obj,
    "POP": lambda machine, _: machine.stack.pop() and None,
    "PROTO": _protocol,
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "STACK_GLOBAL": _stack_global,
    "TUPLE": _tuple(None),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
}
