from __future__ import annotations

from warnings_of import WarningsOf


def build() -> tuple[WarningsOf, list[str]]:
    return WarningsOf(), ["echo $1 $2\n", "for f in $(ls); do cat $f; done\n", "true\n"]
