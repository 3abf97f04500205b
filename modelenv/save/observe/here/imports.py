"""Modules that the author's process imported for what they register, and that a run lacks.

An import may register an accessor, a type or a plugin with another library, and code that uses it
names only that library. In the process of a script or notebook it works; where the model alone is
loaded nothing imports the module.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from types import ModuleType

from ....base.text import few

_OURS = ("modelenv", "tracer", "resolver", "envfiles", "cloudpickle")
_WORD = re.compile(r"[a-z0-9]{3,}")
_NO_ATTRIBUTE = "has no attribute"


def lacked(reason: str, names: Mapping[str, object], loaded: Collection[str]) -> tuple[str, ...]:
    """Return modules among the values of `names` that a failed run may have needed, sorted.

    `names` are the globals of the script or notebook, `loaded` the modules of the run, and `reason`
    says why it failed. If that is a lacking attribute, any module that was not loaded may have
    added it; otherwise one that has a word in common with `reason`.

    >>> names = {"measures": ModuleType("pint_pandas"), "np": ModuleType("numpy")}
    >>> lacked("TypeError: data type 'pint[mile]' not understood", names, {"numpy"})
    ('pint_pandas',)
    """
    missing = sorted(set(_modules(names)).difference(loaded))
    if _NO_ATTRIBUTE in reason:
        return tuple(missing)
    said = set(_WORD.findall(reason.lower()))
    return tuple(name for name in missing if not said.isdisjoint(_WORD.findall(name.lower())))


def import_hints(
    reason: str, names: Mapping[str, object], loaded: Collection[str]
) -> Iterator[str]:
    """Yield a sentence on the modules that `lacked` returns, if there are any."""
    modules = lacked(reason, names, loaded)
    if modules:
        yield (
            f"It may need what the import of {few(modules)} registers, an accessor or a type say:"
            " that is imported here, and by nothing that ran there. Import it in `predict`, or in"
            " the module of the model's class if that is not the script."
        )


def _modules(names: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of modules that are neither Python's own nor ours."""
    for value in list(names.values()):
        if type(value) is ModuleType:
            top = value.__name__.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in _OURS:
                yield value.__name__
