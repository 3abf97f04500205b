"""The id of a request, and the trace that it belongs to (W3C Trace Context)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class TraceContext:
    """What names a request in logs."""

    request_id: str
    """The client's own, or a new one."""
    trace_id: str = ""
    """Of the trace that the client named; empty: none."""

    @classmethod
    def of(cls, traceparent: str, request_id: str) -> TraceContext:
        """Read the two headers; what is malformed is passed over, as the recommendation has it.

        >>> TraceContext.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a").trace_id
        '0af7651916cd43dd8448eb211c80319c'
        """
        found = _PARENT.fullmatch(traceparent) if traceparent else None
        known = found is not None and found[1] != "ff" and (found[1] != "00" or not found[5])
        trace = found[2] if found is not None and known and set(found[2]) != {"0"} else ""
        given = request_id if request_id and _ID.fullmatch(request_id) else ""
        return cls(given or trace or secrets.token_hex(16), trace)
