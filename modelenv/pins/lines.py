"""The user's requirement lines for the resolver: read once, with absolute paths and URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ..base import arguments
from ..base.arguments import Requirements
from ..base.indexes import Indexes
from ..base.siblings import envfiles, resolver
from ..environments.builders.exports import ToolExport

# A line is quoted as a reason; its options, perhaps tens of hashes, are not.
_OPTIONS = re.compile(r"\s+--?[A-Za-z].*", re.DOTALL)


def read_lines(
    given: Requirements | resolver.Lines | None,
    *,
    layer: str,
    environment: Mapping[str, str],
    constraint: bool = False,
    folder: Path | None = None,
    selection: envfiles.Selection | None = None,
) -> resolver.Lines:
    """Read requirement lines; a path is a file of them, a project or a lock.

    `selection` holds the extras and groups to take from a project or lock. Lines have the meaning
    that pip gives them. With `constraint` every line is a constraint. `${NAME}` is replaced by a
    variable of `environment`. Relative paths are relative to `folder`, or to the working directory
    if None. Lines that were read before are returned unchanged. Raises InvalidFile with all faults.
    """
    if isinstance(given, resolver.Lines):
        return given
    content = envfiles.read_requirements(
        () if given is None else given,
        name=layer,
        is_constraint=constraint,
        environment=environment,
        with_names=True,
        folder=folder,
        selection=selection or envfiles.Selection(),
        export=ToolExport(environment),
    )
    return resolver.Lines(
        tuple(_line(each, layer) for each in content.requirements),
        tuple(_line(each, layer) for each in content.constraints),
        tuple(map(_option, content.options)),
        tuple(_iter_idle(content)),
        tuple(_limit(each, layer) for each in content.conditions),
    )


def selected(groups: str | Iterable[str], extras: str | Iterable[str]) -> envfiles.Selection:
    """Return a selection of groups and extras of a project. Raises BadArgumentError."""
    return envfiles.Selection(
        extras=arguments.texts("extras", extras), groups=arguments.texts("groups", groups)
    )


def read_options(indexes: Indexes, environment: Mapping[str, str]) -> resolver.Lines:
    """Return the options of one call as option lines, and nothing else."""
    lines = tuple(indexes.lines)
    if not lines:
        return resolver.Lines()
    return read_lines(lines, layer="options", environment=environment)


def _iter_idle(content: envfiles.RequirementsContent) -> Iterator[str]:
    """Yield a sentence for each part of the lines that has no effect in its place."""
    yield from map(str, content.ignored)
    for line in content.constraints:
        if line.settings:
            yield f"{line.location}: pip passes over --config-settings in a constraint"


def _line(line: envfiles.RequirementLine, layer: str) -> resolver.Line:
    assert line.requirement is not None  # lines are read with their names
    return resolver.Line(
        line.requirement,
        resolver.Origin(layer, str(line.location), _OPTIONS.sub("", line.whole)),
        hashes=tuple(sorted({each.lower() for each in line.hashes})),
        settings=line.settings,
        editable=line.editable,
        written="" if line.written is None else str(line.written),
    )


def _limit(condition: envfiles.Condition, layer: str) -> resolver.Limit:
    from packaging.markers import Marker

    origin = resolver.Origin(layer, str(condition.location), condition.text)
    return resolver.Limit(tuple(map(Marker, condition.markers)), origin)


def _option(option: envfiles.Option) -> envfiles.Option:
    """Make a folder of files relative to the working directory instead of to its file."""
    beside = Path(option.location.file or "").parent / option.value
    is_beside = option.name == "--find-links" and bool(option.location.file) and beside.exists()
    return replace(option, value=str(beside)) if is_beside else option
