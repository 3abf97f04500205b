"""Processing a slice of a file: it is read, predicted, and written as parts.

Travels to the Python of an engine: standard library, our tables, and pyarrow there.
"""
