"""The body of an answer as a file for sequential reads."""

from __future__ import annotations

import io
from typing import Any

from ...errors import FalseAnswerError, SourceError
from .body import Allowance, BodyError, raw_blocks
from .words import LATER, UNTRUE, words


class Stream(io.RawIOBase):
    """A raw body that is read as it comes; `place` is its address in errors."""

    def __init__(self, response: Any, place: str, allowed: Allowance) -> None:
        self._response = response
        self._place = place
        self._blocks = raw_blocks(response, allowed)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes. Raises `SourceError`."""
        into = memoryview(buffer)
        if not self._left:
            self._left = memoryview(self._next())
        count = min(len(into), len(self._left))
        into[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def close(self) -> None:
        """Close the connection: the rest of the body is not needed."""
        self._response.close()
        super().close()

    def _next(self) -> bytes:
        from .wire import FramingError, HTTPError, WireError

        try:
            return next(self._blocks, b"")
        except (HTTPError, OSError) as error:
            raise SourceError(self._place, f"it broke off: {words(error)}", LATER) from error
        except FramingError as error:
            reason = f"its server frames its answer wrongly: {error}"
            raise FalseAnswerError(self._place, reason, UNTRUE) from error
        except WireError as error:
            raise SourceError(self._place, str(error), LATER) from error
        except BodyError as error:
            raise FalseAnswerError(self._place, str(error), UNTRUE) from error
