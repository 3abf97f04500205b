"""Code that a pickle holds by value: bytecode, which only one minor version of Python runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...base.errors import NamedOption, Spell, WrongUseError
from ...base.siblings import tracer
from ...environments.spec import minor
from .pickles import FolderPickles

# Globals that make functions and code objects from a pickle, also in bundled copies of the library
# that wrote it (joblib, pyspark, ray) and under names of its older releases.
_MAKERS = re.compile(
    r"(.*\.)?cloudpickle(\.\w+)*\._(make_function|function_setstate|make_skel_func|fill_function)|"
    r"(.*\.)?dill(\.\w+)*\._create_(code|function)|"
    r"marshal\.loads|types\.(CodeType|FunctionType)"
)


# Folders with files that a model may unpickle by itself: artifacts, data among its code, and its
# working folder.
_BESIDE = ("artifacts", "code", "working")


@dataclass(frozen=True, slots=True)
class PickledNames:
    """The names in a model's pickle."""

    modules: tuple[str, ...] = ()
    """The modules whose globals it names."""
    holds_code: bool = False
    """Whether it contains code by value."""

    @classmethod
    def of(cls, model: Path) -> PickledNames:
        """Read its opcodes; a script has none. Raises UnreadablePickleError."""
        if model.suffix == ".py":
            return cls()
        names = tracer.scan_globals(model)
        return cls(tuple(sorted({name.module for name in names})), holds_code(names))


@dataclass(eq=False)
class CompiledCodeError(WrongUseError):
    """A pickle holds code by value that was compiled by another Python than the one to run it."""

    file: str
    compiled: str
    """The version of Python that wrote it."""
    python: str
    """The version that is to run it."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Spell) -> str:
        """Return the message."""
        return (
            f"{self.file} holds code by value (functions or classes that were pickled by their"
            f" code, not by their names), compiled by Python {self.compiled}, and Python"
            f" {self.python} is to run it: bytecode is of one minor version, and another one may"
            " die of it without a word.\n"
            "Put that code into a module and import it: it then travels as source. Or save and run"
            f" the model with Python {minor(self.compiled)}"
            f" ({spell(NamedOption('python', minor(self.compiled)))})."
        )


def holds_code(names: Iterable[str]) -> bool:
    """Return whether a pickle that names these globals contains code by value.

    >>> holds_code(["cloudpickle.cloudpickle._make_function"]), holds_code(["sklearn.base.clone"])
    (True, False)
    """
    return any(_MAKERS.fullmatch(name) for name in names)


def check_code(pickles: Iterable[Path], compiled: str, python: str) -> None:
    """Raise CompiledCodeError if `python` would run code by value of the Python `compiled`.

    Both are versions; an empty one is unknown. Pickles are only read if the versions differ; a
    broken one counts up to its fault.
    """
    if not compiled or not python or minor(compiled) == minor(python):
        return
    for file in pickles:
        named = tracer.survey_pickles(file).named.values()
        if any(map(holds_code, named)):
            raise CompiledCodeError(file.name, compiled, python)


def bound_to(python: str) -> str:
    """Return a sentence on a model whose code by value was compiled by Python `python`.

    >>> bound_to("3.11.7").partition(", which ")[2]
    'only Python 3.11 runs: code in a module of your own travels as source'
    """
    return (
        "it holds code by value (of a script, a notebook or a lambda), which only Python"
        f" {minor(python)} runs: code in a module of your own travels as source"
    )


def code_beside(folder: Path) -> str:
    """Return a file beside the model's own pickles that holds code by value; empty: none found.

    Artifacts and data among its code are searched, for at most a second of CPU time each.
    """
    for room in _BESIDE:
        for name, named in FolderPickles.of(folder / room, folder / room).named.items():
            if holds_code(named):
                return f"{room}/{name}"
    return ""


def check_beside(folder: Path, recorded: str, python: str) -> None:
    """Raise CompiledCodeError if a model may unpickle code by value of another Python.

    Which Python wrote it is unknown: the one that `recorded` the prediction could run it.
    """
    if not recorded or not python or minor(recorded) == minor(python):
        return
    found = code_beside(folder)
    if found:
        raise CompiledCodeError(found, recorded, python)
