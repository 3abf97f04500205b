"""The module of a called object, found without running any code of the object."""

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

# Read without metaclasses and proxies: their code might answer.
_MODULE_OF_TYPE = type.__dict__["__module__"].__get__
_MODULE_NAME = "__name__"
# Functions of ``subprocess`` that start a program: each call counts, not only the first.
STARTS_PROGRAM = "_execute_child"
# The program that runs, which no import brings.
MAIN = ("__main__", "__mp_main__")
# The modules of the import system itself.
OF_THE_SYSTEM = ("_frozen_importlib", "importlib.", "_imp", "zipimport")
# Methods that ask a loader for a module: those of other people may do anything.
LOADERS = frozenset({"create_module", "exec_module", "load_module"})
# Functions whose every call is reported in a closer look, not only the first of each place.
CLOSELY = 100_000
_OF_A_TYPE = (MethodDescriptorType, WrapperDescriptorType)
_OF_EACH = (GetSetDescriptorType, MemberDescriptorType)


def module_of(called: object) -> str | None:
    """Return the name of the module that `called` belongs to; None if that is unknown."""
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
    """Return the module of a C function: its own, or that of the object it is bound to.

    A module's function is not always bound to the module: pybind11 binds it to its own data.
    """
    name: object = called.__module__
    if name is not None:
        return name
    owner = called.__self__  # type: ignore[attr-defined]
    return of_type(owner if issubclass(type(owner), type) else type(owner))


def _of_object(called: object, kind: type) -> object:
    """Return the module of a callable object: that of its class, or its own.

    The class of Cython's functions does not name the module, but each function has it in a C field.
    """
    name = of_type(kind)
    if type(name) in _OF_EACH:
        try:
            name = name.__get__(called, kind)  # type: ignore[attr-defined]
        except AttributeError:
            return None
    elif name == "nanobind":  # shared by all its functions, and read by C code
        name = getattr(called, "__module__", None)
    return name


def of_type(kind: object) -> object:
    """Return the module of a class."""
    try:
        name: object = _MODULE_OF_TYPE(kind)
    except (AttributeError, TypeError):
        return None
    return name
