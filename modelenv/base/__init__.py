"""Errors, argument checks, settings and the sibling packages; every other room builds on these."""

VERSION = "0.5.0"
"""The version of modelenv, readable without importing package metadata."""
