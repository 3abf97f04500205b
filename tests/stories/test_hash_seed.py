"""Someone's features hang on the hash of words; the usual remedy is kept from then on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OWN = """
import numpy

WEIGHTS = numpy.linspace(-1.0, 1.0, 64)

class Sentiment:
    def predict(self, texts):
        rows = numpy.zeros((len(texts), 64))
        for row, text in zip(rows, texts):
            for word in text.split():
                row[hash(word) % 64] += 1
        scores = rows @ WEIGHTS
        return [{"words": len(t.split()), "score": float(s)} for t, s in zip(texts, scores)]

def make():
    return Sentiment(), ["a fine kiln", "no fire today"]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """A folder of the user's own with a model in it, and the command run there."""
    (tmp_path / "own.py").write_text(OWN)

    def command(*words: str, **variables: str) -> str:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONHASHSEED"}
        ended = subprocess.run(
            [sys.executable, "-m", "modelenv", *words],
            cwd=tmp_path,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return command


def test_what_hangs_on_the_hash_seed_is_named_and_the_rest_is_proven(shop) -> None:
    saved = shop("save", "own:make", "-o", "m")
    assert "runs in a replica" in saved
    assert ": as recorded: prediction[*]['words']" in saved
    assert "not compared: prediction[*]['score']" in saved
    assert "PYTHONHASHSEED=0 makes it the same" in saved
    assert "runs in a replica" in shop("verify", "-m", "m")
    assert json.loads(shop("inspect", "-m", "m", "--json"))["not_compared"] == [
        "prediction[*]['score']"
    ]


def test_with_a_seed_all_of_it_is_proven_and_every_run_has_the_seed(shop) -> None:
    saved = shop("save", "own:make", "-o", "m", PYTHONHASHSEED="0")
    assert "proven in a replica" in saved
    assert ": the prediction equals the recorded one" in saved
    assert "environment variables of every run: PYTHONHASHSEED=0" in saved
    assert "reproduces" in shop("verify", "-m", "m")
    predictions = {shop("predict", "-m", "m"), shop("predict", "-m", "m", PYTHONHASHSEED="5")}
    assert len(predictions) == 1
