"""Take dataclasses and named tuples apart into their fields, and make them again.

Making one imports nothing and calls no code of the class, neither ``__init__`` nor
``__post_init__``, so the writer of the fields cannot run code by them; the class has to be loaded.
Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import sys
import types

from ..errors import UnfaithfulError

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Shape:
    """A value as the name of its class and its fields."""

    __slots__ = ("kind", "name", "values")

    def __init__(self, kind: str, name: str, values: dict[str, Any]) -> None:
        self.kind = kind
        """``dataclass`` or ``namedtuple``."""
        self.name = name
        """``module:class``, with the outer classes of a nested one."""
        self.values = values


def shape_of(value: Any) -> Shape | None:
    """Return the shape of a value; None if the value is more than its fields."""
    class_ = type(value)
    kind = _kind(class_)
    name = "%s:%s" % (class_.__module__, class_.__qualname__)
    if not kind or _loaded(name) is not class_:
        return None
    names, held = _fields(class_), getattr(value, "__dict__", {})
    if kind == "namedtuple":
        whole = not held and len(value) == len(names)
        return Shape(kind, name, dict(zip(names, tuple(value)))) if whole else None
    found = {each: getattr(value, each) for each in names if hasattr(value, each)}
    whole = len(found) == len(names) and {*held, *_filled_slots(value)} <= set(names)
    return Shape(kind, name, found) if whole else None


def _filled_slots(value: Any) -> list[str]:
    """Return the names of slots with a value, in a value's class and in its base classes."""
    slots = types.MemberDescriptorType
    return [
        name
        for class_ in type(value).__mro__
        for name, held in vars(class_).items()
        if type(held) is slots and hasattr(value, name)
    ]


def make(name: object, values: Mapping[str, Any]) -> Any:
    """Return a value with these fields, of a class that is loaded here.

    Raises UnfaithfulError if the class is not loaded or has other fields here.
    """
    class_ = _loaded(name)
    kind = "" if class_ is None else _kind(class_)
    if class_ is None or not kind:
        raise UnfaithfulError(
            "a value of the class %.200s, which is not loaded here as a dataclass or a named tuple:"
            " import its module first" % (name,)
        )
    if sorted(values) != sorted(_fields(class_)):
        raise UnfaithfulError("a value of %s, which has other fields here" % (name,))
    if kind == "namedtuple":
        return tuple.__new__(class_, [values[each] for each in _fields(class_)])
    made = object.__new__(class_)
    for each, value in values.items():
        object.__setattr__(made, each, value)
    return made


def _kind(class_: type) -> str:
    """Return the kind of a class whose values are their fields and nothing else; else empty."""
    if hasattr(class_, "__del__"):  # it would run on fields that another process made up
        return ""
    named = getattr(class_, "_fields", None)
    if issubclass(class_, tuple) and type(named) is tuple:
        return "namedtuple"
    # A class with its own ``__new__`` is more than its fields: a dictionary, an exception.
    made: Any = class_.__new__
    plain = hasattr(class_, "__dataclass_fields__") and made is object.__new__
    return "dataclass" if plain else ""


def _fields(class_: Any) -> list[str]:
    if issubclass(class_, tuple):
        return list(class_._fields)
    return [field.name for field in sys.modules["dataclasses"].fields(class_)]


def _loaded(name: object) -> Any:
    """Return a loaded class, without calling a module's ``__getattr__``, which might import."""
    module, _, qualname = str(name).partition(":")
    found: Any = sys.modules.get(module)
    for part in qualname.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found if isinstance(found, type) else None
