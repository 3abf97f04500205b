"""Queries of the modules that are loaded in this process."""

from __future__ import annotations

from types import ModuleType

from modelenv.save.proving.own_imports import Loaded


def refuse(_: object, name: str = "") -> object:
    raise AssertionError(name)


# A module that would load much where anything is asked of it.
Waiting = type(
    "Waiting",
    (ModuleType,),
    {"__getattribute__": refuse, "__dict__": property(refuse), "__class__": property(refuse)},
)


def test_no_code_of_a_module_runs_for_its_file() -> None:
    waiting, absent, plain = Waiting("waiting"), object(), ModuleType("plain")
    plain.__file__ = "/plain.py"
    modules = {"waiting": waiting, "absent": absent, "plain": plain}
    loaded = Loaded(modules, ())
    assert [loaded.file_of(name) for name in modules] == [None, None, "/plain.py"]
