"""Process a slice of a file: read it, predict, and write the parts.

Travels to the Python of an engine: standard library, our tables, and pyarrow there.
"""
