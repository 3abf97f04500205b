"""The imports of a trace in its file format: a short form, with the times in columns."""
