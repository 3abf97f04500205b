"""Run a captured model once more, to say what of its prediction comes out the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...base.run_variables import HASH_SEED
from ...worker import process
from ...worker.verdict import Repeatability
from .capture import Captured

_ANOTHER_SEED = "1"


def seed_beside(variables: Mapping[str, str]) -> str:
    """Return the seed of hashes of what is compared with a run that had these variables.

    Empty where the user set one.
    """
    return "" if HASH_SEED in variables else _ANOTHER_SEED


class SecondProcess:
    """Another process where the model was captured, which says on what of the prediction it agrees.

    It runs where it is asked, once. The first process and it share nothing but the environment:
    what hangs on the seed of hashes, on addresses or on chance comes out otherwise.
    """

    def __init__(self, captured: Captured, timeout: float) -> None:
        self._captured = captured
        self._timeout = timeout
        self.repeatability = Repeatability()
        self.asked = False

    @property
    def hash_seed(self) -> str:
        """The seed that it has, and that who is compared with it should have.

        With one seed, what hangs on it alone differs from the recorded prediction in both or in
        neither. Empty where the user set one.
        """
        return seed_beside(self._captured.variables)

    def ask(self) -> Repeatability:
        """Return on what it agrees with the recorded prediction."""
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
