"""Folders and files that are put in place all or nothing."""
