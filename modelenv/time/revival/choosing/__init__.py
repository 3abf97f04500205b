"""Which Python and which pins an old model gets."""
