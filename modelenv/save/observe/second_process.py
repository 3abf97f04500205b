"""Run a captured model a second time, to find which parts of its prediction repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...base.run_variables import HASH_SEED
from ...worker import process
from ...worker.verdict import Repeatability
from .capture import Captured

_ANOTHER_SEED = "1"


def seed_beside(variables: Mapping[str, str]) -> str:
    """Return the hash seed for a run to be compared with one that had `variables`.

    Empty if the user set one.
    """
    return "" if HASH_SEED in variables else _ANOTHER_SEED


class SecondProcess:
    """Another run where the model was captured, to be compared with the recorded prediction.

    It runs once, when asked. It shares nothing with the first process but the environment: results
    that depend on the hash seed, on addresses or on chance differ.
    """

    def __init__(self, captured: Captured, timeout: float) -> None:
        self._captured = captured
        self._timeout = timeout
        self.repeatability = Repeatability()
        self.asked = False

    @property
    def hash_seed(self) -> str:
        """The hash seed of this process, which every process compared with it should have.

        With one seed, a result that depends only on the seed differs from the recorded prediction
        in both processes or in neither. Empty if the user set a seed.
        """
        return seed_beside(self._captured.variables)

    def ask(self) -> Repeatability:
        """Return which parts of the recorded prediction this process reproduces."""
        if not self.asked:
            self.repeatability = self._repeatability()
            self.asked = True
        return self.repeatability

    def _repeatability(self) -> Repeatability:
        job = replace(
            self._captured.job,
            expected=self._captured.prediction,
            hash_seed=self.hash_seed,
            repeat=False,
            output=None,
            describe=False,
        )
        ended = process.run(job, self._captured.interpreter, timeout=self._timeout)
        return Repeatability.of(ended)
