"""A model in a process of its own, called as if it lived here."""
