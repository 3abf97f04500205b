"""Exports of a saved model's environment to the formats of other tools, with what these lack."""
