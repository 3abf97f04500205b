"""Read a JSON list of byte counts, write how people say them."""

from __future__ import annotations

import json
import sys

import humanize

if __name__ == "__main__":
    json.dump([humanize.naturalsize(count) for count in json.load(sys.stdin)], sys.stdout)
