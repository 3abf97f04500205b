"""The pinned set of a folder: where its files come from, why a pin is there, how it changes."""
