"""Ask an index for the newest version of each pin, for the model's Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..base.indexes import Indexes
from ..base.settings import Settings
from ..base.siblings import resolver
from ..folder.model_folder import ModelFolder


def newest_versions(
    folder: ModelFolder, names: Iterable[str], indexes: Indexes
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return the newest final version of each name, and one sentence per name without an answer.

    Each name is looked up on its own; whether the newest versions fit together is for `upgrade`.
    """
    target = folder.pins.target()
    sources = folder.sources(Settings.from_environment().environment)
    configured = sources.undated().with_indexes(indexes).configured(target)
    found: dict[str, str] = {}
    unanswered = []
    for name in sorted(names):
        try:
            known = [each for source in configured for each in source.candidates(name)]
        except resolver.SourceError as error:
            unanswered.append(f"the newest version of {name} is not known: {error}")
            continue
        usable = [each.version for each in known if not (each.unusable or each.yanked)]
        final = [each for each in usable if not each.is_prerelease]
        if usable:
            found[name] = str(max(final or usable))
    return found, tuple(unanswered)
