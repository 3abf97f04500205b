"""The rules of a diagnosis: each returns one if the failure is its own, else None."""
