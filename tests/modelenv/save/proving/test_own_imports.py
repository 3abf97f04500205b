"""What is asked of the modules that are loaded in this process."""

from __future__ import annotations

from types import ModuleType

from modelenv.save.proving.own_imports import Loaded


class Waiting(ModuleType):
    """A module that would load much where anything is asked of it."""

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(name)

    @property  # type: ignore[misc]
    def __dict__(self) -> dict[str, object]:
        raise AssertionError

    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise AssertionError


def test_no_code_of_a_module_runs_for_its_file() -> None:
    waiting, absent, plain = Waiting("waiting"), object(), ModuleType("plain")
    plain.__file__ = "/plain.py"
    modules = {"waiting": waiting, "absent": absent, "plain": plain}
    loaded = Loaded(modules, ())  # type: ignore[arg-type]
    assert [loaded.file_of(name) for name in modules] == [None, None, "/plain.py"]
