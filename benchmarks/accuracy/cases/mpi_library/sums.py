from __future__ import annotations


class Sums:
    """Sums over all processes: of one, where nobody started more."""

    def predict(self, values: list[float]) -> list[float]:
        from mpi4py import MPI

        return [MPI.COMM_WORLD.allreduce(value) for value in values]
