"""A pickle's opcodes, followed on a stack of descriptions: nothing is imported or called."""

from __future__ import annotations

import io
import pickletools
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .calls import Made, array_size, array_wrapper, holds_objects, python_type
from .findings import Findings
from .globals import Global
from .opcodes import (
    AHEAD,
    BeyondError,
    Omitted,
    PickleStream,
    SpentError,
    can_begin,
    is_start,
    opcodes,
)

DEEPEST = 8
"""The greatest depth of nested pickles."""

_MARK = object()
# Whether an opcode takes all to the last mark, how many it takes further, how many it pushes.
_DESCRIBED = {
    each.code: (
        pickletools.markobject in each.stack_before,
        [*each.stack_before, pickletools.markobject].index(pickletools.markobject),
        len(each.stack_after),
    )
    for each in pickletools.opcodes
}
# Functions that import the module named by their argument.
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
_SHORTEST = 4  # bytes of the shortest pickle with an effect
_TEXTS = frozenset({"STRING", "BINSTRING", "SHORT_BINSTRING"})


@dataclass(slots=True)
class Machine:
    """The stack and the memo of one pickle."""

    stream: PickleStream
    findings: Findings
    depth: int
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    protocol: int = 0
    passes_arrays: bool = True
    """Whether it reads as joblib does, which takes arrays out of the stream."""
    followed: bool = False
    """Whether the data behind its first array was read as opcodes, too."""

    def run(self) -> None:
        """Follow the opcodes to the end of the pickle."""
        for opcode, argument in opcodes(self.stream):
            step = _STEPS.get(opcode.name)
            if step is not None:
                step(self, argument)
            else:
                self._by_description(opcode, argument)

    def _by_description(self, opcode: pickletools.OpcodeInfo, argument: object) -> None:
        """Apply the opcode's description: pop from the stack, push unknown values."""
        to_mark, taken, given = _DESCRIBED[opcode.code]
        if to_mark:
            self.since_mark()
        if taken > len(self.stack):
            raise ValueError(f"{opcode.name} finds too little on the stack")
        if taken:
            del self.stack[-taken:]
        if given:
            self.stack += [argument] * given
        if isinstance(argument, Omitted):
            if self.may_be_opcodes(argument.start):
                self.findings.tell_omitted(f"{argument.size:,} bytes inside it, maybe a pickle")
        elif isinstance(argument, bytes):
            self._look_into(argument)
        elif opcode.name in _TEXTS and isinstance(argument, str):
            self._look_into(argument.encode("latin-1", "replace"))

    def _look_into(self, data: bytes) -> None:
        """Follow bytes that may be a pickle, and keep the names if they are one."""
        if len(data) < _SHORTEST or not can_begin(data):
            return
        if self.depth >= DEEPEST:
            self.findings.tell_omitted(f"pickles inside each other, more than {DEEPEST}")
            return
        inside = Findings()
        try:
            scan(PickleStream(io.BytesIO(data), self.stream.budget), inside, self.depth + 1)
        except SpentError:
            self.findings.absorb(inside)
            raise
        except BeyondError as error:
            inside.tell_omitted(f"{len(data):,} bytes inside it, maybe a pickle: {error}")
            self.findings.absorb(inside)
        except NO_PICKLE:
            if not inside.has_effect():
                return
        if is_start(data) or inside.has_effect():
            self.findings.absorb(inside)

    def since_mark(self) -> list[Any]:
        """Pop everything above the last mark, and the mark."""
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise ValueError("there is no mark on the stack")
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def name(self, module: object, name: object) -> None:
        """Push a global."""
        if not isinstance(module, str) or not isinstance(name, str):
            self.unknown("a global with a computed name")
            return
        if self.protocol < 3:
            module, name = NAME_MAPPING.get((module, name), (module, name))
            module = IMPORT_MAPPING.get(module, module)
        self.stack.append(self.findings.add(module, name))

    def unknown(self, what: str) -> None:
        """Push a value that only running the pickle can tell."""
        self.findings.tell_unfollowed(what)
        self.stack.append(None)

    def make(self, function: object, arguments: object) -> None:
        """Push the result of a call; a call that imports names a module."""
        self.findings.calls += 1
        # The form of bytes in protocols without an opcode for them.
        if function == "_codecs.encode" and isinstance(arguments, tuple):
            text = arguments[0] if arguments and isinstance(arguments[0], str) else ""
            self._look_into(text.encode("latin-1", "replace"))
        imports = isinstance(function, Global) and str(function) in _IMPORTERS
        if imports and isinstance(arguments, tuple):
            for name in arguments[:1]:
                if isinstance(name, str):
                    self.findings.add(name, "")
                else:
                    self.findings.tell_unfollowed("an import with a computed name")
        named = python_type(function, arguments)
        made = Made(function, arguments) if named is None else self.findings.add("types", named)
        self.stack.append(made)

    def build(self) -> None:
        """Apply a state to the top value; an array of joblib is followed by plain bytes."""
        state = self.stack.pop()
        top = self.stack[-1]
        if self.passes_arrays and array_wrapper(top) is not None:
            self._pass_array(state)
        elif isinstance(top, Made):
            self.stack[-1] = Made(top.function, top.arguments, state)

    def _pass_array(self, state: object) -> None:
        if not self.followed:  # who reads all as opcodes fails at the first array, or nowhere
            self.followed = True
            self._read_on()
        if holds_objects(state):
            scan(self.stream, self.findings, self.depth + 1, several=False)
            return
        assert isinstance(state, dict)
        if state.get("numpy_array_alignment_bytes") is not None:
            self.stream.pass_over(self.stream.read(1)[0])
        self.stream.pass_over(array_size(state))

    def _read_on(self) -> None:
        """Follow as opcodes the data that joblib takes for an array, and pickle does not."""
        if self.may_be_opcodes(self.stream.peek(AHEAD), self):
            place = self.stream.position
            self.findings.tell_omitted(f"an array at byte {place:,}, which may be opcodes too")

    def may_be_opcodes(self, start: bytes, above: Machine | None = None) -> bool:
        """Follow the first bytes of data, and return whether all of them are opcodes.

        Their names are kept if they have an effect, on the stack of `above`.
        """
        if not can_begin(start, on_stack=above is not None):
            return False
        inside = Findings()
        stream = PickleStream(io.BytesIO(start), self.stream.budget)
        other = Machine(stream, inside, self.depth, passes_arrays=False)
        if above is not None:
            other.stack, other.memo = [*above.stack], {**above.memo}
            other.protocol = above.protocol
        further = False
        try:
            other.run()
        except SpentError:
            raise
        except NO_PICKLE as error:
            further = isinstance(error, BeyondError) or (stream.at_end and len(start) >= AHEAD)
        if further or inside.has_effect():
            self.findings.absorb(inside)
        return further


NO_PICKLE = (ValueError, IndexError, KeyError, TypeError, OverflowError, EOFError)
"""The exceptions that show that data is no pickle, or a truncated one."""


def scan(
    stream: PickleStream, findings: Findings, depth: int = 0, *, several: bool = True
) -> int | None:
    """Note the names in a pickle, and in those after it; return the offset of other data.

    Raises one of `NO_PICKLE` if the first is no pickle; the names up to there are noted.
    """
    Machine(stream, findings, depth).run()
    while several and not stream.at_end:
        place, known, calls = stream.position, len(findings.names), findings.calls
        try:
            Machine(stream, findings, depth).run()
        except NO_PICKLE as error:
            new = list(findings.names)[known:]
            if isinstance(error, BeyondError):
                raise
            if findings.calls > calls or any(name.is_importable for name in new):
                findings.tell_unfollowed(f"the pickle at byte {place:,}, which is cut off")
                return None
            for name in new:
                del findings.names[name]
            return place
    return None


def _memoize(machine: Machine, argument: Any) -> None:
    machine.memo[len(machine.memo) if argument is None else int(argument)] = machine.stack[-1]


def _recall(machine: Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _global(machine: Machine, argument: Any) -> None:
    machine.name(*argument)


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


def _dict(machine: Machine, _: Any) -> None:
    items = machine.since_mark()
    machine.stack.append({})
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
    "DICT": _dict,
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
