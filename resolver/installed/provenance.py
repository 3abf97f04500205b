"""The origin of a distribution, resolved from its record (PEP 610) on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..local_files import path_of
from ..requirements.references import is_local

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEMS = frozenset({"conda", "rpm"})
"""Values of `INSTALLER` that a system package manager writes; Debian's removes the file."""

# The build folder of conda-build and rattler-build.
_BUILT_IN = "work"


def leads_elsewhere(direct: Mapping[str, object] | None, installer: str) -> bool:
    """Return whether a `direct_url.json` names a folder of the machine that packed a distribution.

    conda's packages have such entries without meaning. A folder that is merely gone was one of this
    machine: image builds often remove a project after installing it.

    >>> about = {"url": "file:///croot/numpy_1700000000000/work", "dir_info": {}}
    >>> leads_elsewhere(about, "pip"), leads_elsewhere({**about, "url": "file:///src"}, "pip")
    (True, False)
    """
    if direct is None or not is_local(str(direct.get("url", ""))):
        return False
    if installer in SYSTEMS:
        return True
    path = path_of(str(direct["url"]))
    about = direct.get("dir_info")
    if path is None or not isinstance(about, dict) or about.get("editable"):
        return False
    return path.name == _BUILT_IN and not path.exists()
