"""Commands that look at a saved model, or run it."""
