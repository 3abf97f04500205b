"""The choice of a Python and of pins for an old model."""
