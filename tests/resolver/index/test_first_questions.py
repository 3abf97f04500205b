"""The first questions of a process, asked by many threads at once: what they import is whole."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Each thread asks a moment later than the one before, while the first one imports; they change
# places far more often than usual.
_ASKING = """
import json, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from resolver.index.fetcher import Fetcher

sys.setswitchinterval(1e-5)
fetcher = Fetcher(attempts=0, proxies={})
ready = threading.Barrier(12)

def ask(number):
    ready.wait()
    time.sleep(number * 0.004)
    try:
        getattr(fetcher, ("get", "open", "open_forward")[number % 3])("http://127.0.0.1:9/a")
    except Exception as error:
        return type(error).__name__

with ThreadPoolExecutor(12) as threads:
    print(json.dumps(sorted(set(threads.map(ask, range(12))))))
"""


@pytest.mark.parametrize("_attempt", range(3))
def test_no_thread_finds_a_library_half_imported(_attempt: int) -> None:
    ended = subprocess.run([sys.executable, "-c", _ASKING], capture_output=True, check=True)
    assert json.loads(ended.stdout) == ["SourceError"]
