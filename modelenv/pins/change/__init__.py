"""Changes of a set of pins that move as few other pins as possible."""
