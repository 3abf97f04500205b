from __future__ import annotations

from azure.core.utils import case_insensitive_dict, parse_connection_string


class Connections:
    """The parts of connection strings that are asked for, however they are spelled."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys

    def predict(self, strings: list[str]) -> list[list[str]]:
        parsed = [case_insensitive_dict(parse_connection_string(string)) for string in strings]
        return [[parts[key] for key in self.keys] for parts in parsed]
