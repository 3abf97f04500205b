"""Attribution of modules to distributions: those that ran, their kind, and their dependents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .builder import AttributionBuilder
from .modules import own_stdlib
from .touches import without_scans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..installed.environment import Installed
    from .values import Accessed, Attribution, Imported


def attribute(
    imports: Iterable[Imported],
    installed: Installed,
    *,
    touched: Iterable[Accessed] = (),
    named: Iterable[str] = (),
    exemplified: Iterable[str] = (),
    stdlib: Iterable[str] = (),
) -> Attribution:
    """Find the distributions that the modules of a trace belong to, and their kinds.

    `touched` are the other uses: files, libraries, programs, metadata. `named` are the modules that
    the model's pickle names, `exemplified` those whose values the input example is made of,
    whichever code imported them first. `stdlib` are the folders of the standard library of the
    interpreter that was traced; empty: this one's. Raises MetadataError if a distribution that
    the model needs states an invalid requirement.

    >>> from resolver import Installed
    >>> attribute([], Installed.current()).distributions
    ()
    """
    loaded = tuple(record for record in imports if record.loaded)
    builder = AttributionBuilder(installed, tuple(stdlib) or own_stdlib(), loaded)
    for record in loaded:
        builder.add(record)
    for touch in without_scans(touched, installed):
        builder.add_touched(touch)
    for name in sorted(set(named)):
        builder.add_named(name)
    for name in sorted(set(exemplified)):
        builder.add_named(name, by_input=True)
    return builder.build()
