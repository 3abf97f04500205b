"""A Python on a platform, in one word: `3.12`, `3.11-manylinux_2_28_x86_64`, `3.12-win_amd64`."""

from __future__ import annotations

from ..base.errors import WrongUseError
from ..base.siblings import resolver
from ..environments.spec import minor


def parse_target(text: str) -> resolver.Target:
    """Read a target; without a platform it is this one. Raises WrongUseError.

    >>> parse_target("3.12-win_amd64").markers["sys_platform"]
    'win32'
    """
    python, dash, platform = text.partition("-")
    try:
        return resolver.Target.of(python, platform if dash else None)
    except resolver.TargetError as error:
        raise WrongUseError(
            f"{text!r} is no target: write a Python and a platform, as 3.11 or"
            " 3.11-manylinux_2_28_x86_64, 3.12-win_amd64, 3.12-macosx_14_0_arm64"
        ) from error


def target(python: str) -> resolver.Target:
    """Return the interpreter for a version of Python, on this platform.

    That is the running one where only the last part of the version differs.
    """
    here = resolver.Target.current()
    return here if minor(here.python_version) == minor(python) else resolver.Target.of(python)
