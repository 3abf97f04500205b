"""Read a JSON list of titles, write it in the order of their plain letters."""

from __future__ import annotations

import json
import sys

from letters import plain
from sortedcontainers import SortedKeyList

if __name__ == "__main__":
    json.dump(list(SortedKeyList(json.load(sys.stdin), key=plain)), sys.stdout)
