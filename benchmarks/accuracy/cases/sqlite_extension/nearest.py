from __future__ import annotations

import json
from importlib.util import find_spec

import apsw


class Nearest:
    """The names whose vectors lie nearest, as a database of vectors orders them."""

    def __init__(self, places: dict[str, list[float]]) -> None:
        self.places = places

    def predict(self, points: list[list[float]]) -> list[str]:
        connection = apsw.Connection(":memory:")
        connection.enable_load_extension(True)
        connection.load_extension(f"{find_spec('sqlite_vec').submodule_search_locations[0]}/vec0")
        connection.execute("create table places (name, vector)")
        rows = [(name, json.dumps(vector)) for name, vector in self.places.items()]
        connection.executemany("insert into places values (?, ?)", rows)
        asked = "select name from places order by vec_distance_l2(vector, ?) limit 1"
        return [connection.execute(asked, (json.dumps(point),)).fetchone()[0] for point in points]
