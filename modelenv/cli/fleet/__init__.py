"""``modelenv fleet``: operations on many models."""
