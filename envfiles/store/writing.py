"""Words for what the system refuses."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..errors import TargetUnwritable
from .leftovers import is_partial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _says_more(file: object, target: Path) -> bool:
    """Return whether a path is neither the target nor the temporary file for it."""
    if not file or str(file) == str(target):
        return False
    return not any(map(is_partial, PurePath(str(file)).parts))


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Report what the operating system refuses in the block as TargetUnwritable."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if _says_more(error.filename, target) else ""
        reason = f"cannot be written: {error.strerror or error}{where}"
        raise TargetUnwritable(target, reason) from error
