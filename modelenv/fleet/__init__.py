"""Many models at once: what is checked of each, and what came of it."""
