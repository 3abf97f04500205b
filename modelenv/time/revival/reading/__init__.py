"""The statements of an old model, read and never changed."""
