"""Installed distributions, their files, and the owner of each file."""
