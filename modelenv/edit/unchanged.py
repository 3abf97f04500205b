"""What an edit leaves as it was: the pins, with their proof, and the locks beside them."""

from __future__ import annotations

from ..base.siblings import envfiles, resolver
from ..folder.documents.names import LOCK
from ..folder.model_folder import ModelFolder
from ..folder.rewrite import UV_LOCK, target_options
from ..pins.change.requested import RequestedChange
from ..pins.lock_entries import locks_admitted
from ..pins.pin_set import PinSet


def are_same_pins(pins: PinSet, change: RequestedChange, spec: envfiles.EnvSpec) -> bool:
    """Return whether the pins of the target are unchanged, so that an earlier proof still holds."""
    before, after = (
        {entry.requirement for entry in each.requirements if pins.applies(entry)}
        for each in (pins.spec, spec)
    )
    return before == after and not any(map(is_on_disk, change.lines.requirements))


def do_locks_hold(model: ModelFolder, spec: envfiles.EnvSpec) -> bool:
    """Return whether the locks of a folder whose pins are unchanged hold for a new list.

    They do not if it has other lines for other targets and a lock is for several, or other hashes
    than those of the files that pylock.toml installs.
    """
    pins = model.pins
    before, after = (
        {entry.requirement for entry in each.requirements if not pins.applies(entry)}
        for each in (pins.spec, spec)
    )
    of_uv = (model.path / UV_LOCK).exists()
    if before != after and (of_uv or target_options(model.path)):
        return False
    if _hashes(pins.spec) == _hashes(spec):
        return True
    text = envfiles.read_text(model.path / LOCK, within=model.path)
    if not text or of_uv:  # uv's has hashes of its own, and is made anew
        return False
    return locks_admitted(text, spec.requirements, pins.target())


def is_on_disk(line: resolver.Line) -> bool:
    """Return whether a line names a file of this machine."""
    return (line.requirement.url or "").startswith("file:")


def _hashes(spec: envfiles.EnvSpec) -> dict[tuple[str, str], tuple[str, ...]]:
    return {entry.key: entry.hashes for entry in spec.requirements if entry.hashes}
