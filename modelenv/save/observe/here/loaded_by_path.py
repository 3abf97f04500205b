"""Modules of this process that another one cannot import: loaded from a file by its path."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType

_WAY_OUT = (
    "import it by that name, from a folder on sys.path; or say"
    " cloudpickle.register_pickle_by_value({top}) before, and its code travels in the pickle"
)


def loaded_by_path(names: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with each of these modules that no finder of this process finds.

    Programs load plugins, notebooks and scripts by their path, under a name of their own
    (``importlib.util.spec_from_file_location``). A pickle has that name alone.
    """
    for top in dict.fromkeys(name.partition(".")[0] for name in names):
        module = sys.modules.get(top)
        file = getattr(module, "__file__", None)
        if module is not None and file and not _is_found(module):
            yield (
                f"this program loaded {top} from {file} by its path, and no other process finds it"
                f" by its name: {_WAY_OUT.format(top=top)}"
            )


def _is_found(module: ModuleType) -> bool:
    """Return whether a finder finds the file of a top-level module by its name."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(module.__name__, None) if find is not None else None
        if spec is not None:
            return spec.origin == module.__file__
    return False
