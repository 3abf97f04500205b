"""The imports of a trace as its file has them: in a short form, their times apart."""
