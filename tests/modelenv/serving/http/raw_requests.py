"""Requests as bytes, right and wrong in many ways, from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

JSON = b'{"dataframe_split": {"columns": ["a", "b"], "data": [[1.0, 2]]}, "params": {"k": 3}}'
CSV = b"a,b\n1.0,2\n3,4\n"
TENSORS = (
    b'{"id": "1", "inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "data": [1.5]},'
    b' {"name": "b", "shape": [1], "datatype": "INT64", "parameters": {"binary_data_size": 8}}],'
    b' "outputs": [{"name": "output-0", "parameters": {"binary_data": true}}]}'
)
RAW = TENSORS + bytes([2, 0, 0, 0, 0, 0, 0, 0])
_PIECES = (
    *(
        b"[",
        b"{",
        b'"',
        b"null",
        b"1e999",
        b"-1",
        b"NaN",
        b"true",
        b"[[]]",
        b'{"a": 1}',
        b"\\ud800",
    ),
    *(b"99999999999999999999", b'"\\u0000"', b"\xff\xfe", b"\xef\xbb\xbf", b"0x1", b"Infinity"),
)
_PATHS = (
    *(b"/invocations", b"/models/m/invocations", b"/v2/models/m/infer") * 4,
    *(b"/v2/repository/index", b"/ping", b"/docs", b"/openapi.json", b"/v2/models/m", b"/metrics"),
    *(b"/v2/models/%ff/infer", b"/models/%00/invocations", b"//", b"/%2e%2e/invocations", b"*"),
    *(b"http://x/ping", b"/v2/models/m/ready", b"/invocations?x=%", b"/\xff"),
)
_KINDS = (
    *(b"application/json", b"text/csv", b"application/octet-stream", b"\xff", b""),
    *(b"application/vnd.apache.parquet", b"application/vnd.apache.arrow.stream"),
    b"application/json; charset=\xe9",
)
_ODD = {
    b"Inference-Header-Content-Length": (b"%d" % len(TENSORS), b"0", b"-1", b"9" * 30, b"\xb2"),
    b"Content-Encoding": (b"gzip", b"deflate", b"br", b",", b"identity"),
    b"traceparent": (b"00-\xff", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"),
    b"x-request-id": (b"\xff\xfe", b"ok", b"a" * 500),
    b"Expect": (b"100-continue",),
}


@dataclass
class RawRequests:
    """Requests that differ from right ones in a few bytes, or not at all."""

    seed: int
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def body(self) -> tuple[str, bytes, dict[str, str]]:
        """Return a path, a body that is nearly what belongs there, and its headers."""
        path, body, kind = self.chance.choice(
            (
                ("/invocations", JSON, "application/json"),
                ("/invocations", CSV, "text/csv"),
                ("/v2/models/m/infer", RAW, "application/octet-stream"),
            )
        )
        length = {"inference-header-content-length": str(len(TENSORS))} if body is RAW else {}
        return path, self.changed(body), {"content-type": kind, **length}

    def whole(self) -> tuple[bytes, bool]:
        """Return a request with its line and headers, and whether it may be cut."""
        body = self.changed(self.chance.choice((JSON, CSV, RAW, b"", b"PAR1" * 9, b"\x1f\x8b\x08")))
        headers = [b"Host: x", b"Connection: close"]
        if self.chance.random() < 0.9:
            headers.append(b"Content-Type: " + self.chance.choice(_KINDS))
        for name, values in _ODD.items():
            if self.chance.random() < 0.15:
                headers.append(name + b": " + self.chance.choice(values))
        if self.chance.random() < 0.2:
            headers.append(b"Transfer-Encoding: chunked")
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        else:
            headers.append(b"Content-Length: %d" % len(body))
        method = self.chance.choice((b"POST",) * 12 + (b"GET", b"HEAD", b"PUT", b"OPTIONS", b"X"))
        line = method + b" " + self.chance.choice(_PATHS) + b" HTTP/1.1"
        request = b"\r\n".join((line, *headers, b"", body))
        cut = self.chance.random() < 0.1
        return (self.changed(request) if cut else request), cut

    def changed(self, text: bytes) -> bytes:
        """Return text with a few changes, or none."""
        found = bytearray(text)
        for _ in range(self.chance.choice((0, 0, 1, 1, 2, 5))):
            if not found:
                break
            place = self.chance.randrange(len(found))
            match self.chance.randrange(6):
                case 0:
                    found[place] = self.chance.randrange(256)
                case 1:
                    del found[place : place + self.chance.randrange(1, 8)]
                case 2:
                    found[place:place] = self.chance.randbytes(self.chance.randrange(1, 8))
                case 3:
                    found[place:place] = self.chance.choice(_PIECES)
                case 4:
                    del found[place:]
                case _:
                    start = self.chance.randrange(len(found))
                    found[place:place] = found[start : start + self.chance.randrange(1, 30)]
        return bytes(found)
