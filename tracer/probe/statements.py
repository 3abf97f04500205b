"""Import statements in compiled code, read in the layout of the running Python.

The meaning of an argument differs from version to version: Python 3.15 keeps flags beside the index
of the name. So it is learned from compiled statements; ``dis`` knows it too, but would import a
dozen modules before the traced code does.
"""

from __future__ import annotations

import sys
from types import CodeType

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    Statement = tuple[str, int, tuple[str, ...]]
    Numbered = tuple[int, Statement]

_BYTE = 256
_EVER = float("inf")
# In a function, if no import is lazy (PEP 810): with all imports lazy, a module's code that has
# builtins of its own cannot import.
_SAMPLE = "def f():\n import n0\n import n1\n from n2 import n3\nf()"


def _learned() -> tuple[int, int, int]:
    """Return the opcodes of an import, and of taking a name out of a module.

    Then the step of an import's argument from one name to the next.
    """
    seen: list[bytes] = []

    class Module:
        n3 = None

    def look(*_: object) -> type[Module]:
        frame = sys._getframe(1)
        seen.append(frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 4])
        return Module

    exec(_SAMPLE, {"__builtins__": {"__import__": look}})  # noqa: S102  # our own constant
    first, second, third = seen
    return first[0], third[2], second[1] - first[1]


_IMPORT, _FROM, _STEP = _learned()


class Statements:
    """The import statements of compiled code."""

    def __init__(self) -> None:
        self._wide = -1
        # For the code that was asked about last: a module of lazy imports is asked about for each.
        self._last: tuple[CodeType | None, dict[str, list[Numbered]]] = (None, {})

    def named(self, code: CodeType) -> list[Statement]:
        """Return each statement's names: the module without dots, the line, further names.

        The further names are taken out of the module; of ``import a.b as c`` they are ``b``.
        """
        names = code.co_names
        if _IMPORT not in code.co_code[::2]:  # the opcodes, of most functions: there are thousands
            return []
        found: list[Statement] = []
        spans = _spans(code)
        end, line = next(spans)
        for opcode, argument, offset in self._instructions(code):
            if opcode == _IMPORT:
                while end <= offset:
                    end, line = next(spans)
                found.append((names[argument // _STEP], line, ()))
            elif opcode == _FROM and found:
                name, place, taken = found[-1]
                found[-1] = name, place, (*taken, names[argument])
        return found

    def naming(self, code: CodeType, module: str) -> list[Statement]:
        """Return the statements that may name a module, in order: in full, or by dots and its end.

        By dots alone one may mean any package.
        """
        known, by_name = self._last
        if known is not code:
            by_name = {}
            for number, statement in enumerate(self.named(code)):
                by_name.setdefault(statement[0], []).append((number, statement))
            self._last = code, by_name
        names, rest = [module, ""], module
        while "." in rest:
            rest = rest.partition(".")[2]
            names.append(rest)
        found = [each for name in names for each in by_name.get(name, ())]
        return [statement for _, statement in sorted(found)]

    def at(self, frame: FrameType) -> str | None:
        """Return the module that a frame's present statement imports; None: it imports none."""
        octets, place = frame.f_code.co_code, frame.f_lasti
        if place < 0 or octets[place] != _IMPORT:
            return None
        return frame.f_code.co_names[self._argument(frame.f_code, place) // _STEP]

    def named_at(self, frame: FrameType) -> set[str]:
        """Return the names that a frame's present instruction may use, whatever it does.

        Some keep one or two flags beside the index of the name.
        """
        code = frame.f_code
        if frame.f_lasti < 0:
            return set()
        argument = self._argument(code, frame.f_lasti)
        numbers = (argument, argument >> 1, argument >> 2)
        return {code.co_names[each] for each in numbers if each < len(code.co_names)}

    def _instructions(self, code: CodeType) -> Iterator[tuple[int, int, int]]:
        """Yield opcode, whole argument and offset of each instruction."""
        octets, wide = code.co_code, self._wide_of(code)
        high = 0
        for place in range(0, len(octets), 2):
            argument = high | octets[place + 1]
            if octets[place] == wide:
                high = argument << 8
            else:
                high = 0
                yield octets[place], argument, place

    def _argument(self, code: CodeType, place: int) -> int:
        octets, wide = code.co_code, self._wide_of(code)
        argument, shift = octets[place + 1], 8
        while place >= 2 and octets[place - 2] == wide:
            place -= 2
            argument |= octets[place + 1] << shift
            shift += 8
        return argument

    def _wide_of(self, code: CodeType) -> int:
        """Return the opcode that holds the higher bytes of the next argument.

        -1 if no relevant argument has any: it is rarely needed, and takes a millisecond to find.
        """
        if len(code.co_names) * _STEP <= _BYTE:
            return -1
        if self._wide < 0:
            imports = ";".join("import n%d" % number for number in range(_BYTE // _STEP + 1))
            constants = compile("def f():" + imports, "", "exec").co_consts
            (sample,) = (each for each in constants if type(each) is CodeType)
            opcodes = sample.co_code[::2]
            self._wide = opcodes[opcodes.rindex(_IMPORT) - 1]
        return self._wide


def _spans(code: CodeType) -> Iterator[tuple[float, int]]:
    """Yield the range of instructions of each line, in the order of the offsets, and the line."""
    if hasattr(code, "co_lines"):
        for _, end, line in code.co_lines():
            if line:
                yield end, line
        yield _EVER, code.co_firstlineno
        return
    line, reached = code.co_firstlineno, 0
    for octets, lines in zip(code.co_lnotab[::2], code.co_lnotab[1::2]):
        reached += octets
        yield reached, line
        line += lines - 256 if lines > 127 else lines
    yield _EVER, line


STATEMENTS = Statements()
