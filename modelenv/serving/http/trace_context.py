"""The id of a request, and the trace that it belongs to (W3C Trace Context, level 1 and 2).

The recommendation has no header for answers, so answers carry the id in ``x-request-id``.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x20-\x7e]*)?")
_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The ids of a request, for answers and logs."""

    request_id: str
    """The client's own id, else that of its trace, else a new one."""
    trace_id: str = ""
    """The id of the trace that the client named; empty if it named none."""

    @classmethod
    def of(cls, traceparent: str, request_id: str) -> TraceContext:
        """Read the two headers; malformed ones are ignored, as the recommendation requires.

        >>> TraceContext.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a").trace_id
        '0af7651916cd43dd8448eb211c80319c'
        """
        trace_id = _trace_id(traceparent) if traceparent else ""
        given = request_id if request_id and _ID.fullmatch(request_id) else ""
        return cls(given or trace_id or _new_id(), trace_id)


def _new_id() -> str:
    """Return a unique id; it need not be secret, which would take longer to make."""
    return f"{random.getrandbits(128):032x}"


def _trace_id(traceparent: str) -> str:
    """Return the id of the trace; empty if the header is malformed."""
    found = _PARENT.fullmatch(traceparent)
    if found is None:
        return ""
    version, trace_id, parent_id, _, more = found.groups()
    # Version 0 ends with the flags; later versions may append fields that are ignored.
    known = version != "ff" and (version != "00" or more is None)
    is_null = set(trace_id) == {"0"} or set(parent_id) == {"0"}
    return trace_id if known and not is_null else ""
