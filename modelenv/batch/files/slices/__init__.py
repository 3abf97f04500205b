"""What is done with a slice of a file: it is read, predicted, and written as parts.

Travels to the Python of an engine: the standard library, the tables of ours, and pyarrow there.
"""
