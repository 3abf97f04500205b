"""What an edit of its requirements changes in a folder's MLmodel."""

from __future__ import annotations

from typing import Any

from .model.mlmodel import LOCK
from .siblings import envfiles
from .stated import Stated
from .verdict import Verdict

_FILE = "MLmodel"


def amend(stated: Stated, spec: envfiles.EnvSpec, verdict: Verdict | None) -> dict[str, str]:
    """Return the new text of MLmodel by its name; nothing where another tool wrote the folder.

    The proof is that of the new pins, which no lock holds, and what is pinned now is no longer left
    out; keys that are not ours stay.
    """
    if not stated.closed:
        return {}
    text = envfiles.read_text(stated.folder / _FILE)
    document: Any = envfiles.load_yaml(text or "", file=str(stated.folder / _FILE))
    names = {entry.name for entry in spec.requirements}
    ours = document["flavors"]["modelenv"]
    left_out = ours.get("left_out") or {}
    proof = {"status": "unproven"}
    if verdict is not None:
        proof = {"status": verdict.status, "where": verdict.where, "reason": verdict.reason}
    changed = {
        **{key: value for key, value in ours.items() if key != "lock"},
        "left_out": {name: asked for name, asked in left_out.items() if name not in names},
        "proof": proof,
    }
    flavors = {**document["flavors"], "modelenv": changed}
    return {_FILE: envfiles.dump_yaml({**document, "flavors": flavors})}


def name_lock(stated: Stated) -> dict[str, str]:
    """Return the new text of MLmodel that names pylock.toml, likewise."""
    if not stated.closed:
        return {}
    text = envfiles.read_text(stated.folder / _FILE)
    document: Any = envfiles.load_yaml(text or "", file=str(stated.folder / _FILE))
    ours = document["flavors"]["modelenv"]
    if ours.get("lock") == LOCK:
        return {}
    flavors = {**document["flavors"], "modelenv": {**ours, "lock": LOCK}}
    return {_FILE: envfiles.dump_yaml({**document, "flavors": flavors})}
