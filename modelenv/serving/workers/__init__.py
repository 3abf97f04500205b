"""The processes that serve a model, and their communication with the server."""
