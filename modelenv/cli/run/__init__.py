"""Commands that run a saved model."""
