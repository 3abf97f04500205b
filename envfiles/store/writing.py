"""Words for what the system refuses."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import TargetUnwritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Report what the operating system refuses in the block as TargetUnwritable."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename and error.filename != str(target) else ""
        reason = f"cannot be written: {error.strerror or error}{where}"
        raise TargetUnwritable(target, reason) from error
