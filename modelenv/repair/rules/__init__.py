"""The rules of a diagnosis: each returns one where the failure is its own, else None."""
