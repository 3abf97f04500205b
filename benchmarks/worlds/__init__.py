"""Environments and models of a size, made for a measurement: many distributions, many modules.

    python -m benchmarks.worlds crowd FOLDER [--distributions N]
    python -m benchmarks.worlds modules FOLDER [--modules N]
    python -m benchmarks.worlds optional FOLDER [--optional N] [--needed N] [--kind KIND]

Each makes a virtual environment in the new FOLDER, out of what is installed beside this
interpreter, and a pickle of a model and its example, and prints both paths. modelenv is imported
from this repository, in each of them.
"""
