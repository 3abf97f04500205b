"""The programs that are timed: each loads a model, and times what is done with it then."""

from __future__ import annotations

FLOOR = """
import pickle, sys
model, example = pickle.load(open(sys.argv[1], "rb"))
model.predict(example)
"""

# What is said on the last line stands in `benchmarks.results.timing`. The peak of the memory
# is that of this process, from here on, above what it holds now; only Linux can be asked to begin
# anew.
_BEGIN = """
import os, pickle, sys, time
model, example = pickle.load(open(sys.argv[1], "rb"))
model.predict(example)
def memory(name):
    lines = open("/proc/self/status").read().splitlines() if os.path.exists("/proc/self") else ()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)
try:
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
except OSError:
    pass
held, spent, said, stages = memory("VmRSS:"), sum(os.times()[:4]), [], {}
began = time.perf_counter()
"""
_END = """
seconds = time.perf_counter() - began
HOLDS = "the proof that was begun beside the run holds"
count = lambda words: sum(words in each for each in said)
print()
print(f"seconds={seconds} spent={spent} memory={memory('VmHWM:') - held}",
      f"proofs={count('predicting with ') + count(HOLDS)}",
      f"right={count(HOLDS)}",
      f"wrong={count('is thrown away')}",
      *(f"stage:{name}={took}" for name, took in stages.items()))
"""

MODELENV = f"""{_BEGIN}
import modelenv
stages = modelenv.save_model(model, sys.argv[2], input_example=example,
                             prove=sys.argv[3] == "prove", report=said.append).seconds
{_END}"""

MLFLOW = f"""{_BEGIN}
import mlflow.sklearn
mlflow.sklearn.save_model(model, sys.argv[2], input_example=example)
{_END}"""

# The next model is of the same class and imports another distribution: what was seen of the one
# before is a wrong guess.
CHOOSING = """
import importlib


class Choosing:
    def __init__(self, model, name):
        self.model, self.name = model, name

    def predict(self, rows):
        importlib.import_module(self.name)
        return self.model.predict(rows)
"""
CHOOSE = """
import pickle, sys
from choosing import Choosing
model, example = pickle.load(open(sys.argv[1], "rb"))
pickle.dump((Choosing(model, sys.argv[3]), example), open(sys.argv[2], "wb"))
"""
CHOICES = ("yaml", "click")
"""Modules of which each such model imports one; modelenv requires both."""
