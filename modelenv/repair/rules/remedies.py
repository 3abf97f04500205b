"""The words for versions in a remedy."""

from __future__ import annotations

from ..context import Knowledge


def python_remedy(known: Knowledge, versions: str = "") -> str:
    """Return which Python to run the model with."""
    if known.python:
        return f"run it with Python {known.python}, which the model was made with"
    return f"run it with Python {split_python(versions)}" if versions else "run it with that Python"


def split_python(versions: str) -> str:
    """Return a specifier in words.

    >>> split_python("<3.12"), split_python(">=3.11")
    ('before 3.12', '3.11 and later')
    """
    if versions.startswith(">="):
        return f"{versions[2:]} and later"
    return f"before {versions[1:]}" if versions.startswith("<") else versions


def shown_versions(line: str) -> str:
    """Return a line with a blank between the name and its versions.

    >>> shown_versions("numpy<2")
    'numpy <2'
    """
    place = next((index for index, mark in enumerate(line) if mark in "<>=!~"), len(line))
    return f"{line[:place]} {line[place:]}".strip()
