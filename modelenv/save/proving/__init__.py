"""Choose the pins by proofs, some of which begin while the model is still being traced."""
