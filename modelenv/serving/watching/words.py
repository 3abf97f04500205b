"""Findings in production, in words."""

from __future__ import annotations

from ...base.text import visible
from .finding import Finding

_DONE = {
    "imports": "imported {name}",
    "metadata": "asked for the metadata of {name}",
    "files": "read {name}",
    "libraries": "loaded the library {name}",
    "programs": "started the program {name}",
    "hosts": "contacted {name}",
}

_IN_VAIN = {"optional": "went on without it", "perhaps": "the request failed"}


def problem(finding: Finding, *, is_traced: bool = True) -> str:
    """Return what was touched and what that means, as a sentence without its full stop.

    >>> found = Finding(kind="imports", name="cv2", weight="missing", distribution="opencv-python")
    >>> problem(found)
    'it imported cv2 (of opencv-python), which is missing, and which the capture never saw'
    """
    name = finding.name
    if finding.distribution and finding.kind != "metadata":
        name += f" (of {finding.distribution})"
    unseen = "which the capture never saw" if is_traced else "which its example does not reach"
    if finding.weight in _IN_VAIN:
        then = _IN_VAIN[finding.weight]
        return visible(f"it looked for {name}, which is not there, and {then}")
    said = "it " + _DONE[finding.kind].format(name=name)
    if finding.weight == "missing" and finding.kind == "files":
        return visible(f"it needs {name}, which is kept from it, and {unseen}")
    if finding.weight == "missing":
        return visible(f"{said}, which is missing, and {unseen}")
    if finding.weight == "unpinned":
        return visible(f"{said}, {unseen}; that is not pinned, and missing where only the pins are")
    if finding.weight == "pinned":
        return visible(f"{said}, {unseen}; that is pinned")
    return visible(f"{said}, {unseen}")
