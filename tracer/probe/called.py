"""Name the module of something that is called, without running any code of its own."""

from __future__ import annotations

from types import (
    BuiltinFunctionType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)

# Read past metaclasses and proxies, which may answer with code.
_MODULE_OF_TYPE = type.__dict__["__module__"].__get__
_MODULE_NAME = "__name__"
# Where ``subprocess`` starts a program: each call of it counts, not the first alone.
STARTS_PROGRAM = "_execute_child"
_OF_A_TYPE = (MethodDescriptorType, WrapperDescriptorType)


def module_of(called: object) -> str | None:
    """Return the name of the module that `called` belongs to, or None where that is unknown."""
    kind = type(called)
    if kind is MethodType:
        called = called.__func__  # type: ignore[attr-defined]
        kind = type(called)
    name: object = None
    if kind is FunctionType:
        name = called.__globals__.get(_MODULE_NAME)  # type: ignore[attr-defined]
    elif kind is BuiltinFunctionType:
        name = _of_builtin(called)
    elif kind in _OF_A_TYPE:
        name = _of_type(called.__objclass__)  # type: ignore[attr-defined]
    elif kind is MethodWrapperType:
        name = _of_type(type(called.__self__))  # type: ignore[attr-defined]
    else:
        name = _of_type(called if issubclass(kind, type) else kind)
    return name if type(name) is str else None


def _of_builtin(called: object) -> object:
    """Name the module of a C function: its own, or that of the type or object it is bound to."""
    owner = called.__self__  # type: ignore[attr-defined]
    if owner is None or issubclass(type(owner), ModuleType):
        return called.__module__
    return _of_type(owner if issubclass(type(owner), type) else type(owner))


def _of_type(kind: object) -> object:
    """Name the module of a class; a compiled function's class tells nothing, its home does."""
    try:
        name: object = _MODULE_OF_TYPE(kind)
    except (AttributeError, TypeError):
        return None
    return name
