"""``modelenv cache list|clear|prune``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..options import json_option
from ..shared.look.loudness import is_quiet
from ..shared.suggesting import SuggestingGroup
from ..shared.terminal import echo, echo_json

if TYPE_CHECKING:
    from ...environments.cache import CachedEnvironment, EnvironmentCache
    from ...save.proving.history import ProofHistory


@click.group(cls=SuggestingGroup)
def cache() -> None:
    """List and clean the environments that were built and kept.

    The results of earlier proofs lie beside them; `save` uses these to start the next proof early.
    Each of these commands takes --json. The cache is below MODELENV_CACHE_DIR, or else in the
    user's cache folder.

    \b
    Examples:
      modelenv cache list
      modelenv cache prune --days 7
    """


@cache.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the built environments, the one last used first."""
    _report(_cache().entries(), len(_history().entries()), as_json=as_json)


@cache.command()
@json_option
def clear(*, as_json: bool) -> None:
    """Remove all of them that are not in use."""
    _report(_cache().remove(), _history().remove(), as_json=as_json, verb="removed ")


@cache.command(short_help="Remove those that were not used for a while.")
@click.option("--days", type=float, default=30.0, show_default=True, help="Unused for so long.")
@json_option
def prune(days: float, *, as_json: bool) -> None:
    """Remove those that were not used for a while, and what was left unfinished."""
    if not days >= 0:  # refuses nan too
        from ...base.arguments import BadArgumentError

        raise BadArgumentError("--days", days, "a number of days, 0 or more")
    removed = _cache().remove(days)
    _report(removed, _history().remove(days), as_json=as_json, verb="removed ")


def _cache() -> EnvironmentCache:
    from ...base.settings import Settings
    from ...environments.cached import default_cache

    return default_cache(Settings.from_environment())


def _history() -> ProofHistory:
    from ...base.settings import Settings
    from ...save.proving.history import ProofHistory

    return ProofHistory.default(Settings.from_environment())


def _report(
    entries: Sequence[CachedEnvironment], proofs: int, *, as_json: bool, verb: str = ""
) -> None:
    if as_json:
        environments = [entry.to_json() for entry in entries]
        document = {"schema": 1, "environments": environments, "proofs": proofs}
        echo_json(document)
        return
    from ...base.text import counted
    from ..shared.look.beside import tell_lines
    from ..shared.look.listed import KeptEnvironments
    from ..shared.look.tell import is_page, tell

    lines = tuple(f"{verb}{_line(entry)}" for entry in entries)
    size = sum(entry.bytes for entry in entries) / 1e6
    kept = f"; {counted(proofs, 'outcome')} of proofs" if proofs else ""
    total = f"{verb}{counted(len(entries), 'environment')}, {size:.1f} MB{kept}"
    if is_page():
        tell(KeptEnvironments(lines, total))
        return
    for line in lines:
        echo(line)
    if not is_quiet():
        tell_lines(total)


def _line(entry: CachedEnvironment) -> str:
    from datetime import datetime, timezone

    from ...base.text import counted

    used = datetime.fromtimestamp(entry.used, timezone.utc).strftime("%Y-%m-%d %H:%M")
    state = "" if entry.complete else ", unfinished"
    state += ", in use" if entry.in_use else ""
    held = counted(len(entry.requirements), "distribution")
    what = f"{held} by {entry.manager}" if entry.complete else "?"
    return f"{entry.key}  {entry.bytes / 1e6:.1f} MB, used {used} UTC, {what}{state}"
