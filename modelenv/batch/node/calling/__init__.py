"""The interface through which an engine calls a travelled model."""
