"""Serve saved models over HTTP: the web server here, the models in their own environments."""
