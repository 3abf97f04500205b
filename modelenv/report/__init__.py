"""Show a model folder as one HTML page: the model's needs, their reasons, and the proof."""
