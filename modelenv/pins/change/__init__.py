"""Change a set of pins, and move nothing that need not move."""
