"""Follow a pickle's opcodes on a stack of descriptions: nothing is imported, called or built."""

from __future__ import annotations

import io
import math
import pickletools
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .globals import Global
from .opcodes import Omitted, PickleStream, is_start, opcodes

DEEPEST = 8
"""How many pickles may lie one inside another."""

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
class Findings:
    """What pickles name, also one that cannot be read to its end."""

    names: list[Global] = field(default_factory=list)
    """In the order they are named."""
    unfollowed: list[str] = field(default_factory=list)
    """The names that nobody can tell without running it, in words."""
    omitted: list[str] = field(default_factory=list)
    """What was not looked into, in words."""
    calls: int = 0
    """How often something would be called."""


@dataclass(slots=True)
class Machine:
    """The stack and the memo of one pickle."""

    stream: PickleStream
    findings: Findings
    depth: int
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    protocol: int = 0

    def run(self) -> None:
        """Follow the opcodes to the end of the pickle."""
        for opcode, argument in opcodes(self.stream):
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
        if isinstance(argument, Omitted):
            if argument.is_pickle:
                self.findings.omitted.append(f"a pickle of {argument.size:,} bytes inside it")
        elif isinstance(argument, bytes):
            self._look_into(argument)

    def _look_into(self, data: bytes) -> None:
        """Follow bytes that look like a pickle and are one."""
        if not (is_start(data) and len(data) > 3 and data.endswith(b".")):
            return
        if self.depth >= DEEPEST:
            self.findings.omitted.append(f"pickles inside each other, more than {DEEPEST}")
            return
        stream = PickleStream(io.BytesIO(data), self.stream.budget)
        try:
            scan(stream, self.findings, self.depth + 1)
        except NO_PICKLE:
            return

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
            self.unknown("a global whose name is computed")
            return
        if self.protocol < 3:
            module, name = NAME_MAPPING.get((module, name), (module, name))
            module = IMPORT_MAPPING.get(module, module)
        self.findings.names.append(Global(module, name))
        self.stack.append(self.findings.names[-1])

    def unknown(self, what: str) -> None:
        """Put something that nobody can tell without running it."""
        self.findings.unfollowed.append(what)
        self.stack.append(None)

    def make(self, function: object, arguments: object) -> None:
        """Put what a call would return; a call that imports names a module."""
        self.findings.calls += 1
        # How bytes look in protocols that have none.
        if function == "_codecs.encode" and isinstance(arguments, tuple):
            text = arguments[0] if arguments and isinstance(arguments[0], str) else ""
            self._look_into(text.encode("latin-1", "replace"))
        imports = isinstance(function, Global) and str(function) in _IMPORTERS
        if imports and isinstance(arguments, tuple):
            for name in arguments[:1]:
                if isinstance(name, str):
                    self.findings.names.append(Global(name, ""))
                else:
                    self.findings.unfollowed.append("an import whose name is computed")
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
            scan(self.stream, self.findings, self.depth + 1, several=False)
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self.stream.pass_over(self.stream.read(1)[0])
        size = int("".join(each for each in code if each.isdigit()) or "1")
        self.stream.pass_over(math.prod(shape) * size * _ELEMENT.get(code[0], 1))


NO_PICKLE = (ValueError, IndexError, KeyError, TypeError, OverflowError, EOFError)
"""What is raised where something is no pickle, or one that is cut off."""


def scan(
    stream: PickleStream, findings: Findings, depth: int = 0, *, several: bool = True
) -> int | None:
    """Note what a pickle names, and pickles after it; return where what follows is none.

    Raises one of `NO_PICKLE` where the first is no pickle; what it named until then is noted.
    """
    Machine(stream, findings, depth).run()
    while several and not stream.at_end:
        place, known, calls = stream.position, len(findings.names), findings.calls
        try:
            Machine(stream, findings, depth).run()
        except NO_PICKLE:
            if findings.calls > calls:
                findings.unfollowed.append(f"the pickle at byte {place:,}, which is cut off")
                return None
            del findings.names[known:]
            return place
    return None


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


def _extension(machine: Machine, argument: Any) -> None:
    machine.unknown(f"a global by the number {argument}, which its reader's registry names")


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
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), _extension),
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
