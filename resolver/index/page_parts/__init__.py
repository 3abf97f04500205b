"""Parsers for the parts of an index page."""
