"""Give subinterpreters (PEP 734) the path of the code that creates them.

A new one has the path with which its process started, but a worker's path is set only once it
runs. Without this, functions that a model passes to a pool of subinterpreters by name would not
be found there. Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

_SHARE = """
def _modelenv_share(text, path):
    import sys
    import _interpreters
    create = _interpreters.create
    def sharing(*arguments, **named):
        made = create(*arguments, **named)
        call = "\\n_modelenv_share(%r, %r)\\ndel _modelenv_share\\n"
        _interpreters.run_string(made, text + call % (text, sys.path))
        return made
    if path is not None:
        sys.path[:] = path
    _interpreters.create = sharing
"""


def share_path() -> None:
    """Let each new subinterpreter, and those that it creates, take its creator's ``sys.path``."""
    if sys.version_info >= (3, 13):  # before, there is no public way to create one
        space: dict[str, Any] = {}
        exec(_SHARE, space)  # noqa: S102  # our own constant, which is run in each of them, too
        space["_modelenv_share"](_SHARE, None)
