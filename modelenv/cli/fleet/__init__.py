"""``modelenv fleet``: many models at once."""
