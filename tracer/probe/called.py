"""Name the module of something that is called, without running any code of its own."""

from __future__ import annotations

from _functools import partial  # type: ignore[import-not-found]
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    WrapperDescriptorType,
)

# Read past metaclasses and proxies, which may answer with code.
_MODULE_OF_TYPE = type.__dict__["__module__"].__get__
_MODULE_NAME = "__name__"
# Where ``subprocess`` starts a program: each call of it counts, not the first alone.
STARTS_PROGRAM = "_execute_child"
# The modules of the import system itself.
OF_THE_SYSTEM = ("_frozen_importlib", "importlib.", "_imp", "zipimport")
# What a loader is asked for a module: that of somebody else may do anything.
LOADERS = frozenset({"create_module", "exec_module", "load_module"})
# How many calls a closer look reports each, and not the first of each place alone.
CLOSELY = 100_000
_OF_A_TYPE = (MethodDescriptorType, WrapperDescriptorType)
_OF_EACH = (GetSetDescriptorType, MemberDescriptorType)


def module_of(called: object) -> str | None:
    """Return the name of the module that `called` belongs to, or None where that is unknown."""
    kind = type(called)
    while kind is MethodType or kind is partial:
        called = called.__func__ if kind is MethodType else called.func  # type: ignore[attr-defined]
        kind = type(called)
    name: object
    if issubclass(kind, type):
        name = of_type(called)
    elif kind is FunctionType:
        name = called.__globals__.get(_MODULE_NAME)  # type: ignore[attr-defined]
    elif kind is BuiltinFunctionType:
        name = _of_builtin(called)
    elif kind in _OF_A_TYPE:
        name = of_type(called.__objclass__)  # type: ignore[attr-defined]
    elif kind is MethodWrapperType:
        name = of_type(type(called.__self__))  # type: ignore[attr-defined]
    else:
        name = _of_object(called, kind)
    return name if type(name) is str else None


def _of_builtin(called: object) -> object:
    """Name the module of a C function: its own, or that of the type or object it is bound to.

    One of a module is not always bound to that: pybind11 binds it to what it needs itself.
    """
    name: object = called.__module__
    if name is not None:
        return name
    owner = called.__self__  # type: ignore[attr-defined]
    return of_type(owner if issubclass(type(owner), type) else type(owner))


def _of_object(called: object, kind: type) -> object:
    """Name the module of an object that can be called: that of its class, or its own.

    The class of Cython's functions tells nothing, but that each has a module in a field of C.
    """
    name = of_type(kind)
    if type(name) in _OF_EACH:
        try:
            name = name.__get__(called, kind)  # type: ignore[attr-defined]
        except AttributeError:
            return None
    elif name == "nanobind":  # of all its functions, which answer by C code
        name = getattr(called, "__module__", None)
    return name


def of_type(kind: object) -> object:
    """Name the module of a class."""
    try:
        name: object = _MODULE_OF_TYPE(kind)
    except (AttributeError, TypeError):
        return None
    return name
