from __future__ import annotations

from connections import Connections


def build() -> tuple[Connections, list[str]]:
    return Connections(["endpoint", "ENTITYPATH"]), ["Endpoint=sb://a.example;EntityPath=orders"]
