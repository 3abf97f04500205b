"""Show a model folder as one page: what the model needs and why, and what was proven of it."""
