"""Whose code a file is: a user's own, or that of Python and of what is installed."""

from __future__ import annotations

import re

# As installers and Pythons lay them out on Linux, macOS and Windows; what is frozen has no file.
_OF_OTHERS = re.compile(
    r"(?:^|(?<=[/\\]))(?:site|dist)-packages[/\\]"
    r"|[/\\](?:lib|lib64)[/\\](?:python|pypy)\d(?:\.\d+)?t?[/\\]"
    r"|[/\\](?:Python|PyPy)[^/\\]*[/\\]Lib[/\\]"
    r"|^(?=<)",
    re.IGNORECASE,
)


def is_of_user(file: str) -> bool:
    """Return whether a file of code is a user's own, by its path, in whichever environment.

    >>> is_of_user("/home/me/churn/rules.py"), is_of_user("/usr/lib/python3.12/json/decoder.py")
    (True, False)
    """
    return _OF_OTHERS.search(file) is None


def in_library(file: str) -> str:
    """Return the path of a file below the folder of its library; a user's own is unchanged.

    >>> in_library("/usr/lib/python3.12/json/decoder.py"), in_library("/home/me/rules.py")
    ('json/decoder.py', '/home/me/rules.py')
    >>> in_library("/env/lib/python3.12/site-packages/pandas/core/frame.py")
    'pandas/core/frame.py'
    """
    ends = [found.end() for found in _OF_OTHERS.finditer(file)]
    return file[ends[-1] :] if ends else file
