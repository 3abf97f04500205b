"""Fast callbacks for monitoring events (PEP 669) that end the uninformative ones at once.

They are most of what tracing costs, tens of thousands while a large library is imported. A closure
takes half of the instructions that a method takes. If there may be news each of them calls
`thorough`, with the frame of the event.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, FunctionType

from .called import module_of
from .failures import LOAD

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sized
    from types import CodeType
    from typing import Any

_FIRST_PARTY = "code"
_NAME = "__name__"
_MODULE = "<module>"


def quick_started(
    seen: Container[str], always: Container[str], disable: object, thorough: Callable[..., object]
) -> Callable[..., object]:
    """Return a callback for PY_START: of modules in `seen` only functions in `always` matter.

    Functions of a file belong to its module, so that most frames need not be asked, which is an
    audit event. Code without a file, made from a text, may belong to any module.
    """
    frame_at = sys._getframe
    files: set[str] = set()

    def started(code: CodeType, _: int) -> object:
        function, file = code.co_name, code.co_filename
        if file in files and function != _MODULE and function not in always:
            return disable
        frame = frame_at(1)
        name = frame.f_globals.get(_NAME)
        if type(name) is str and name in seen and function not in always:
            if function != _MODULE and not file.startswith("<"):
                files.add(file)
            return disable
        return thorough(function, name, frame)

    return started


def quick_called(
    seen: Container[str],
    kinds: Mapping[str, str],
    kind_of: Callable[[CodeType], str],
    disable: object,
    thorough: Callable[..., object],
) -> Callable[..., object]:
    """Return a callback for CALL: modules in `seen` matter only in first-party code.

    The kind of a file's code is in `kinds`, or is looked up.
    """
    frame_at = sys._getframe

    def called(code: CodeType, _: int, called: Any, __: object) -> object:
        kind = type(called)
        try:
            if kind is FunctionType:
                name = called.__globals__[_NAME]
            elif kind is BuiltinFunctionType or kind is type:  # no code of a metaclass runs
                name = called.__module__
            else:
                name = module_of(called)
        except (AttributeError, KeyError):  # a class may have deleted it, and code never had it
            name = None
        if name is None:  # it belongs to a type, or to an object
            name = module_of(called)
        if type(name) is str and name in seen:
            file = code.co_filename
            if (kinds[file] if file in kinds else kind_of(code)) != _FIRST_PARTY:
                return disable
        return thorough(called, frame_at(1))

    return called


def quick_raised(pending: Sized, thorough: Callable[..., object]) -> Callable[..., object]:
    """Return a callback for PY_UNWIND, which cannot be switched off: only imports matter.

    `pending` are the failures whose error is on its way.
    """
    frame_at = sys._getframe

    def raised(code: CodeType, _: int, error: BaseException) -> None:
        if pending or code is LOAD:
            thorough(code, frame_at(1), error)

    return raised
