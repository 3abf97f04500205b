"""Errors, arguments, settings and the sibling packages: every other room stands on these."""

VERSION = "0.1.0"
"""Our own version, where it costs nothing to read."""
