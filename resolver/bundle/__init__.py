"""Installable files: found on indexes, or made from installed distributions."""
