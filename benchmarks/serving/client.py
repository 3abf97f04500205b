"""Ask a server over connections that are kept, and say how long the answers took.

    python client.py PORT REQUEST SECONDS CONNECTIONS [RATE]

REQUEST is a file with the bytes of a whole request. Each connection sends it again as soon as it
has its answer, or, with a RATE, so often in a second over all of them. Standard output gets JSON.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from pathlib import Path

_PATIENCE = 30.0
_READ = 65536


def main(arguments: list[str]) -> None:
    """Ask as the arguments say."""
    port, file, seconds, count = arguments[:4]
    rate = float(arguments[4]) if arguments[4:] else None
    connections = [socket.create_connection(("127.0.0.1", int(port))) for _ in range(int(count))]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    began, cpu = time.perf_counter(), time.process_time()
    waits = _ask(connections, Path(file).read_bytes(), float(seconds), rate)
    told = {
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "waits": waits,
    }
    print(json.dumps(told))


def _ask(
    connections: list[socket.socket], request: bytes, seconds: float, rate: float | None
) -> list[float]:
    """Return the seconds that each answer took."""
    poll = select.epoll()
    for connection in connections:
        poll.register(connection, select.EPOLLIN)
    by_number = {connection.fileno(): connection for connection in connections}
    free, sent, read = list(by_number), dict.fromkeys(by_number, 0.0), {}
    waits: list[float] = []
    began = due = time.perf_counter()
    while True:
        now = time.perf_counter()
        while free and now < began + seconds and (rate is None or now >= due):
            number = free.pop()
            sent[number], read[number] = time.perf_counter(), b""
            by_number[number].sendall(request)
            due += 1 / rate if rate else 0.0
        if len(free) == len(connections) and now >= began + seconds:
            return waits
        is_paced = rate is not None and free and now < began + seconds
        pause = max(0.0, due - now) if is_paced else _PATIENCE
        events = poll.poll(pause)
        if not events and not is_paced:
            sys.exit("no answer came")
        for number, _ in events:
            read[number] += by_number[number].recv(_READ)
            if _is_whole(read[number]):
                waits.append(time.perf_counter() - sent[number])
                free.append(number)


def _is_whole(answer: bytes) -> bool:
    """Return whether an answer has all its bytes; one that is no good ends the process."""
    head, gap, body = answer.partition(b"\r\n\r\n")
    if not gap:
        if not answer:
            sys.exit("the server hung up")
        return False
    lines = head.lower().split(b"\r\n")
    if b" 200" not in lines[0]:
        sys.exit(answer.decode("latin-1"))
    length = next(line for line in lines if line.startswith(b"content-length:"))
    return len(body) == int(length.partition(b":")[2])


if __name__ == "__main__":
    main(sys.argv[1:])
