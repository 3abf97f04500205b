"""The processes that serve a model, and what goes between them and the server."""
