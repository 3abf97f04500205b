"""Use a saved model: predict, verify, load, inspect."""
