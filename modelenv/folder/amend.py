"""What an edit of its requirements changes in a folder's MLmodel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..base.siblings import envfiles
from ..worker.verdict import Verdict, proof
from .mlmodel import FILE, LOCK
from .model_folder import Stated, flavors


def amend(
    stated: Stated,
    spec: envfiles.EnvSpec,
    verdict: Verdict | None,
    *,
    left_out: Mapping[str, str] | None = None,
    same_pins: bool = False,
) -> dict[str, str]:
    """Return the new text of MLmodel by its name; nothing where another tool wrote the folder.

    The proof is that of the new pins, which no lock holds; of the `same_pins` what was known holds.
    What was `left_out` now is named with who had asked for it, what is pinned now is no longer;
    keys that are not ours stay.
    """
    names = {entry.name for entry in spec.requirements}

    def changed(ours: dict[str, Any]) -> dict[str, Any]:
        lacking = {**(ours.get("left_out") or {}), **(left_out or {})}
        known = ours if same_pins else {key: ours[key] for key in ours if key != "lock"}
        proven = {} if same_pins and verdict is None else {"proof": proof(verdict)}
        left = {name: asked for name, asked in lacking.items() if name not in names}
        return {**known, **proven, "left_out": left}

    return _rewritten(stated, changed)


def name_lock(stated: Stated) -> dict[str, str]:
    """Return the new text of MLmodel that names pylock.toml, likewise."""
    ours = flavors(stated.folder).get("modelenv")
    if isinstance(ours, dict) and ours.get("lock") == LOCK:
        return {}
    return _rewritten(stated, lambda ours: {**ours, "lock": LOCK})


def _rewritten(
    stated: Stated, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, str]:
    """Change what is ours in MLmodel."""
    if not stated.closed:
        return {}
    text = envfiles.read_text(stated.folder / FILE)
    document: Any = envfiles.load_yaml(text or "", file=str(stated.folder / FILE))
    known = document["flavors"]
    changed = {**known, "modelenv": change(known["modelenv"])}
    return {FILE: envfiles.dump_yaml({**document, "flavors": changed})}
