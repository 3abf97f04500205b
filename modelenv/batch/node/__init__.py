"""Code that runs in an engine's processes: the standard library, and what else travels."""
